use shared_model::dose::{BodySite, DoseField, LotNumber, ProductCode};
use shared_model::envelope::{Envelope, Said, WireEnvelope};
use shared_model::ids::StatementId;
use shared_model::merge::merge;
use shared_model::rules::Rulebook;
use shared_model::settlement::Answer;
use shared_model::statement::{Statement, Subject, WithdrawReason};

use super::Sheet;
use crate::country::desk::{Desk, Person};
use crate::country::people::{
    a_whole_form, amend, dose, dose_of, edit, link, name, phone, scan, settle, tomorrow, withdraw,
};
use crate::country::{card, cbor, device, morning, session};

/// One statement of every kind about one citizen, in the order a clinic would make them.
pub fn one_of_every_kind() -> (Desk, Vec<Said>) {
    let (mut desk, an) = (Desk::new(1), Subject::Citizen(card(0)));
    let registered = desk.says(an, scan(a_whole_form(), "079190123456|012345678|Nguyễn Thị Minh Khai|01051990|Nữ"));
    let edited = desk.says_having_seen(an, edit(vec![phone("0912345679")]), Vec::new(), vec![registered.id]);
    let first = desk.says(an, dose("astrazeneca", "ABW1234", 1, morning()));
    let mut given = dose_of("astrazeneca", "ABW1234", 2, morning());
    given.in_spite_of = vec!["too_soon".to_owned()];
    (given.session, given.lot_expiry) = (None, None);
    let second = desk.says_having_seen(an, Statement::DoseGiven(given), vec![first.id], Vec::new());
    let lot = DoseField::Lot(LotNumber::parse("ABW1235").unwrap());
    let amended = desk.says_having_seen(an, amend(second.id, lot), Vec::new(), vec![second.id]);
    desk.says(an, withdraw(amended.id, WithdrawReason::Mistake));
    desk.says(an, link(card(1)));
    desk.changes_hands(Person::of_the_nation(9));
    let other = Desk::new(2).says(an, edit(vec![phone("0987654321")]));
    let conflict = &merge(card(0), [&registered, &edited, &other], &Rulebook::default()).unwrap().conflicts[0];
    desk.says(an, settle(conflict, Answer::ChooseValue(edited.id)));
    desk.says(an, tomorrow("việc mai"));
    desk.says(Subject::Device(device(1)), tomorrow("máy"));
    desk.says(Subject::Session(session()), tomorrow("buổi"));
    desk.seal();
    let said = desk.said();
    (desk, said)
}

#[test]
fn the_header_and_the_body_of_every_kind_never_change() {
    let (desk, said) = one_of_every_kind();
    let mut sheet = Sheet::default();
    for (entry, said) in desk.log.iter().zip(&said) {
        sheet.word("kind", &said.header.kind.to_string());
        sheet.line("header", &entry.envelope.header);
        sheet.line("body", entry.envelope.body.as_deref().unwrap());
        sheet.line("body hash", said.header.body_hash.0);
        sheet.line("statement id", entry.statement.0);
    }
    insta::assert_snapshot!(sheet.text);
}

#[test]
fn the_chain_and_the_seals_of_a_log_never_change() {
    let (desk, _) = one_of_every_kind();
    let mut sheet = Sheet::default();
    for seq in 0..=desk.head.seq {
        sheet.line(&format!("chain at {seq}"), desk.chain_at(seq).unwrap().0);
    }
    for seal in &desk.seals {
        sheet.line(&format!("seal to {}", seal.to_seq), cbor(seal));
    }
    sheet.line("head", cbor(&desk.head));
    insta::assert_snapshot!(sheet.text);
}

#[test]
fn an_envelope_on_the_road_never_changes() {
    let (desk, _) = one_of_every_kind();
    let whole = desk.entry(3).envelope.clone();
    let erased = Envelope { body: None, ..whole.clone() };
    let strange = Envelope { header: b"another header".to_vec(), body: Some(b"another body".to_vec()) };
    let mut sheet = Sheet::default();
    for (name, envelope) in [("whole", whole), ("erased", erased), ("not ours", strange)] {
        sheet.line(name, cbor(&WireEnvelope::from(envelope)));
    }
    insta::assert_snapshot!(sheet.text);
}

#[test]
fn every_answer_and_every_amended_field_has_one_form() {
    let id = StatementId([0x51; 32]);
    let mut sheet = Sheet::default();
    for answer in [
        Answer::ChooseValue(id),
        Answer::SameDose(id),
        Answer::ReallyTwo,
        Answer::WithdrawDose(id),
        Answer::SamePerson,
        Answer::NotSamePerson,
        Answer::SendBack,
        Answer::Acknowledge,
        Answer::Other("ngày mai".to_owned()),
    ] {
        sheet.line(answer.code(), cbor(&answer));
    }
    for field in [
        DoseField::Lot(LotNumber::parse("ABW1235").unwrap()),
        DoseField::Product(ProductCode::parse("pfizer").unwrap()),
        DoseField::Number(2),
        DoseField::GivenAt(morning().0),
        DoseField::BodySite(BodySite::RightArm),
        DoseField::BodySite(BodySite::Other("bap_tay".to_owned())),
    ] {
        sheet.line(field.code(), cbor(&field));
    }
    insta::assert_snapshot!(sheet.text);
}

#[test]
fn the_heads_and_the_root_of_a_small_history_never_change() {
    let (_, mut said) = one_of_every_kind();
    let other = Desk::new(2).says(Subject::Citizen(card(1)), edit(vec![name("Trần Thị Ba")]));
    said.push(other);
    let record = merge(card(0), &said, &Rulebook::default()).unwrap().record;
    let mut sheet = Sheet::default();
    for (card, heads) in &record.heads {
        sheet.line("card", card.0);
        heads.iter().for_each(|head| {
            sheet.line("head", head);
        });
    }
    sheet.line("root", record.root.0);
    insta::assert_snapshot!(sheet.text);
}
