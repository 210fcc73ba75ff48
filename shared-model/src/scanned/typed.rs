//! What came through the one field that people type into and wedge scanners type into as well.
//!
//! A typed number is a term to search by and keeps that mark: only a scanned card makes a citizen's
//! id, since a slip of the finger must never fuse two people. Full-width characters are undone, and
//! so are the dots, spaces and hyphens people group numbers with. What Telex or VNI made of a
//! number with letters in it (`Á234567` of `A1234567`) is left: a search for it finds nothing,
//! which is seen, whereas a guess might find someone else.

use std::fmt;

use super::{NotUnderstood, Scanned, fields, understand};
use crate::citizen::{Birth, InsuranceId, NationalId, OldNationalId, PassportId, Phone, digits_of};
use crate::text;

/// What a typed text is, by its form.
#[derive(Clone, PartialEq, Eq)]
pub enum Typed {
    /// A scanner typed this, or somebody a code of our own.
    Scan(Scanned),
    /// Twelve digits. Typed, hence a search term and no scanned card.
    NationalId(NationalId),
    /// Nine digits.
    OldNationalId(OldNationalId),
    /// Two letters and thirteen digits, or ten digits that are no phone number.
    InsuranceId(InsuranceId),
    /// Letters among digits, as in the passports of most countries.
    PassportId(PassportId),
    /// A phone number. Ten digits from 08 on may also be an insurance number of Tuyên Quang.
    Phone(Phone),
    /// A birth date, or a month or a year of birth.
    Born(Birth),
    /// Anything else, as the key that names are searched by; also pieces of numbers.
    Words(String),
    Nothing,
}

impl Typed {
    /// The word for this kind in JSON and message catalogues.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Scan(_) => "scan",
            Self::NationalId(_) => "national_id",
            Self::OldNationalId(_) => "old_national_id",
            Self::InsuranceId(_) => "insurance_id",
            Self::PassportId(_) => "passport_id",
            Self::Phone(_) => "phone",
            Self::Born(_) => "born",
            Self::Words(_) => "words",
            Self::Nothing => "nothing",
        }
    }
}

/// Names and dates of birth are personal: only the kind is printed, and what a scan was.
impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scan(scanned) => f.debug_tuple("Scan").field(scanned).finish(),
            Self::NationalId(_)
            | Self::OldNationalId(_)
            | Self::InsuranceId(_)
            | Self::PassportId(_)
            | Self::Phone(_)
            | Self::Born(_)
            | Self::Words(_)
            | Self::Nothing => write!(f, "{}(…)", self.code()),
        }
    }
}

/// Fields from which on a text with bars in it came from a scanner, not from fingers.
const SCAN_BARS_MIN: usize = 4;

/// Reads what was typed. Total: what has no form is words.
pub fn understand_typed(text: &str) -> Typed {
    let scanned = understand(text);
    if scanned == Scanned::Unknown(NotUnderstood::Empty) {
        return Typed::Nothing;
    }
    let text = text::half_width(text);
    let is_plain = scanned == Scanned::Unknown(NotUnderstood::Unrecognised);
    if !is_plain || text.bytes().filter(|b| *b == b'|').count() >= SCAN_BARS_MIN {
        return Typed::Scan(scanned);
    }
    let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}');
    number(text).or_else(|| date(text)).or_else(|| identifier(text)).unwrap_or_else(|| {
        let key = text::search_key(text);
        if key.is_empty() { Typed::Nothing } else { Typed::Words(key) }
    })
}

/// Digits alone, by how many there are.
fn number(text: &str) -> Option<Typed> {
    let digits = digits_of(text);
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let phone = || Phone::parse(&digits).ok().map(Typed::Phone);
    let insurance = || InsuranceId::parse(&digits).ok().map(Typed::InsuranceId);
    match digits.len() {
        9 => OldNationalId::parse(&digits).ok().map(Typed::OldNationalId),
        10 => phone().or_else(insurance),
        11 | 13 | 14 => phone(),
        12 => NationalId::parse(&digits).ok().map(Typed::NationalId),
        _ => None,
    }
}

/// A date in any form, but no six bare digits: those are the end of a card's number.
fn date(text: &str) -> Option<Typed> {
    let is_tail = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
    if is_tail { None } else { fields::birth(text).ok().map(Typed::Born) }
}

