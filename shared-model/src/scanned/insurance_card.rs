//! The code on a paper health-insurance card (BHYT).
//!
//! `number|name|birth|sex|address|facility|from|to|issued|issuer|parent|area|…|$`. Name, address
//! and parent are the hexadecimal form of their UTF-8; 1 is male and any other digit female; a
//! dash stands for nothing. Cards before 2021 carry two letters and thirteen digits and end after
//! the day of issue; cards since carry ten digits, no address, and a few fields more.

use std::fmt;

use super::chip_card::read_address;
use super::mangled::holds_vietnamese_letter;
use super::{Doubt, NotUnderstood, fields};
use crate::citizen::{Address, Birth, InsuranceId, PersonName, Sex};
use crate::time::{Date, NotADate};

/// What a health-insurance card says about its holder.
#[derive(Clone, PartialEq, Eq)]
pub struct InsuranceCard {
    pub number: InsuranceId,
    pub name: PersonName,
    pub birth: Birth,
    pub sex: Option<Sex>,
    pub address: Option<Address>,
    /// Where the holder is registered for first care.
    pub facility: Option<FacilityCode>,
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
    pub issued: Option<Date>,
    /// A parent, on the cards of small children.
    pub parent: Option<PersonName>,
    pub doubts: Vec<Doubt>,
}

/// The code of a place of care, province first: `79 - 034` is `79034`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FacilityCode(String);

impl FacilityCode {
    pub fn parse(text: &str) -> Option<Self> {
        let dash = |c: char| c.is_whitespace() || matches!(c, '-' | '–');
        let code: String = text.chars().filter(|c| !dash(*c)).take(9).collect();
        let plain = code.bytes().all(|b| b.is_ascii_alphanumeric());
        (plain && (4..=8).contains(&code.len())).then(|| Self(code.to_ascii_uppercase()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The part of an insurance card that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InsuranceCardPart {
    Number,
    Name,
    Birth,
    Address,
    ValidFrom,
    ValidTo,
    Issued,
}

impl InsuranceCardPart {
    pub const ALL: [Self; 7] =
        [Self::Number, Self::Name, Self::Birth, Self::Address, Self::ValidFrom, Self::ValidTo, Self::Issued];

    /// The word for this part in JSON and message catalogues.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Name => "name",
            Self::Birth => "birth",
            Self::Address => "address",
            Self::ValidFrom => "valid_from",
            Self::ValidTo => "valid_to",
            Self::Issued => "issued",
        }
    }
}

impl InsuranceCard {
    /// Up to the day of issue: what every form of the card has.
    const FIELDS_USUAL: usize = 9;
    /// From this many fields on, the eleventh is a parent.
    const FIELDS_WITH_PARENT: usize = 14;

    pub(super) fn read(card: &[&str]) -> Result<Self, NotUnderstood> {
        let card = before_the_end_mark(card);
        let field = |at: usize| card.get(at).copied().unwrap_or_default();

        let number = InsuranceId::parse(field(0)).map_err(|_| damaged(field(0), InsuranceCardPart::Number))?;
        let name = PersonName::parse(&text_of(field(1), InsuranceCardPart::Name)?)
            .map_err(|_| damaged("", InsuranceCardPart::Name))?;
        let birth = fields::birth(field(2)).map_err(|_| damaged("", InsuranceCardPart::Birth))?;
        let mut doubts = Vec::new();
        let sex = match fields::known(field(3)) {
            None => None,
            Some("1") => Some(Sex::Male),
            Some(digit) if digit.len() == 1 && digit.as_bytes()[0].is_ascii_digit() => Some(Sex::Female),
            Some(word) => fields::sex(word).or_else(|| {
                doubts.push(Doubt::SexUnread);
                None
            }),
        };
        let address = match fields::known(field(4)) {
            None => None,
            Some(hex) => read_address(&text_of(hex, InsuranceCardPart::Address)?, &mut doubts),
        };
        let facility = FacilityCode::parse(field(5));
        let day = |at: usize, part| fields::day(field(at)).map_err(|NotADate| damaged("", part));
        let valid_from = day(6, InsuranceCardPart::ValidFrom)?;
        let valid_to = day(7, InsuranceCardPart::ValidTo)?;
        let issued = day(8, InsuranceCardPart::Issued)?;
        let parent = (card.len() >= Self::FIELDS_WITH_PARENT)
            .then(|| fields::text_of_hex(field(10)))
            .flatten()
            .and_then(|name| PersonName::parse(&name).ok());
        if valid_from.zip(valid_to).is_some_and(|(from, to)| to < from) {
            doubts.push(Doubt::DatesOutOfOrder);
        }
        if card.len() < Self::FIELDS_USUAL {
            doubts.push(Doubt::CutShort);
        }
        Ok(Self { number, name, birth, sex, address, facility, valid_from, valid_to, issued, parent, doubts })
    }
}

/// A dollar sign ends the card, alone or behind the last field.
fn before_the_end_mark<'a>(card: &[&'a str]) -> Vec<&'a str> {
    let mut read = Vec::with_capacity(card.len());
    for field in card {
        let Some((last, _)) = field.split_once('$') else {
            read.push(*field);
            continue;
        };
        if !last.trim().is_empty() {
            read.push(last.trim());
        }
        break;
    }
    read
}

