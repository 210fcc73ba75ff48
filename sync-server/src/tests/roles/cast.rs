//! The roles, each with what it can show at a door.

use axum::http::header;
use axum::http::request::Builder;
use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};
use shared_model::envelope::sign;
use shared_model::ids::{DeviceId, to_hex};
use shared_model::sync::request;

use super::country::{Country, HUB};
use super::table::COLUMNS;
use crate::auth::nonce;
use crate::tests::nation::Nation;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cast {
    Nobody,
    Garbage,
    Expired,
    Ended,
    Replaced,
    Viewer,
    Admin,
    Stranger,
    Forged,
    Foreign,
    Revoked,
    Console,
    Own,
    Sister,
    Neighbour,
    Hub,
}

impl Cast {
    pub(super) const ALL: [Self; 16] = [
        Self::Nobody,
        Self::Garbage,
        Self::Expired,
        Self::Ended,
        Self::Replaced,
        Self::Viewer,
        Self::Admin,
        Self::Stranger,
        Self::Forged,
        Self::Foreign,
        Self::Revoked,
        Self::Console,
        Self::Own,
        Self::Sister,
        Self::Neighbour,
        Self::Hub,
    ];

    fn cookie(self, country: &Country) -> Option<String> {
        let cookies = &country.cookies;
        match self {
            Self::Garbage => Some(format!("so-tiem={}", "5a".repeat(32))),
            Self::Expired => Some(cookies.expired.clone()),
            Self::Ended => Some(cookies.ended.clone()),
            Self::Replaced => Some(cookies.replaced.clone()),
            Self::Viewer => Some(cookies.viewer.clone()),
            Self::Admin => Some(cookies.admin.clone()),
            _ => None,
        }
    }

    /// Whose name is signed, with which key, and whether the nonce is of this server.
    fn signs_as(self, country: &Country, nation: &Nation) -> Option<(DeviceId, SigningKey, bool)> {
        let as_laptop = |n: u8| (DeviceId([n; 16]), SigningKey::from_bytes(&[n; 32]));
        let of_this_server = |(device, key)| Some((device, key, true));
        match self {
            Self::Stranger => of_this_server(as_laptop(90)),
            Self::Forged => of_this_server((country.own.device, SigningKey::from_bytes(&[91; 32]))),
            Self::Foreign => Some((DeviceId([92; 16]), SigningKey::from_bytes(&[92; 32]), false)),
            Self::Revoked => of_this_server(as_laptop(country.revoked.device.0[0])),
            Self::Console => {
                let keys = &nation.server.office.keys;
                of_this_server((keys.console_device(), keys.console.clone()))
            }
            Self::Own => of_this_server((country.own.device, country.own.key.clone())),
            Self::Sister => of_this_server((country.sister.device, country.sister.key.clone())),
            Self::Neighbour => of_this_server((country.neighbour.device, country.neighbour.key.clone())),
            Self::Hub => of_this_server(as_laptop(HUB)),
            _ => None,
        }
    }

    /// Shows at the door whatever this role has.
    pub(super) fn shows(
        self,
        country: &Country,
        nation: &Nation,
        path: &str,
        body: &[u8],
        request: Builder,
    ) -> Builder {
        let mut request = request;
        if let Some(cookie) = self.cookie(country) {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some((device, key, of_this_server)) = self.signs_as(country, nation) {
            // Nonces are asked for by name, and some of these names get none: each is given the best there could be.
            let secret = if of_this_server { *nation.server.office.keys.secret } else { [92; 32] };
            let nonce = nonce::make(&secret, device, nation.now());
            let sha256: [u8; 32] = Sha256::digest(body).into();
            let signature = sign(&key, request::DOMAIN, &request::signed_content(path, &nonce, &sha256));
            let (nonce, signature) = (to_hex(&nonce), to_hex(&signature.0));
            let shown = format!("SoTiem device=\"{device}\", nonce=\"{nonce}\", signature=\"{signature}\"");
            request = request.header(header::AUTHORIZATION, shown);
        }
        request
    }
}

#[test]
fn the_columns_of_the_table_are_the_cast() {
    let names: Vec<_> = Cast::ALL.iter().map(|cast| format!("{cast:?}").to_lowercase()).collect();
    assert_eq!(names.join(" "), COLUMNS);
}
