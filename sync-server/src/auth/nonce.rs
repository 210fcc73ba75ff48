//! Nonces that need no memory: an end of life and a keyed hash over it and the device.

use shared_model::ids::DeviceId;
use shared_model::limits;
use shared_model::time::Moment;

use super::{is_keyed_hash, keyed_hash};

const DOMAIN: &[u8] = b"so-tiem/nonce/1\0";
const HASH_BYTES: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NonceWrong {
    /// Made here for this device, too long ago.
    Old,
    /// Not made here, or for another device.
    Foreign,
}

pub fn make(secret: &[u8; 32], device: DeviceId, now: Moment) -> Vec<u8> {
    let until = now.plus_ms(limits::NONCE_LIFE_MS).0.to_be_bytes();
    let hash = keyed_hash(secret, DOMAIN, &[device.as_bytes(), &until]);
    [until.as_slice(), &hash].concat()
}

pub fn check(secret: &[u8; 32], device: DeviceId, nonce: &[u8], now: Moment) -> Result<(), NonceWrong> {
    let Some((until, hash)) = nonce.split_first_chunk::<8>() else { return Err(NonceWrong::Foreign) };
    if hash.len() != HASH_BYTES || !is_keyed_hash(secret, DOMAIN, &[device.as_bytes(), until], hash) {
        return Err(NonceWrong::Foreign);
    }
    if Moment(i64::from_be_bytes(*until)) < now { Err(NonceWrong::Old) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_for_one_device_and_runs_out() {
        let (secret, device, now) = ([7; 32], DeviceId([1; 16]), Moment(1_000_000));
        let nonce = make(&secret, device, now);
        assert_eq!(check(&secret, device, &nonce, now), Ok(()));
        assert_eq!(check(&secret, DeviceId([2; 16]), &nonce, now), Err(NonceWrong::Foreign));
        assert_eq!(check(&[8; 32], device, &nonce, now), Err(NonceWrong::Foreign));
        assert_eq!(check(&secret, device, &nonce[1..], now), Err(NonceWrong::Foreign));
        assert_eq!(check(&secret, device, &[], now), Err(NonceWrong::Foreign));
        let later = now.plus_ms(limits::NONCE_LIFE_MS + 1);
        assert_eq!(check(&secret, device, &nonce, later), Err(NonceWrong::Old));
    }
}