fn text_of(field: &str, part: InsuranceCardPart) -> Result<String, NotUnderstood> {
    fields::text_of_hex(field).ok_or_else(|| damaged(field, part))
}

/// Where only digits and plain letters belong, an accent tells of a keyboard in the way.
fn damaged(field: &str, what: InsuranceCardPart) -> NotUnderstood {
    if holds_vietnamese_letter(field) {
        NotUnderstood::ThroughAnInputMethod
    } else {
        NotUnderstood::DamagedInsuranceCard { what }
    }
}

impl fmt::Debug for InsuranceCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InsuranceCard").field("doubts", &self.doubts).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Scanned, understand};
    use super::*;
    use crate::citizen::BirthPrecision;
    use crate::ids::to_hex;

    const SINCE_2021: &str = "0111077012|4e677579e1bb856e205469e1babf6e20c490e1baa174|29/03/1988|1|-|01 - C54|\
        01/07/2023|-|31/07/2023|01050111077012|-|4| 01/10/2027|4641c59ff02659c3-1202|4|5175e1baad6e|$";
    const BEFORE_2021: &str = "HS4010120878837|56c5a9205875c3a26e204d696e68|07/09/2008|1|\
        5068c6b0e1bb9d6e67204e6768c4a96120c490c3b4|01 - 028|24/01/2019|-|24/01/2019|$";

    fn read(text: &str) -> Result<InsuranceCard, NotUnderstood> {
        match understand(text) {
            Scanned::Insurance(card) => Ok(card),
            Scanned::Unknown(reason) => Err(reason),
            other @ (Scanned::ChipCard(_) | Scanned::OwnCode(_)) => panic!("{}", other.code()),
        }
    }

    fn date(text: &str) -> Date {
        Date::parse_iso(text).unwrap()
    }

    #[test]
    fn a_card_of_ten_digits_is_read() {
        let card = read(SINCE_2021).unwrap();
        assert_eq!(card.number.as_str(), "0111077012");
        assert_eq!(card.name.as_str(), "Nguyễn Tiến Đạt");
        assert_eq!(card.birth, Birth { date: date("1988-03-29"), precision: BirthPrecision::Day });
        assert_eq!(card.sex, Some(Sex::Male));
        assert_eq!(card.address, None);
        assert_eq!(card.facility.unwrap().as_str(), "01C54");
        assert_eq!(card.valid_from, Some(date("2023-07-01")));
        assert_eq!(card.valid_to, None);
        assert_eq!(card.issued, Some(date("2023-07-31")));
        assert_eq!(card.parent, None);
        assert_eq!(card.doubts, []);
    }

    #[test]
    fn a_card_of_fifteen_characters_is_read() {
        let card = read(BEFORE_2021).unwrap();
        assert_eq!(card.number.as_str(), "HS4010120878837");
        assert_eq!(card.name.as_str(), "Vũ Xuân Minh");
        assert_eq!(card.address.unwrap().as_str(), "Phường Nghĩa Đô");
        assert_eq!(card.facility.unwrap().as_str(), "01028");
        assert_eq!(card.issued, Some(date("2019-01-24")));
        assert_eq!(card.doubts, []);
    }

    #[test]
    fn a_childs_card_names_a_parent() {
        let text = SINCE_2021.replacen("|-|4|", "|5472e1baa76e205468e1bb8b20c3816e68|4|", 1);
        assert_eq!(read(&text).unwrap().parent.unwrap().as_str(), "Trần Thị Ánh");
    }

    #[test]
    fn sex_is_one_or_another_digit_or_missing() {
        for (field, sex, doubted) in [
            ("1", Some(Sex::Male), false),
            ("2", Some(Sex::Female), false),
            ("0", Some(Sex::Female), false),
            ("Nữ", Some(Sex::Female), false),
            ("-", None, false),
            ("", None, false),
            ("X", None, true),
        ] {
            let card = read(&BEFORE_2021.replacen("|1|", &format!("|{field}|"), 1)).unwrap();
            assert_eq!(card.sex, sex, "{field}");
            assert_eq!(card.doubts.contains(&Doubt::SexUnread), doubted, "{field}");
        }
    }

    #[test]
    fn a_year_is_enough_of_a_birth() {
        let card = read(&BEFORE_2021.replacen("07/09/2008", "2008", 1)).unwrap();
        assert_eq!(card.birth, Birth { date: date("2008-01-01"), precision: BirthPrecision::Year });
    }

    #[test]
    fn the_end_of_a_card_may_look_any_way() {
        let whole = read(BEFORE_2021).unwrap();
        for text in [
            BEFORE_2021.trim_end_matches("|$").to_owned(),
            BEFORE_2021.replace("|$", "$"),
            BEFORE_2021.replace("|$", "|-|-|-|$"),
            format!("{BEFORE_2021}\r\n"),
            format!("{BEFORE_2021}nothing|31/02/2000"),
            BEFORE_2021.to_lowercase(),
        ] {
            assert_eq!(read(&text), Ok(whole.clone()), "{text}");
        }
        let cut = read("HS4010120878837|56c5a9|07/09/2008|1").unwrap();
        assert_eq!(cut.doubts, [Doubt::CutShort]);
        let backwards = read(&BEFORE_2021.replacen("|-|", "|01/01/2018|", 1)).unwrap();
        assert_eq!(backwards.doubts, [Doubt::DatesOutOfOrder]);
    }

    #[test]
    fn a_part_that_makes_no_sense_is_named() {
        use InsuranceCardPart::{Address, Birth, Issued, Name, Number, ValidFrom, ValidTo};
        for (from, to, part) in [
            ("HS4010120878837", "HS401012087883", Number),
            ("56c5a9205875c3a26e204d696e68", "", Name),
            ("56c5a9205875c3a26e204d696e68", "56c5a9205875c3a26e204d696e6", Name),
            ("56c5a9205875c3a26e204d696e68", "56c5205875", Name),
            ("56c5a9205875c3a26e204d696e68", "Vũ", Name),
            ("56c5a9205875c3a26e204d696e68", "56e280ae75", Name),
            ("07/09/2008", "31/09/2008", Birth),
            ("07/09/2008", "-", Birth),
            ("5068c6b0e1bb9d6e67204e6768c4a96120c490c3b4", "5068c6", Address),
            ("5068c6b0e1bb9d6e67204e6768c4a96120c490c3b4", "506", Address),
            ("|24/01/2019|-|", "|24/13/2019|-|", ValidFrom),
            ("|-|24/01/2019|$", "|32/12/2019|24/01/2019|$", ValidTo),
            ("|-|24/01/2019|$", "|-|2019|$", Issued),
        ] {
            let expected = if to == "Vũ" {
                NotUnderstood::ThroughAnInputMethod
            } else {
                NotUnderstood::DamagedInsuranceCard { what: part }
            };
            assert_eq!(read(&BEFORE_2021.replacen(from, to, 1)), Err(expected), "{to}");
        }
    }

    #[test]
    fn hexadecimal_that_met_an_input_method_names_the_keyboard() {
        // VNI: é of e1. Telex: à of af.
        for name in ["4e677579ébb856e", "56c5à205875"] {
            let text = BEFORE_2021.replacen("56c5a9205875c3a26e204d696e68", name, 1);
            assert_eq!(read(&text), Err(NotUnderstood::ThroughAnInputMethod), "{name}");
        }
    }

    #[test]
    fn a_facility_is_few_plain_characters() {
        for (text, code) in [("79 - 034", Some("79034")), ("01–c54", Some("01C54")), ("79034", Some("79034"))] {
            assert_eq!(FacilityCode::parse(text).as_ref().map(FacilityCode::as_str), code);
        }
        for text in ["", "-", "123", "123456789", "<b>79</b>", "79-0é4"] {
            assert_eq!(FacilityCode::parse(text), None, "{text}");
        }
    }

    #[test]
    fn nothing_personal_is_printed_for_debugging() {
        let printed = format!("{:?}", read(BEFORE_2021));
        for secret in ["HS401", "Minh", "2008", "Nghĩa"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }

    proptest! {
        #[test]
        fn any_name_and_address_survive_their_hexadecimal_form(
            name in "[A-ZĐ][a-zđà-ưạ-ỹ ]{0,40}[a-z]",
            address in "[A-ZĐ][A-Za-zđà-ưạ-ỹ0-9,. /-]{0,80}[a-z]",
        ) {
            let (name_hex, address_hex) = (to_hex(name.as_bytes()), to_hex(address.as_bytes()));
            let card = read(&format!("GD4797933413275|{name_hex}|1990|2|{address_hex}|79 - 034|-|-|-|$")).unwrap();
            prop_assert_eq!(Ok(card.name), PersonName::parse(&name));
            if !card.doubts.contains(&Doubt::AddressMangled) {
                prop_assert_eq!(card.address, Address::parse(&address).ok());
            }
        }
    }
}
