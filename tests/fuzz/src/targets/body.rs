//! What was said: every kind of statement, behind a header that names it rightly.

use shared_model::envelope::{Envelope, EnvelopeError};
use shared_model::limits;
use shared_model::statement::Body;

use super::message::one_of_every_kind;
use crate::Target;
use crate::country::card;
use crate::country::desk::Desk;
use crate::input::Input;
use crate::script::Line;

pub const TARGET: Target = Target { name: "body", run, seeds };

fn run(bytes: &[u8]) {
    let mut input = Input::of(bytes);
    let kind = input.u8();
    let bytes = input.rest();
    let Ok(body) = Body::from_cbor(u16::from(kind), bytes) else {
        let line = Line { who: 0, about: 0, clock: 0, kind, body: bytes.to_vec() };
        let opened = line.envelope(&[], card).open();
        assert!(matches!(opened, Err(EnvelopeError::Body(_) | EnvelopeError::TooLarge)), "{opened:?}");
        return;
    };
    assert!(bytes.len() <= limits::BODY_BYTES_MAX && body.statement.within_limits());
    let written = body.to_cbor();
    let again = Body::from_cbor(u16::from(kind), &written);
    assert_eq!(again.as_ref(), Ok(&body), "read, written and read again");
    assert_eq!(again.unwrap().to_cbor(), written);
    // What can be read can be said here too, and is then the same statement.
    let header = Desk::new(1).header(Line { who: 0, about: 0, clock: 0, kind, body: Vec::new() }.subject(card));
    match Envelope::compose(header, &body) {
        Ok(envelope) => assert_eq!(envelope.open().unwrap().body, body),
        Err(wrong) => assert!(written.len() > limits::BODY_BYTES_MAX, "{wrong}"),
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let (_, said) = one_of_every_kind();
    let of = |one: &shared_model::envelope::Said| {
        [&[u8::try_from(one.header.kind).unwrap_or(200)][..], &one.body.to_cbor()].concat()
    };
    said.iter().map(of).collect()
}
