//! One-time enrolment codes: short enough to be typed, long enough not to be guessed in a day.

use shared_model::limits;
use shared_model::time::Moment;

use super::keyed_hash;
use crate::edge::{self, Edge, NoDice};
use crate::store::rows::CodeRow;

/// Crockford's alphabet: no letter that looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const DOMAIN: &[u8] = b"so-tiem/enrolment-code/1\0";

/// Eight signs, forty bits, written as two groups of four.
pub fn draw(edge: &dyn Edge) -> Result<String, NoDice> {
    let bytes: [u8; 8] = edge::draw(edge)?;
    let signs: Vec<char> = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    Ok(signs.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// What is kept of a code. Keyed, so that a stolen table can't be run through.
pub fn hash(secret: &[u8; 32], code: &str) -> [u8; 32] {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    keyed_hash(secret, DOMAIN, &[plain.as_bytes()])
}

pub fn row(secret: &[u8; 32], code: &str, site: String, area: String, now: Moment) -> CodeRow {
    let expires_at = now.plus_ms(limits::ENROLMENT_CODE_LIFE_MS);
    CodeRow { hash: hash(secret, code), site, area, expires_at, used_by: None, hub_areas: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let secret = [3; 32];
        assert_eq!(hash(&secret, "DEMO-0001"), hash(&secret, " demo 0001"));
        assert_ne!(hash(&secret, "DEMO-0001"), hash(&secret, "DEMO-0002"));
    }
}
