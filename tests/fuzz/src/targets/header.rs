//! The outside of an envelope: one encoding, and only that one, is read.

use shared_model::envelope::{Authority, Envelope, Header, WireEnvelope};
use shared_model::ids::{AuthorId, BodyHash, DeviceId, RulesId};
use shared_model::time::{ClockEvidence, Hlc};

use super::message::one_of_every_kind;
use crate::Target;
use crate::country::{card, cbor};
use crate::input::Input;
use crate::script::Line;

pub const TARGET: Target = Target { name: "header", run, seeds };

/// Bytes as they are, or a header of any fields.
fn run(bytes: &[u8]) {
    let mut input = Input::of(bytes);
    if input.u8().is_multiple_of(2) {
        let bytes = input.rest();
        if let Ok(header) = Header::from_cbor(bytes) {
            assert_eq!(header.to_cbor(), bytes, "two encodings of one header");
        }
        travels(bytes, None);
    } else {
        let header = any_header(&mut input);
        let bytes = header.to_cbor();
        assert_eq!(Header::from_cbor(&bytes), Ok(header));
        travels(&bytes, Some(input.rest()));
    }
}

fn any_header(input: &mut Input<'_>) -> Header {
    let about = Line { who: 0, about: input.u8(), clock: 0, kind: 0, body: Vec::new() };
    let some = input.u8();
    Header {
        kind: input.u16(),
        subject: about.subject(card),
        author: AuthorId(input.array()),
        device: DeviceId(input.array()),
        hlc: Hlc(input.u64()),
        evidence: ClockEvidence {
            offset_ms: (some & 1 > 0).then(|| i64::from_le_bytes(input.array())),
            contact_age_s: (some & 2 > 0).then(|| input.u64()),
            went_backwards: some & 4 > 0,
        },
        rules: RulesId(input.array()),
        authority: [Authority::Team, Authority::District, Authority::National][usize::from(some / 8 % 3)],
        body_bytes: u32::from_le_bytes(input.array()),
        body_hash: BodyHash(input.array()),
    }
}

/// Whatever is in it, an envelope comes out of the wire as it went in.
fn travels(header: &[u8], body: Option<&[u8]>) {
    let envelope = Envelope { header: header.to_vec(), body: body.map(<[u8]>::to_vec) };
    let _ = envelope.open();
    let wire: WireEnvelope = minicbor::decode(&cbor(&WireEnvelope::from(envelope.clone()))).unwrap();
    assert_eq!(Envelope::from(wire), envelope);
}

fn seeds() -> Vec<Vec<u8>> {
    let (desk, _) = one_of_every_kind();
    let mut seeds: Vec<Vec<u8>> = desk.log.iter().map(|entry| [&[0][..], &entry.envelope.header].concat()).collect();
    seeds.push((0..160).map(|n| n | 1).collect());
    seeds
}
