//! How a device signs what it asks: the road may be anybody's, the question is its own.
//!
//! The header reads `authorization: SoTiem device="<hex>", nonce="<hex>", signature="<hex>"`.
//! The nonce comes from the server and runs out, so that an old question can't be asked again.

/// The scheme of the `authorization` header.
pub const SCHEME: &str = "SoTiem";

pub const DOMAIN: &[u8] = b"so-tiem/request/1\0";

/// What the device key signs under [`DOMAIN`]: the path, the nonce, and the body exactly as it is sent.
pub fn signed_content(path: &str, nonce: &[u8], body_sha256: &[u8; 32]) -> Vec<u8> {
    [path.as_bytes(), &[0], nonce, body_sha256].concat()
}