/// Letters and digits in one word, and phone numbers with their country.
fn identifier(text: &str) -> Option<Typed> {
    if let Ok(id) = InsuranceId::parse(text) {
        return Some(Typed::InsuranceId(id));
    }
    if text.starts_with(['+', '(']) {
        return Phone::parse(text).ok().map(Typed::Phone);
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_passport = digits >= 5 && (1..=4).contains(&letters) && (6..=12).contains(&text.len());
    let is_word = digits + letters == text.len();
    (is_passport && is_word).then(|| PassportId::parse(text).ok().map(Typed::PassportId)).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::OwnCode;
    use super::*;
    use crate::citizen::BirthPrecision;
    use crate::ids::CitizenId;
    use crate::time::Date;

    #[test]
    fn a_typed_number_is_known_by_its_form() {
        for (text, code, inside) in [
            ("089202017098", "national_id", "089202017098"),
            (" 089 202 017 098 ", "national_id", "089202017098"),
            ("０８９２０２０１７０９８", "national_id", "089202017098"),
            ("089.202.017.098", "national_id", "089202017098"),
            ("352576714", "old_national_id", "352576714"),
            ("HS4010120878837", "insurance_id", "HS4010120878837"),
            ("hs 4 01 0120878837", "insurance_id", "HS4010120878837"),
            ("0111077012", "insurance_id", "0111077012"),
            ("7912345678", "insurance_id", "7912345678"),
            ("0912345678", "phone", "0912345678"),
            ("0912 345 678", "phone", "0912345678"),
            ("+84 912 345 678", "phone", "0912345678"),
            ("(+84) 912-345-678", "phone", "0912345678"),
            ("84912345678", "phone", "0912345678"),
            ("+84 0912 345 678", "phone", "0912345678"),
            ("0084 912 345 678", "phone", "0912345678"),
            ("02838123456", "phone", "02838123456"),
            ("B1234567", "passport_id", "B1234567"),
            ("eb0123456", "passport_id", "EB0123456"),
            ("C01X00T47", "passport_id", "C01X00T47"),
        ] {
            let typed = understand_typed(text);
            assert_eq!(typed.code(), code, "{text}");
            let found = match &typed {
                Typed::NationalId(id) => id.as_str(),
                Typed::OldNationalId(id) => id.as_str(),
                Typed::InsuranceId(id) => id.as_str(),
                Typed::PassportId(id) => id.as_str(),
                Typed::Phone(phone) => phone.as_str(),
                Typed::Scan(_) | Typed::Born(_) | Typed::Words(_) | Typed::Nothing => "",
            };
            assert_eq!(found, inside, "{text}");
        }
    }

    #[test]
    fn a_typed_birth_is_a_day_a_month_or_a_year() {
        for (text, year, month, day, precision) in [
            ("1945", 1945, 1, 1, BirthPrecision::Year),
            ("8/1945", 1945, 8, 1, BirthPrecision::Month),
            ("15/8/1945", 1945, 8, 15, BirthPrecision::Day),
            ("15-08-1945", 1945, 8, 15, BirthPrecision::Day),
            ("15.08.1945", 1945, 8, 15, BirthPrecision::Day),
            ("15081945", 1945, 8, 15, BirthPrecision::Day),
        ] {
            let date = Date::new(year, month, day).unwrap();
            assert_eq!(understand_typed(text), Typed::Born(Birth { date, precision }), "{text}");
        }
    }

    #[test]
    fn everything_else_is_words_to_search_by() {
        for (text, key) in [
            ("Nguyễn  Đức-Anh", "nguyen duc anh"),
            ("Ｎｇｕｙễｎ", "nguyen"),
            ("nguyễn văn an 1990", "nguyen van an 1990"),
            ("khai1990", "khai1990"),
            ("017098", "017098"),
            ("7098", "7098"),
            ("081990", "081990"),
            ("99999999", "99999999"),
            ("000202017098", "000202017098"),
            ("Á234567", "a234567"),
            ("An|Bình", "an binh"),
            ("Stéphane", "stephane"),
            ("<b>An</b>", "b an b"),
        ] {
            assert_eq!(understand_typed(text), Typed::Words(key.to_owned()), "{text}");
        }
    }

    #[test]
    fn nothing_typed_is_nothing() {
        for text in ["", "  \r\n", "...", "?!", "\0", "\u{202e}", "|||"] {
            assert_eq!(understand_typed(text), Typed::Nothing, "{text:?}");
        }
    }

    #[test]
    fn what_a_scanner_typed_is_a_scan() {
        let own = OwnCode::print(CitizenId([7; 16]));
        for (text, code) in [
            ("089202017098||Lê Văn Lương|23052002|Nam|An Giang|31122021\r", "chip_card"),
            ("089202017098｜｜Lê Văn Lương｜23052002｜Nam｜An Giang｜31122021", "chip_card"),
            ("HS4010120878837|56c5a9|07/09/2008|1|-|01 - 028|-|-|-|$", "insurance_card"),
            (own.as_str(), "own_code"),
            (&own.to_lowercase().replace(':', " "), "own_code"),
            ("HC1:NCFOXN%TSMAHN-H", "unknown"),
            ("https://example.vn", "unknown"),
            ("a|b|c|d|e", "unknown"),
            ("8935049000129", "unknown"),
            (&"x".repeat(10_000), "unknown"),
        ] {
            let Typed::Scan(scanned) = understand_typed(text) else { panic!("{text}") };
            assert_eq!(scanned.code(), code, "{text}");
        }
    }

    #[test]
    fn nothing_personal_is_printed_for_debugging() {
        for (text, secret) in [
            ("Nguyễn Thị Minh Khai", "khai"),
            ("1945", "1945"),
            ("0912345678", "0912"),
            ("089202017098", "0892"),
            ("089202017098||Lê Văn Lương|23052002|Nam|An Giang|31122021", "Lương"),
        ] {
            let printed = format!("{:?}", understand_typed(text));
            assert!(!printed.contains(secret), "{printed}");
        }
    }

    proptest! {
        #[test]
        fn every_personal_number_is_found_however_it_is_grouped(digits in "0[1-9][0-9]{10}", gap in "[ .-]?") {
            let grouped = format!("{}{gap}{}{gap}{}", &digits[..3], &digits[3..6], &digits[6..]);
            prop_assert_eq!(understand_typed(&grouped), Typed::NationalId(NationalId::parse(&digits).unwrap()));
        }

        #[test]
        fn words_are_never_empty(text in "\\PC{0,60}") {
            if let Typed::Words(key) = understand_typed(&text) {
                prop_assert!(!key.is_empty());
            }
        }
    }
}
