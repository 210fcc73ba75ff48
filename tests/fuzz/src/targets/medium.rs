//! A stick as it lies on its medium: segments, what seals them, and the frames in them.

use shared_model::sync::bundle::{SEGMENT_MAGIC, segment};
use stick::{Identity, Reading, Recipients, Unread};

use super::frame;
use crate::Target;
use crate::country::campaign_public;
use crate::input::{Input, sized};

pub const TARGET: Target = Target { name: "medium", run, seeds };

/// A key of the tests of age.
const KEY: &str = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";

fn identity() -> Identity {
    Identity::parse(KEY).unwrap()
}

fn sealed(plain: &[u8]) -> Vec<u8> {
    Recipients::parse([identity().recipient().as_str()]).unwrap().seal(plain).unwrap()
}

/// Bytes as they are; segments that say of any bytes that they are sealed; or any bytes, sealed to this reader.
fn run(bytes: &[u8]) {
    let mut input = Input::of(bytes);
    let medium = match input.u8() % 3 {
        0 => input.rest().to_vec(),
        how => {
            let mut medium = Vec::new();
            while !input.is_empty() {
                let bent = input.u8();
                let content = input.sized();
                let mut bytes = if how == 1 { content.to_vec() } else { sealed(content) };
                if bent > 200 {
                    input.bend(&mut bytes);
                }
                medium.extend(segment(campaign_public(), &bytes).unwrap());
            }
            medium
        }
    };
    let identity = identity();
    let mut reading = Reading::of(medium.as_slice(), &identity, campaign_public());
    let mut found = 0;
    while reading.next().is_some() {
        found += 1;
    }
    let through = reading.finish();
    assert_eq!(through.bytes, medium.len() as u64);
    assert!(found == 0 || through.unread().is_none(), "what was read is not unread");
    if !medium.windows(SEGMENT_MAGIC.len()).any(|window| window == SEGMENT_MAGIC) {
        assert_eq!(through.unread(), Some(Unread::NotAStick));
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let frames = frame::frames();
    let age = b"age-encryption.org/v1\n-> X25519 CWbgxcRwQOcoWCpMbGSnVJHUDMFDqGNqWsLKYbG3Zzg\n\
                D5ZYPUpfyWXwJ3sNfzmVfNZqSZmTB6bB4kWYkrT0/uY\n--- Vq6tHzn2+TbKhUQSWQVYNkdzXeRa+xZJYZ2oGXqAkRk\n0123456789abcdef";
    vec![
        [&[0][..], &segment(campaign_public(), &sealed(&frames)).unwrap()].concat(),
        [&[0][..], b"\xff\xd8\xff\xe0 a photo"].concat(),
        [&[1, 0][..], &sized(age), &[0], &sized(b"")].concat(),
        [&[1, 0][..], &sized(b"age-encryption.org/v1\n-> scrypt bBjlhJVYZeE4aqUdmtRHfw 40\nabc\n--- \n")].concat(),
        [&[2, 0][..], &sized(&frames), &[255], &sized(b"no frame"), &[2, 3, 0, 9, 40, 0, 7]].concat(),
    ]
}
