//! Every text that a camera, a scanner or a keyboard gives: understood or turned away, and what is read is read again.

use shared_model::citizen::{
    Address, InsuranceId, NationalId, OldNationalId, PassportId, PersonName, Phone, digits_of,
};
use shared_model::dose::{LotNumber, ProductCode};
use shared_model::ids::{CitizenId, StatementId};
use shared_model::limits;
use shared_model::rules::SourceId;
use shared_model::scanned::{
    FacilityCode, OwnCode, Scanned, doubts_about_number, registered_in, understand, understand_typed,
};
use shared_model::text::{search_key, tidy};
use shared_model::time::Date;
use shared_model::view::{ValueView, read_value, value_view};

use crate::Target;
use crate::country::people::a_whole_form;
use crate::country::{card, morning};

pub const TARGET: Target = Target { name: "scanned", run, seeds };

fn run(bytes: &[u8]) {
    let (door, text) = bytes.split_first().map_or((0, ""), |(door, text)| (*door, as_text(text)));
    match door % 4 {
        0 => card_of(text),
        1 => typed(text),
        2 => fields(text),
        _ => form(text),
    }
}

/// As far as it is UTF-8: bytes that are none never get here.
fn as_text(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(wrong) => std::str::from_utf8(&bytes[..wrong.valid_up_to()]).unwrap_or_default(),
    }
}

fn card_of(text: &str) {
    let scanned = understand(text);
    assert!(!scanned.code().is_empty() && !format!("{scanned:?}").is_empty());
    // What a scanner puts around a text changes nothing.
    if !matches!(scanned, Scanned::Unknown(_)) && text.chars().count() + 5 <= limits::SCAN_CHARS_MAX {
        assert_eq!(understand(&format!("{text}\r\n")), scanned);
    }
    match &scanned {
        Scanned::OwnCode(own) => {
            assert_eq!(OwnCode::parse(&OwnCode::print(own.citizen)), Ok(*own));
        }
        Scanned::Unknown(why) => assert!(!why.code().is_empty()),
        Scanned::ChipCard(_) | Scanned::Insurance(_) => {}
    }
}

fn typed(text: &str) {
    let typed = understand_typed(text);
    assert!(!typed.code().is_empty());
    // Nothing personal is printed by accident.
    let shown = format!("{typed:?}");
    let key = search_key(text);
    assert!(key.len() < 8 || !shown.contains(&key), "{shown}");
}

/// Reads a text by its parser; what was kept of it reads as itself.
macro_rules! reads_as_itself {
    ($text:expr, $($parsed:ty),*) => {$(
        if let Ok(read) = <$parsed>::parse($text) {
            let again = <$parsed>::parse(read.as_str()).expect(stringify!($parsed));
            assert_eq!(again, read);
            let written = minicbor::to_vec(&read).unwrap();
            assert_eq!(minicbor::decode::<$parsed>(&written).expect(stringify!($parsed)), read);
        }
    )*};
}

fn fields(text: &str) {
    reads_as_itself!(
        text,
        PersonName,
        Address,
        Phone,
        NationalId,
        OldNationalId,
        InsuranceId,
        PassportId,
        LotNumber,
        ProductCode
    );
    if let Ok(number) = NationalId::parse(text) {
        let _ = (number.says(), registered_in(&number), doubts_about_number(&number, None, None));
    }
    if let Ok(tidied) = tidy(text, limits::NOTE_CHARS_MAX) {
        assert_eq!(tidy(&tidied, limits::NOTE_CHARS_MAX).as_ref(), Ok(&tidied));
    }
    let key = search_key(text);
    assert_eq!(search_key(&key), key, "the key of a key");
    assert!(digits_of(text).chars().count() <= 64);
    if let Ok(date) = Date::parse_iso(text) {
        assert_eq!(date.to_string(), text);
    }
    let _ = (FacilityCode::parse(text), SourceId::parse(text), OwnCode::parse(text));
    if let Ok(id) = CitizenId::parse(text) {
        assert_eq!(id.to_string(), text.to_lowercase());
        assert_eq!(OwnCode::parse(&OwnCode::print(id)).map(|own| own.citizen), Ok(id));
    }
    let _ = StatementId::parse(text);
}

/// A form: lines of register, text, relation, phone and precision.
fn form(text: &str) {
    let today = morning().campaign_date();
    for line in text.lines() {
        let mut parts = line.split('\t');
        let mut next = || parts.next().unwrap_or_default().to_owned();
        let (register, text) = (next(), next());
        let some = |part: String| (!part.is_empty()).then_some(part);
        let (relation, phone, precision) = (some(next()), some(next()), some(next()));
        let view = ValueView { register, text, relation, phone, precision };
        if let Ok(value) = read_value(&view, today) {
            let shown = value_view(&value);
            assert_eq!(read_value(&shown, today).as_ref(), Ok(&value), "shown in a form and read back");
        }
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let own = OwnCode::print(card(0));
    let cards = [
        "079190123456|012345678|Nguyễn Thị Minh Khai|01051990|Nữ|42 Hẻm 5, Quận 4|31122021",
        "089202017098|352576714|Lê Văn Lương|23052002|Nam|Tổ 10 Ấp An Thái, Chợ Mới, An Giang|31122021||Cha|Mẹ",
        "HS4010120878837|4e677579e1bb856e|07/09/2008|1|-|01 - 028|01/01/2021|-|01/01/2021|$",
        "HC1:6BF+70790T9WJWG",
        "0101234567890128",
        "000201010212",
        "https://tiem.vn/a",
        "]Q10791|||",
        "ï»¿079190123456",
        "0791901234\u{1d}10AB",
        own.as_str(),
    ];
    let typed = ["(+84) 912 345 678", "079190123456", "01/05/1990", "HS 4 01 0120878837", "nguyễn khai", "B1234567"];
    let fields = [
        "Nguyễn Thị Minh Khai",
        "42 Hẻm 5, Phường 3",
        "+84 (0) 912 345 678",
        "０79 190 123 456",
        "012345678",
        "HS 4 01 0120878837",
        "b1234567",
        " fk9412 ",
        "pfizer",
        "2021-09-30",
        "79 - 034",
        "5ac05ac05ac05ac05ac05ac05ac05ac0",
    ];
    let lines: Vec<String> = a_whole_form()
        .iter()
        .map(|value| {
            let view = value_view(value);
            let or = Option::unwrap_or_default;
            [view.register, view.text, or(view.relation), or(view.phone), or(view.precision)].join("\t")
        })
        .collect();
    let of = |door: u8, texts: &[&str]| -> Vec<Vec<u8>> {
        texts.iter().map(|text| [&[door][..], text.as_bytes()].concat()).collect()
    };
    let form = lines.join("\n");
    let estimated = "birth\t1938\t\t\testimated\nbirth\t1990-05\nunit\t26740\npriority_group\t9";
    [of(0, &cards), of(1, &typed), of(1, &cards[..3]), of(2, &fields), of(3, &[&form, estimated])].concat()
}
