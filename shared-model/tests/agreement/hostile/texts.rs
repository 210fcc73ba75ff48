use shared_model::citizen::{
    Address, InsuranceId, NationalId, OldNationalId, PassportId, PersonName, Phone, digits_of,
};
use shared_model::dose::{LotNumber, ProductCode};
use shared_model::envelope::LogHead;
use shared_model::ids::{CitizenId, StatementId};
use shared_model::limits;
use shared_model::rules::SourceId;
use shared_model::scanned::{FacilityCode, OwnCode, Scanned, Typed, understand, understand_typed};
use shared_model::sync::Quarantine;
use shared_model::sync::spoken::SpokenHead;
use shared_model::text;
use shared_model::time::Date;

use super::Door;
use crate::country::{card, device};

const CHIP: &str = "079190123456|012345678|Nguyễn Thị Minh Khai|01051990|Nữ|42 Hẻm 5, Quận 4|31122021";
const INSURANCE: &str = "HS4010120878837|4e677579e1bb856e|07/09/2008|1|-|01 - 028|01/01/2021|-|01/01/2021|$";

pub fn doors() -> Vec<Door> {
    let own = OwnCode::print(card(0));
    let spoken = SpokenHead::of(device(1), 1, LogHead::empty(device(1), 1)).to_string();
    let scanned = |text: &str| !matches!(understand(text), Scanned::Unknown(_));
    let typed = |text: &str| understand_typed(text) != Typed::Nothing;
    vec![
        Door::of_text("understand, a chip card", CHIP, scanned),
        Door::of_text("understand, an insurance card", INSURANCE, scanned),
        Door::of_text("understand, an own code", &own, scanned),
        Door::of_text("understand_typed", "(+84) 912 345 678", typed),
        Door::of_text("understand_typed, a scan", CHIP, typed),
        Door::of_text("OwnCode::parse", &own, |text| OwnCode::parse(text).is_ok()),
        Door::of_text("SpokenHead::parse", &spoken, |text| SpokenHead::parse(text).is_ok()),
        Door::of_text("FacilityCode::parse", "79 - 034", |text| FacilityCode::parse(text).is_some()),
        Door::of_text("PersonName::parse", "Nguyễn Thị Minh Khai", |text| {
            PersonName::parse(text).is_ok_and(|name| !name.search_key().is_empty())
        }),
        Door::of_text("Address::parse", "42 Hẻm 5, Phường 3", |text| Address::parse(text).is_ok()),
        Door::of_text("Phone::parse", "+84 (0) 912 345 678", |text| Phone::parse(text).is_ok()),
        Door::of_text("NationalId::parse", "０79 190 123 456", |text| {
            NationalId::parse(text).is_ok_and(|id| id.says().is_some())
        }),
        Door::of_text("OldNationalId::parse", "012345678", |text| OldNationalId::parse(text).is_ok()),
        Door::of_text("InsuranceId::parse", "HS 4 01 0120878837", |text| {
            InsuranceId::parse(text).is_ok_and(|id| id.code().len() == 10)
        }),
        Door::of_text("PassportId::parse", "B1234567", |text| PassportId::parse(text).is_ok()),
        Door::of_text("digits_of", "079.190", |text| !digits_of(text).is_empty()),
        Door::of_text("LotNumber::parse", " fk9412 ", |text| LotNumber::parse(text).is_ok()),
        Door::of_text("ProductCode::parse", "pfizer", |text| ProductCode::parse(text).is_ok()),
        Door::of_text("SourceId::parse", "decision-3588", |text| SourceId::parse(text).is_ok()),
        Door::of_text("tidy", " Lê  Văn\tAn ", |text| text::tidy(text, limits::NOTE_CHARS_MAX).is_ok()),
        Door::of_text("search_key", "Nguyễn  Đức-Anh", |text| !text::search_key(text).is_empty()),
        Door::of_text("Date::parse_iso", "2021-09-30", |text| Date::parse_iso(text).is_ok()),
        Door::of_text("CitizenId::parse", &"c0".repeat(16), |text| CitizenId::parse(text).is_ok()),
        Door::of_text("StatementId::parse", &"5a".repeat(32), |text| StatementId::parse(text).is_ok()),
        Door::of_text("Quarantine::from_code", "malformed", |text| Quarantine::from_code(text).is_some()),
    ]
}

/// Pieces that fold, unfold, compose, part fields or open brackets, each a wall of it.
#[test]
fn walls_of_text_are_turned_away_or_cost_no_more_than_their_length() {
    let pieces = [
        "a",
        "0",
        "０",
        " ",
        "\u{3000}",
        "\0",
        "|",
        "$",
        "-",
        "ế",
        "\u{301}",
        "a\u{301}\u{323}",
        "\u{fdfa}",
        "\u{1100}\u{1161}\u{11a8}",
        "\u{e0041}",
        "\u{fffd}",
        "ST1:",
        "079190123456|",
        "4e|",
        "[",
        "{\"a\":",
        "[[],",
        "{\"\":0},",
        "\"",
        "\\u0000",
        "1e9",
    ];
    for door in super::texts::doors().into_iter().chain(super::rules::doors()) {
        for piece in pieces {
            for before in ["", "ST1:", CHIP, "[", "{\"products\":[", "079190123456|"] {
                door.is_offered([before, &piece.repeat(60_000 / piece.len())].concat().as_bytes());
            }
        }
    }
}
