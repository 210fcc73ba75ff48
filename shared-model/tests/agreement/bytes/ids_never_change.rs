use shared_model::citizen::{NationalId, Register};
use shared_model::conflict::{Conflict, ConflictKind};
use shared_model::ids::{CitizenId, StatementId};
use shared_model::record::{document_key, dose_key};
use shared_model::scanned::OwnCode;

use super::Sheet;
use crate::country::{campaign_key, card, cbor};

#[test]
fn a_scanned_card_names_its_citizen_for_ever() {
    let mut sheet = Sheet::default();
    for number in ["079190123456", "001202000001", "089202017098"] {
        let id = CitizenId::of_scanned_card(&campaign_key(), &NationalId::parse(number).unwrap());
        sheet.line(number, id.0);
        sheet.word("own code", &OwnCode::print(id));
    }
    sheet.word("own code of zeros", &OwnCode::print(CitizenId([0; 16])));
    sheet.word("own code of ones", &OwnCode::print(CitizenId([0xff; 16])));
    insta::assert_snapshot!(sheet.text);
}

#[test]
fn a_case_of_every_kind_has_its_id_for_ever() {
    let statements = [StatementId([1; 32]), StatementId([2; 32])];
    let mut sheet = Sheet::default();
    for kind in ConflictKind::KNOWN.into_iter().chain([ConflictKind::Other(77)]) {
        let conflict = Conflict::new(kind, statements, [card(0), card(1)], None);
        sheet.line(&format!("{} {}", kind.number(), kind.code()), conflict.id.0);
        sheet.line("in a settlement", cbor(&kind));
    }
    let keyed = |key: &str| Conflict::new(ConflictKind::EditedInTwoPlaces, statements, [card(0)], Some(key.to_owned()));
    for key in ["citizen/name", "citizen/phone"] {
        sheet.line(key, keyed(key).id.0);
    }
    insta::assert_snapshot!(sheet.text);
}

#[test]
fn the_keys_of_a_document_never_change() {
    let mut sheet = Sheet::default();
    for register in Register::KNOWN.into_iter().chain([Register::Other(900)]) {
        sheet.word(&register.number().to_string(), &document_key(register));
    }
    for field in [None, Some("lot"), Some("product"), Some("number"), Some("given_at"), Some("body_site")] {
        sheet.word("dose", &dose_key(StatementId([0xab; 32]), field));
    }
    insta::assert_snapshot!(sheet.text);
}
