//! SHA-256 with a domain before every input, so that no hash can be passed off as another kind.

use sha2::{Digest, Sha256};

pub(crate) const STATEMENT: &[u8] = b"so-tiem/statement/1\0";
pub(crate) const BODY: &[u8] = b"so-tiem/body/1\0";
pub(crate) const LOG: &[u8] = b"so-tiem/log/1\0";
pub(crate) const CHAIN: &[u8] = b"so-tiem/chain/1\0";
pub(crate) const CASE: &[u8] = b"so-tiem/case/1\0";
pub(crate) const RULES: &[u8] = b"so-tiem/rules/1\0";
pub(crate) const ROOT: &[u8] = b"so-tiem/root/1\0";
pub(crate) const PRIOR: &[u8] = b"so-tiem/prior/1\0";
pub(crate) const FEED: &[u8] = b"so-tiem/feed/1\0";
pub(crate) const FEED_LOG: &[u8] = b"so-tiem/feed-log/1\0";
pub(crate) const FRAME: &[u8] = b"so-tiem/frame/1\0";
pub(crate) const SEGMENT: &[u8] = b"so-tiem/segment/1\0";
pub(crate) const CAMPAIGN: &[u8] = b"so-tiem/campaign/1\0";
pub(crate) const SPOKEN: &[u8] = b"so-tiem/spoken/1\0";

pub(crate) fn sha256(domain: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(domain);
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}
