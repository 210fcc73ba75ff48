//! A device is whoever holds its key: every request is signed over its path, a nonce and its body.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use shared_model::envelope::{Signature, verify_signature};
use shared_model::ids::{DeviceId, from_hex};
use shared_model::sync::message::refusal;
use shared_model::sync::request;

use super::nonce::{self, NonceWrong};
use crate::http::wire::{self, Refused};
use crate::office::Office;
use crate::store::rows::DeviceRow;

/// An enrolled device and what it asks.
pub struct Caller {
    pub device: DeviceRow,
    /// It reads compressed answers.
    pub folds: bool,
}

/// What the `authorization` header says, not believed yet.
struct Claim {
    device: DeviceId,
    nonce: Vec<u8>,
    signature: Signature,
}

/// Lets a request in once its signature holds. Only then is its body unfolded.
pub async fn admit(office: &Office, request: Request) -> Result<(Caller, Request), Refused> {
    let (parts, raw) = wire::take_body(request).await?;
    let claim = read_claim(&parts.headers).ok_or(Refused::of(refusal::NOT_SIGNED))?;
    let now = office.now();
    nonce::check(&office.keys.secret, claim.device, &claim.nonce, now).map_err(|wrong| match wrong {
        NonceWrong::Old => Refused::nonce_old(nonce::make(&office.keys.secret, claim.device, now)),
        NonceWrong::Foreign => Refused::of(refusal::NOT_SIGNED),
    })?;
    let device = known(office, claim.device).await?;
    let sha256: [u8; 32] = Sha256::digest(&raw).into();
    let content = request::signed_content(parts.uri.path(), &claim.nonce, &sha256);
    if !verify_signature(device.key, request::DOMAIN, &content, claim.signature) {
        return Err(Refused::of(refusal::NOT_SIGNED));
    }
    let body = wire::unfold(&parts.headers, &raw)?;
    let folds = wire::reads_folded(&parts.headers);
    Ok((Caller { device, folds }, Request::from_parts(parts, Body::from(body))))
}

/// A device of this campaign that nobody took back.
pub async fn known(office: &Office, device: DeviceId) -> Result<DeviceRow, Refused> {
    let device = office.store.device(device).await?.ok_or(Refused::of(refusal::UNKNOWN_DEVICE))?;
    // The console speaks from inside; its key opens no door.
    if device.is_console {
        return Err(Refused::of(refusal::UNKNOWN_DEVICE));
    }
    if device.revoked_at.is_some() {
        return Err(Refused::of(refusal::DEVICE_REVOKED));
    }
    Ok(device)
}

/// Reads `SoTiem device="…", nonce="…", signature="…"`, in any order, each once.
fn read_claim(headers: &HeaderMap) -> Option<Claim> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let fields = text.strip_prefix(request::SCHEME)?.strip_prefix(' ')?;
    let (mut device, mut nonce, mut signature) = (None, None, None);
    for field in fields.split(',') {
        let (name, value) = field.trim().split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        let slot = match name {
            "device" => &mut device,
            "nonce" => &mut nonce,
            "signature" => &mut signature,
            _ => return None,
        };
        if slot.replace(value).is_some() {
            return None;
        }
    }
    Some(Claim {
        device: DeviceId::parse(device?).ok()?,
        nonce: from_hex::<40>(nonce?).ok()?.to_vec(),
        signature: Signature(from_hex::<64>(signature?).ok()?),
    })
}
