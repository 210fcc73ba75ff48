//! CBOR in, CBOR out, folded with zstd where both sides like. Bounds before anything is read or unfolded.

use std::io::Read;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared_model::envelope::LogHead;
use shared_model::limits;
use shared_model::sync::message::{Refusal, refusal};

use super::fault::Fault;
use crate::store::StoreError;

const CBOR: &str = "application/cbor";
const ZSTD: &str = "zstd";
const ZSTD_LEVEL: i32 = 6;
/// Below this a compressed answer is no smaller.
const FOLD_FROM_BYTES: usize = 200;
/// When to come again after a refusal that is nobody's fault.
pub(super) const RETRY_AFTER_S: u32 = 15;

/// A request refused whole: a status for the road, a code for the device.
#[derive(Debug, Clone)]
pub struct Refused {
    pub status: StatusCode,
    pub refusal: Refusal,
}

impl Refused {
    pub fn of(code: &'static str) -> Self {
        let refusal = Refusal { code: code.to_owned(), held: None, retry_after_s: None, nonce: None };
        Self { status: status_of(code), refusal }
    }

    pub fn nonce_old(fresh: Vec<u8>) -> Self {
        let mut refused = Self::of(refusal::NONCE_OLD);
        refused.refusal.nonce = Some(fresh);
        refused
    }

    pub fn busy(retry_after_s: u32) -> Self {
        let mut refused = Self::of(refusal::BUSY);
        refused.refusal.retry_after_s = Some(retry_after_s);
        refused
    }

    /// As the interface document lists it.
    pub(crate) fn fault(code: &'static str) -> Fault {
        Fault { status: status_of(code).as_u16(), code }
    }

    pub fn holding(mut self, held: LogHead) -> Self {
        self.refusal.held = Some(held);
        self
    }
}

fn status_of(code: &str) -> StatusCode {
    match code {
        refusal::NOT_SIGNED | refusal::NONCE_OLD | refusal::UNKNOWN_DEVICE => StatusCode::UNAUTHORIZED,
        refusal::DEVICE_REVOKED
        | refusal::CODE_UNKNOWN
        | refusal::CODE_EXPIRED
        | refusal::FEED_NOT_YOURS
        | refusal::NOT_A_HUB
        | refusal::NOT_AT_A_HUB => StatusCode::FORBIDDEN,
        refusal::NOT_FOUND => StatusCode::NOT_FOUND,
        refusal::HOLE | refusal::FEED_CHANGED => StatusCode::CONFLICT,
        refusal::TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
        refusal::BUSY => StatusCode::TOO_MANY_REQUESTS,
        refusal::STORE_FULL => StatusCode::INSUFFICIENT_STORAGE,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// Nothing was kept: the device holds what it has and comes again.
impl From<StoreError> for Refused {
    fn from(wrong: StoreError) -> Self {
        tracing::warn!(error = %wrong, "the store did not do its deed");
        let mut refused = Self::busy(RETRY_AFTER_S);
        match wrong {
            StoreError::Busy => {}
            StoreError::Full(_) => {
                refused.status = StatusCode::INSUFFICIENT_STORAGE;
                refused.refusal.code = refusal::STORE_FULL.to_owned();
            }
            StoreError::Unavailable(_) | StoreError::Damaged(_) | StoreError::Closed | StoreError::BadRow => {
                refused.status = StatusCode::SERVICE_UNAVAILABLE;
            }
        }
        refused
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = answer(false, &self.refusal);
        *response.status_mut() = self.status;
        if let Some(seconds) = self.refusal.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(RefusedAs(self.refusal.code));
        response
    }
}

/// Carried beside a refusal so that it can be counted.
#[derive(Debug, Clone)]
pub struct RefusedAs(pub String);

/// The body as it was sent, up to the bound.
pub async fn take_body(request: Request) -> Result<(Parts, Bytes), Refused> {
    let (parts, body) = request.into_parts();
    let announced = parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: usize| bytes > limits::REQUEST_BYTES_MAX) {
        return Err(Refused::of(refusal::TOO_LARGE));
    }
    // A body that stops early and one that does not end look alike from here; the bound is the likelier.
    let bytes = to_bytes(body, limits::REQUEST_BYTES_MAX).await.map_err(|_| Refused::of(refusal::TOO_LARGE))?;
    Ok((parts, bytes))
}

/// Unfolds a compressed body, never past the bound.
pub fn unfold(headers: &HeaderMap, bytes: &[u8]) -> Result<Vec<u8>, Refused> {
    match headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None => Ok(bytes.to_vec()),
        Some(encoding) if encoding == ZSTD.as_bytes() => {
            let malformed = |_| Refused::of(refusal::MALFORMED);
            let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes).map_err(malformed)?;
            decoder.window_log_max(WINDOW_LOG_MAX).map_err(malformed)?;
            let mut unfolded = Vec::new();
            let bound = limits::UNFOLDED_BYTES_MAX as u64 + 1;
            decoder.take(bound).read_to_end(&mut unfolded).map_err(malformed)?;
            if unfolded.len() > limits::UNFOLDED_BYTES_MAX {
                return Err(Refused::of(refusal::TOO_LARGE));
            }
            Ok(unfolded)
        }
        Some(_) => Err(Refused::of(refusal::MALFORMED)),
    }
}

/// Memory a frame may ask for: 8 MiB, eight times what may come out.
const WINDOW_LOG_MAX: u32 = 23;

/// One message and nothing after it.
pub fn read<T: for<'b> minicbor::Decode<'b, ()>>(bytes: &[u8]) -> Result<T, Refused> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let message = decoder.decode().map_err(|_| Refused::of(refusal::MALFORMED))?;
    if decoder.position() == bytes.len() { Ok(message) } else { Err(Refused::of(refusal::MALFORMED)) }
}

pub fn reads_folded(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|encoding| encoding.trim().split(';').next() == Some(ZSTD))
}

/// A message as a response.
pub fn answer(folds: bool, message: &impl minicbor::Encode<()>) -> Response {
    let mut bytes = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = minicbor::encode(message, &mut bytes);
    let folded = if folds && bytes.len() > FOLD_FROM_BYTES {
        zstd::bulk::compress(&bytes, ZSTD_LEVEL).ok().filter(|folded| folded.len() < bytes.len())
    } else {
        None
    };
    let is_folded = folded.is_some();
    let mut response = Response::new(Body::from(folded.unwrap_or(bytes)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(CBOR));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if is_folded {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(ZSTD));
    }
    response
}
