use minicbor::{Decode, Encode};
use shared_model::certificate::{DeviceCertificate, Signed};
use shared_model::dose::DoseField;
use shared_model::envelope::{Envelope, Header, LogHead, PublicKey, Seal, Signature, WireEnvelope, verify_signature};
use shared_model::ids::BodyHash;
use shared_model::statement::{Body, CitizenEdited, DoseAmended, Linked, Settled, Statement, Subject, Withdrawn, kind};

use super::Door;
use crate::bytes::one_of_every_kind;
use crate::country::people::{a_whole_form, dose_of};
use crate::country::{campaign, campaign_public, card, cbor, device, morning, session};

/// A door for anything that is CBOR and nothing more.
pub fn word<T: Encode<()> + for<'b> Decode<'b, ()> + 'static>(name: &str, honest: impl IntoIterator<Item = T>) -> Door {
    let honest: Vec<_> = honest.into_iter().map(|word| cbor(&word)).collect();
    Door::new(name, honest, |bytes| minicbor::decode::<T>(bytes).is_ok())
}

pub fn doors() -> Vec<Door> {
    let (desk, said) = one_of_every_kind();
    let envelopes: Vec<Envelope> = desk.log.iter().map(|entry| entry.envelope.clone()).collect();
    let headers: Vec<Vec<u8>> = envelopes.iter().map(|envelope| envelope.header.clone()).collect();
    let seal = desk.seals[0];
    let signed = Signed::make(&desk.certificate(), &campaign());
    let mut doors = vec![
        Door::new("Header::from_cbor", headers[..3].to_vec(), |bytes| Header::from_cbor(bytes).is_ok()),
        opened_by_its_header(&envelopes[0]),
        Door::new("WireEnvelope", wires(&envelopes[0]), |bytes| {
            minicbor::decode::<WireEnvelope>(bytes).is_ok_and(|wire| Envelope::from(wire).open_header().is_ok())
        }),
        Door::new("Seal", [cbor(&seal)], move |bytes| {
            minicbor::decode::<Seal>(bytes).is_ok_and(|read| read.is_by_device(PublicKey::of(&desk.key)))
        }),
        Door::new("PublicKey", [cbor(&campaign_public())], move |bytes| {
            let key = minicbor::decode::<PublicKey>(bytes);
            key.is_ok_and(|key| verify_signature(key, b"", b"", Signature([7; 64])) || key == campaign_public())
        }),
        Door::new("Signed", [cbor(&signed)], |bytes| {
            minicbor::decode::<Signed>(bytes)
                .is_ok_and(|signed| signed.open::<DeviceCertificate>(campaign_public()).is_ok())
        }),
        word("LogHead", [LogHead { seq: 7, chain: seal.chain }]),
        word("Subject", [Subject::Citizen(card(0)), Subject::Device(device(1)), Subject::Session(session())]),
        word("RegisterValue", a_whole_form()),
        word("DoseField", [DoseField::GivenAt(morning().0)]),
        word("DoseGiven", [dose_of("pfizer", "FK9412", 1, morning())]),
    ];
    for said in &said {
        let kind = said.header.kind;
        let body = said.body.to_cbor();
        doors.push(Door::new(format!("Body::from_cbor, kind {kind}"), [body.clone()], move |bytes| {
            Body::from_cbor(kind, bytes).is_ok()
        }));
        let header = said.header.clone();
        // With a header for each body that comes, no hash stands in a stranger's way.
        doors.push(Door::new(format!("Envelope::open, kind {kind}"), [body], move |bytes| {
            let body_bytes = u32::try_from(bytes.len()).unwrap();
            let header = Header { body_bytes, body_hash: BodyHash::of(bytes), ..header.clone() };
            Envelope { header: header.to_cbor(), body: Some(bytes.to_vec()) }.open().is_ok()
        }));
        doors.push(statement(&said.body.statement));
    }
    doors
}

fn opened_by_its_header(envelope: &Envelope) -> Door {
    let body = envelope.body.clone();
    Door::new("Envelope::open, by its header", [envelope.header.clone()], move |bytes| {
        Envelope { header: bytes.to_vec(), body: body.clone() }.open().is_ok()
    })
}

/// With the hash left out, with it, and without the body.
fn wires(envelope: &Envelope) -> Vec<Vec<u8>> {
    let Envelope { header, body } = envelope.clone();
    let whole = WireEnvelope { header: header.clone(), body, hash_left_out: false };
    let erased = WireEnvelope { header, body: None, hash_left_out: false };
    [envelope.clone().into(), whole, erased].iter().map(cbor).collect()
}

fn statement(statement: &Statement) -> Door {
    match statement.clone() {
        Statement::CitizenEdited(edited) => word::<CitizenEdited>("CitizenEdited", [edited]),
        Statement::DoseGiven(given) => word("DoseGiven", [given]),
        Statement::DoseAmended(amended) => word::<DoseAmended>("DoseAmended", [amended]),
        Statement::Withdrawn(withdrawn) => word::<Withdrawn>("Withdrawn", [withdrawn]),
        Statement::Linked(linked) => word::<Linked>("Linked", [linked]),
        Statement::Settled(settled) => word::<Settled>("Settled", [settled]),
        Statement::Unknown { kind, cbor } => {
            let body =
                Body { salt: [7; 8], statement: Statement::Unknown { kind, cbor }, seen: vec![], based_on: vec![] };
            Door::new("Unknown", [body.to_cbor()], move |bytes| Body::from_cbor(kind, bytes).is_ok())
        }
    }
}

#[test]
fn there_is_a_door_for_every_kind_of_statement() {
    let (_, said) = one_of_every_kind();
    for number in
        [kind::CITIZEN_EDITED, kind::DOSE_GIVEN, kind::DOSE_AMENDED, kind::WITHDRAWN, kind::LINKED, kind::SETTLED]
    {
        assert!(said.iter().any(|said| said.header.kind == number), "{number}");
    }
}
