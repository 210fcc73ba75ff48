//! Puts messages into parcels and takes answers out: CBOR, zstd, and the device's signature on every request.

use std::io::Read;

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};
use shared_model::certificate::Signed;
use shared_model::envelope::sign;
use shared_model::ids::{DeviceId, to_hex};
use shared_model::limits;
use shared_model::sync::Trouble;
use shared_model::sync::message::{Greet, Greeted, PROTOCOL, Refusal, refusal};
use shared_model::sync::request;

use crate::road::{Parcel, Reply, Road, RoadError};

/// Fast, and within a few per cent of the best for bodies of this size.
const ZSTD_LEVEL: i32 = 3;

pub struct Courier<'a> {
    road: &'a mut dyn Road,
    device: DeviceId,
    key: SigningKey,
    nonce: Option<Vec<u8>>,
}

impl<'a> Courier<'a> {
    pub fn new(road: &'a mut dyn Road, device: DeviceId, key: SigningKey) -> Self {
        Self { road, device, key, nonce: None }
    }

    /// Fetches a nonce to sign with, and what the server shows of itself: a hub's certificate, or nothing where it is
    /// the nation.
    pub fn meet(&mut self) -> Result<Option<Signed>, Trouble> {
        let Greeted { nonce, hub, .. } = self.greet()?;
        self.nonce = Some(nonce);
        Ok(hub)
    }

    /// Asks without a signature: before enrolment, and for a nonce.
    pub fn ask_unsigned<A>(&mut self, path: &str, question: &impl Encode<()>) -> Result<A, Trouble>
    where
        A: for<'b> Decode<'b, ()>,
    {
        let body = fold(&to_cbor(question))?;
        let reply = self.carry(path, Some(body), Vec::new())?;
        read(&reply)
    }

    /// Asks as this device; fetches a nonce first where there is none, and once more where it has run out.
    pub fn ask<A>(&mut self, path: &str, question: &impl Encode<()>) -> Result<A, Trouble>
    where
        A: for<'b> Decode<'b, ()>,
    {
        let reply = self.carry_signed(path, Some(fold(&to_cbor(question))?), Vec::new())?;
        read(&reply)
    }

    /// Fetches part of a file as this device. A page that somebody on the road sends says 200; a part never does.
    pub fn fetch(&mut self, path: &str, from: u64, to: u64) -> Result<Vec<u8>, Trouble> {
        let reply = self.carry_signed(path, None, vec![("range", format!("bytes={from}-{to}"))])?;
        if reply.status == 206 { Ok(reply.body) } else { Err(refused(&reply)) }
    }

    fn carry_signed(
        &mut self,
        path: &str,
        body: Option<Vec<u8>>,
        headers: Vec<(&'static str, String)>,
    ) -> Result<Reply, Trouble> {
        for again in [true, false] {
            let nonce = match self.nonce.take() {
                Some(nonce) => nonce,
                None => self.greet()?.nonce,
            };
            let mut signed = headers.clone();
            signed.push(("authorization", self.authorization(path, &nonce, body.as_deref().unwrap_or_default())));
            let reply = self.carry(path, body.clone(), signed)?;
            if again && reply.status == 401 && is_old_nonce(&reply) {
                continue;
            }
            self.nonce = Some(nonce);
            return Ok(reply);
        }
        Err(Trouble::BadAnswer)
    }

    fn greet(&mut self) -> Result<Greeted, Trouble> {
        self.ask_unsigned("/device/greet", &Greet { device: self.device, protocol: PROTOCOL })
    }

    fn authorization(&self, path: &str, nonce: &[u8], body: &[u8]) -> String {
        let content = request::signed_content(path, nonce, &Sha256::digest(body).into());
        let signature = sign(&self.key, request::DOMAIN, &content);
        format!(
            "SoTiem device=\"{}\", nonce=\"{}\", signature=\"{}\"",
            self.device,
            to_hex(nonce),
            to_hex(&signature.0)
        )
    }

    fn carry(
        &mut self,
        path: &str,
        body: Option<Vec<u8>>,
        mut headers: Vec<(&'static str, String)>,
    ) -> Result<Reply, Trouble> {
        if body.is_some() {
            headers.push(("content-type", "application/cbor".to_owned()));
            headers.push(("content-encoding", "zstd".to_owned()));
        }
        headers.push(("accept-encoding", "zstd".to_owned()));
        let parcel = Parcel { path: path.to_owned(), body, headers };
        let mut reply = self.road.carry(&parcel).map_err(|error| match error {
            RoadError::NoNetwork | RoadError::BadAddress => Trouble::NoNetwork,
            RoadError::NotTrusted => Trouble::NotGenuine,
            RoadError::TooLarge => Trouble::BadAnswer,
        })?;
        if reply.zstd {
            reply.body = unfold(&reply.body)?;
            reply.zstd = false;
        }
        Ok(reply)
    }
}

fn is_old_nonce(reply: &Reply) -> bool {
    minicbor::decode::<Refusal>(&reply.body).is_ok_and(|why| why.code == refusal::NONCE_OLD)
}

fn read<A: for<'b> Decode<'b, ()>>(reply: &Reply) -> Result<A, Trouble> {
    if (200..300).contains(&reply.status) {
        // A login page says 200 as well. Ours is CBOR, which begins with an array and never with a "<".
        minicbor::decode(&reply.body)
            .map_err(|_| if is_cbor(&reply.body) { Trouble::BadAnswer } else { Trouble::NoNetwork })
    } else {
        Err(refused(reply))
    }
}

/// What is no refusal of ours is somebody else's page: a hotel's login, a proxy's error.
fn refused(reply: &Reply) -> Trouble {
    match minicbor::decode::<Refusal>(&reply.body) {
        Ok(Refusal { code, held, retry_after_s, .. }) => Trouble::Refused { code, held, retry_after_s },
        Err(_) => Trouble::NoNetwork,
    }
}

/// Whether the whole of it is one CBOR array, whatever is in it.
fn is_cbor(body: &[u8]) -> bool {
    let mut decoder = minicbor::Decoder::new(body);
    matches!(decoder.datatype(), Ok(minicbor::data::Type::Array))
        && decoder.skip().is_ok()
        && decoder.position() == body.len()
}

fn to_cbor(value: &impl Encode<()>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = minicbor::encode(value, &mut bytes);
    bytes
}

fn fold(bytes: &[u8]) -> Result<Vec<u8>, Trouble> {
    zstd::encode_all(bytes, ZSTD_LEVEL).map_err(|_| Trouble::Store)
}

/// Stops at the cap: a few bytes can claim to be gigabytes.
fn unfold(bytes: &[u8]) -> Result<Vec<u8>, Trouble> {
    let most = limits::UNFOLDED_BYTES_MAX;
    let mut unfolded = Vec::new();
    zstd::Decoder::new(bytes)
        .and_then(|decoder| decoder.take(most as u64 + 1).read_to_end(&mut unfolded))
        .map_err(|_| Trouble::BadAnswer)?;
    if unfolded.len() > most { Err(Trouble::BadAnswer) } else { Ok(unfolded) }
}
