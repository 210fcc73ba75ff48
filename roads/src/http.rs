//! HTTP and HTTPS as a road. A bad line must cost little: short timeouts, small bodies, no redirects.

use std::io::Read;
use std::time::Duration;

use ureq::Agent;
use ureq::config::Config;
use ureq::tls::{RootCerts, TlsConfig};

use crate::road::{Parcel, Reply, Road, RoadError};
use shared_model::limits;

const CONNECT: Duration = Duration::from_secs(10);
/// 256 KiB take 40 s on the worst 2G line.
const WHOLE: Duration = Duration::from_secs(60);

pub struct Http {
    agent: Agent,
    base: String,
}

impl Http {
    /// `base` is the server's address, such as `https://tiem.example.vn`.
    pub fn to(base: &str) -> Result<Self, RoadError> {
        Self::with_patience(base, CONNECT, WHOLE)
    }

    /// As [`Http::to`], giving up sooner or later: on a connection that does not come about after `connect`, on an
    /// exchange after `whole`.
    pub fn with_patience(base: &str, connect: Duration, whole: Duration) -> Result<Self, RoadError> {
        let base = base.trim().trim_end_matches('/').to_owned();
        if !(base.starts_with("https://") || base.starts_with("http://")) || base.len() > 200 {
            return Err(RoadError::BadAddress);
        }
        // Whoever was first has chosen the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let config = Config::builder()
            .tls_config(tls)
            .timeout_connect(Some(connect))
            .timeout_global(Some(whole))
            .max_redirects(0)
            .http_status_as_error(false)
            .build();
        Ok(Self { agent: Agent::new_with_config(config), base })
    }
}

impl Road for Http {
    fn carry(&mut self, parcel: &Parcel) -> Result<Reply, RoadError> {
        let url = format!("{}{}", self.base, parcel.path);
        let response = match &parcel.body {
            Some(body) => {
                let mut request = self.agent.post(&url);
                for (name, value) in &parcel.headers {
                    request = request.header(*name, value);
                }
                request.send(body.as_slice())
            }
            None => {
                let mut request = self.agent.get(&url);
                for (name, value) in &parcel.headers {
                    request = request.header(*name, value);
                }
                request.call()
            }
        };
        let mut response = response.map_err(|error| road_error(&error))?;
        let zstd = response.headers().get("content-encoding").is_some_and(|value| value == "zstd");
        let status = response.status().as_u16();
        let most = limits::UNFOLDED_BYTES_MAX;
        let mut body = Vec::new();
        response
            .body_mut()
            .as_reader()
            .take(most as u64 + 1)
            .read_to_end(&mut body)
            .map_err(|_| RoadError::NoNetwork)?;
        if body.len() > most { Err(RoadError::TooLarge) } else { Ok(Reply { status, zstd, body }) }
    }
}

fn road_error(error: &ureq::Error) -> RoadError {
    match error {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => RoadError::BadAddress,
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => RoadError::NotTrusted,
        // A certificate that does not hold comes wrapped in the error of the stream.
        ureq::Error::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
            RoadError::NotTrusted
        }
        ureq::Error::BodyExceedsLimit(_) => RoadError::TooLarge,
        _ => RoadError::NoNetwork,
    }
}
