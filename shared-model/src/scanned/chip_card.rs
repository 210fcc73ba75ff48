//! The code on a citizen's chip card, in use since 2021.
//!
//! `number|old number|name|birth|sex|address|issued`, dates as ddMMyyyy. Cards and readers in the
//! field also leave the old number out, add a day of expiry, write dates with slashes, and know
//! no more of an old person's birth than the year. What follows those fields is left alone.

use std::fmt;

use super::mangled::{address_looks_mangled, name_looks_mangled};
use super::province::{RegisteredIn, registered_in};
use super::{Doubt, fields};
use crate::citizen::{Address, Birth, BirthPrecision, NationalId, OldNationalId, PersonName, Sex};
use crate::time::Date;

/// What a chip card says about its holder.
#[derive(Clone, PartialEq, Eq)]
pub struct ChipCard {
    pub number: NationalId,
    pub old_number: Option<OldNationalId>,
    /// As read. With [`Doubt::NameMangled`] it is a name only after somebody compared it.
    pub name: PersonName,
    pub birth: Birth,
    pub sex: Sex,
    pub address: Option<Address>,
    pub issued: Option<Date>,
    /// `None` also for the old, whose cards do not expire.
    pub expires: Option<Date>,
    pub doubts: Vec<Doubt>,
}

/// The part of a chip card that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChipCardPart {
    /// Too few fields, or far too many.
    Fields,
    Number,
    Name,
    Birth,
    Issued,
    Expires,
}

impl ChipCardPart {
    pub const ALL: [Self; 6] = [Self::Fields, Self::Number, Self::Name, Self::Birth, Self::Issued, Self::Expires];

    /// The word for this part in JSON and message catalogues.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Fields => "fields",
            Self::Number => "number",
            Self::Name => "name",
            Self::Birth => "birth",
            Self::Issued => "issued",
            Self::Expires => "expires",
        }
    }
}

impl ChipCard {
    /// The form without an old number has the fewest fields.
    const FIELDS_MIN: usize = 6;
    /// Room for a few fields more than any card seen so far.
    const FIELDS_MAX: usize = 24;

    pub(super) fn read(card: &[&str]) -> Result<Self, ChipCardPart> {
        let number = NationalId::parse(card.first().copied().unwrap_or_default()).map_err(|_| ChipCardPart::Number)?;
        if !(Self::FIELDS_MIN..=Self::FIELDS_MAX).contains(&card.len()) {
            return Err(ChipCardPart::Fields);
        }
        let (old_number, rest) = if has_old_number(card) { (card[1], &card[2..]) } else { ("", &card[1..]) };
        let field = |at: usize| rest.get(at).copied().unwrap_or_default();

        let name = PersonName::parse(field(0)).map_err(|_| ChipCardPart::Name)?;
        let birth = fields::birth(field(1)).map_err(|_| ChipCardPart::Birth)?;
        let read_sex = fields::sex(field(2));
        let issued = fields::day(field(4)).map_err(|_| ChipCardPart::Issued)?;
        // Cards without an end say so in words; other words belong to fields unknown here.
        let ends = Some(field(5)).filter(|end| end.contains(|c: char| c.is_ascii_digit()));
        let expires = fields::day(ends.unwrap_or_default()).map_err(|_| ChipCardPart::Expires)?;

        let mut doubts = doubts_about_number(&number, Some(birth), read_sex);
        let sex = read_sex.or_else(|| number.says().map(|(sex, _)| sex)).unwrap_or(Sex::Other);
        if read_sex.is_none() {
            doubts.push(Doubt::SexUnread);
        }
        let old_number = fields::known(old_number)
            .and_then(|old| kept(OldNationalId::parse(old), Doubt::OldNumberUnread, &mut doubts));
        if name_looks_mangled(field(0)) {
            doubts.push(Doubt::NameMangled);
        }
        let address = read_address(field(3), &mut doubts);
        let born_late = issued.is_some_and(|issued| issued < birth.date);
        if born_late || issued.zip(expires).is_some_and(|(issued, expires)| expires < issued) {
            doubts.push(Doubt::DatesOutOfOrder);
        }
        if issued.is_none() {
            doubts.push(Doubt::CutShort);
        }
        Ok(Self { number, old_number, name, birth, sex, address, issued, expires, doubts })
    }
}

/// With an old number the sex is the fifth field, without one the fourth. Where neither is
/// readable, a second field with letters in it is a name.
fn has_old_number(card: &[&str]) -> bool {
    let sex_at = |at: usize| card.get(at).is_some_and(|field| fields::sex(field).is_some());
    let letters = card.get(1).is_some_and(|field| field.contains(char::is_alphabetic));
    !sex_at(3) && (sex_at(4) || !letters)
}

fn kept<T, E>(read: Result<T, E>, otherwise: Doubt, doubts: &mut Vec<Doubt>) -> Option<T> {
    if read.is_err() {
        doubts.push(otherwise);
    }
    read.ok()
}

/// A card is good without its address, so a bad one is left out.
pub(super) fn read_address(field: &str, doubts: &mut Vec<Doubt>) -> Option<Address> {
    let field = fields::known(field)?;
    if address_looks_mangled(field) {
        doubts.push(Doubt::AddressMangled);
        return None;
    }
    kept(Address::parse(field), Doubt::AddressUnread, doubts)
}

/// Compares a personal number with what else is known of its holder (Circular 59/2021/TT-BCA):
/// digits 1 to 3 say where the birth was registered, 4 the century and the sex, 5 and 6 the year.
/// The number has no check digit, so this catches most slips in a typed one.
pub fn doubts_about_number(number: &NationalId, birth: Option<Birth>, sex: Option<Sex>) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    match registered_in(number) {
        RegisteredIn::Province(_) => {}
        RegisteredIn::Abroad => doubts.push(Doubt::BornAbroad),
        RegisteredIn::Nowhere => doubts.push(Doubt::ProvinceUnknown),
    }
    if let Some((sex_by_number, year_by_number)) = number.says() {
        if sex.is_some_and(|sex| sex != Sex::Other && sex != sex_by_number) {
            doubts.push(Doubt::SexAgainstNumber);
        }
        let stated = birth.filter(|birth| birth.precision != BirthPrecision::Estimated);
        if stated.is_some_and(|birth| birth.date.year() != year_by_number) {
            doubts.push(Doubt::BirthYearAgainstNumber);
        }
    }
    doubts
}

impl fmt::Debug for ChipCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChipCard").field("doubts", &self.doubts).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CARD: &str = "089202017098|352576714|Lê Văn Lương|23052002|Nam|Tổ 10 Ấp An Thái, Chợ Mới, An Giang|31122021";

    fn read(text: &str) -> Result<ChipCard, ChipCardPart> {
        ChipCard::read(&text.split('|').map(str::trim).collect::<Vec<_>>())
    }

    fn date(text: &str) -> Date {
        Date::parse_iso(text).unwrap()
    }

    #[test]
    fn a_card_is_read_whole() {
        let card = read(CARD).unwrap();
        assert_eq!(card.number.as_str(), "089202017098");
        assert_eq!(card.old_number.unwrap().as_str(), "352576714");
        assert_eq!(card.name.as_str(), "Lê Văn Lương");
        assert_eq!(card.birth, Birth { date: date("2002-05-23"), precision: BirthPrecision::Day });
        assert_eq!(card.sex, Sex::Male);
        assert_eq!(card.address.unwrap().as_str(), "Tổ 10 Ấp An Thái, Chợ Mới, An Giang");
        assert_eq!(card.issued, Some(date("2021-12-31")));
        assert_eq!(card.expires, None);
        assert_eq!(card.doubts, []);
    }

    #[test]
    fn cards_with_and_without_old_number_and_expiry_are_told_apart() {
        for (text, old, issued, expires) in [
            ("034303011829||Nguyễn Thị Hoa|21032003|Nữ|Lai Ổn, Thái Bình|14082021", None, "2021-08-14", None),
            ("034303011829|-|Nguyễn Thị Hoa|21032003|Nữ|Lai Ổn|14082021", None, "2021-08-14", None),
            ("034303011829|Nguyễn Thị Hoa|21032003|Nữ|Lai Ổn|14082021", None, "2021-08-14", None),
            (
                "034303011829|Nguyễn Thị Hoa|21032003|Nữ|Lai Ổn|14082021|21032028",
                None,
                "2021-08-14",
                Some("2028-03-21"),
            ),
            (
                "034303011829|152576714|Nguyễn Thị Hoa|21032003|Nữ|Lai Ổn|14082021|21032028",
                Some("152576714"),
                "2021-08-14",
                Some("2028-03-21"),
            ),
            (
                "034303011829|152576714|Nguyễn Thị Hoa|21/03/2003|Nữ|Lai Ổn|14/08/2021|Không thời hạn",
                Some("152576714"),
                "2021-08-14",
                None,
            ),
            (
                "034303011829||Nguyễn Thị Hoa|21032003|Nữ|Lai Ổn|14082021||Nguyễn Văn A|Trần Thị B|",
                None,
                "2021-08-14",
                None,
            ),
        ] {
            let card = read(text).unwrap();
            assert_eq!(card.name.as_str(), "Nguyễn Thị Hoa", "{text}");
            assert_eq!(card.birth.date, date("2003-03-21"), "{text}");
            assert_eq!(card.sex, Sex::Female, "{text}");
            assert_eq!(card.old_number.as_ref().map(OldNationalId::as_str), old, "{text}");
            assert_eq!(card.issued, Some(date(issued)), "{text}");
            assert_eq!(card.expires, expires.map(date), "{text}");
            assert_eq!(card.doubts, [], "{text}");
        }
    }

    #[test]
    fn old_people_may_have_a_year_or_a_month_only() {
        for (written, precision, day) in [
            ("1945", BirthPrecision::Year, "1945-01-01"),
            ("00001945", BirthPrecision::Year, "1945-01-01"),
            ("00/00/1945", BirthPrecision::Year, "1945-01-01"),
            ("00081945", BirthPrecision::Month, "1945-08-01"),
            ("08/1945", BirthPrecision::Month, "1945-08-01"),
        ] {
            let card = read(&format!("001045000001||Lê Văn Cụ|{written}|Nam|Hà Nội|01012022")).unwrap();
            assert_eq!(card.birth, Birth { date: date(day), precision }, "{written}");
            assert_eq!(card.doubts, [], "{written}");
        }
    }

    #[test]
    fn a_number_that_disagrees_with_the_card_is_a_doubt() {
        for (change, doubt) in [
            (("089202", "089302"), Doubt::SexAgainstNumber),
            (("089202", "089201"), Doubt::BirthYearAgainstNumber),
            (("089202", "003202"), Doubt::ProvinceUnknown),
            (("089202", "199202"), Doubt::BornAbroad),
            (("352576714", "35257671"), Doubt::OldNumberUnread),
            (("|Nam|", "|?|"), Doubt::SexUnread),
            (("|Nam|", "||"), Doubt::SexUnread),
            (("Lê Văn", "L? V?n"), Doubt::NameMangled),
            (("Tổ 10", "T? 10"), Doubt::AddressMangled),
            (("Tổ 10", "Tổ\u{202e} 10"), Doubt::AddressUnread),
            (("31122021", "31121999"), Doubt::DatesOutOfOrder),
            (("31122021", "31122021|01012020"), Doubt::DatesOutOfOrder),
            (("31122021", ""), Doubt::CutShort),
            (("|31122021", ""), Doubt::CutShort),
        ] {
            let card = read(&CARD.replacen(change.0, change.1, 1)).unwrap();
            assert_eq!(card.doubts, [doubt], "{change:?}");
            assert_eq!(card.sex, if doubt == Doubt::SexAgainstNumber { Sex::Male } else { card.sex });
        }
    }

    #[test]
    fn what_is_doubted_is_left_out_or_taken_from_the_number() {
        let unread = read(&CARD.replacen("|Nam|", "|?|", 1)).unwrap();
        assert_eq!(unread.sex, Sex::Male);
        assert_eq!(read(&CARD.replacen("Tổ", "T?", 1)).unwrap().address, None);
        assert_eq!(read(&CARD.replacen("352576714", "x", 1)).unwrap().old_number, None);
        assert_eq!(read(&CARD.replacen("Tổ", &"Tổ ".repeat(200), 1)).unwrap().address, None);
    }

    #[test]
    fn a_part_that_makes_no_sense_is_named() {
        for (from, to, part) in [
            ("089202017098", "08920201709", ChipCardPart::Number),
            ("089202017098", "000202017098", ChipCardPart::Number),
            ("Lê Văn Lương", "", ChipCardPart::Name),
            ("Lê Văn Lương", "Lê\u{202e}Văn", ChipCardPart::Name),
            ("Lê Văn Lương", "Lê\0Văn", ChipCardPart::Name),
            ("23052002", "31022002", ChipCardPart::Birth),
            ("23052002", "2305200", ChipCardPart::Birth),
            ("23052002", "", ChipCardPart::Birth),
            ("31122021", "31112021x", ChipCardPart::Issued),
            ("31122021", "31042021", ChipCardPart::Issued),
            ("31122021", "2021", ChipCardPart::Issued),
            ("31122021", "31122021|30022036", ChipCardPart::Expires),
            ("|Nam|Tổ 10 Ấp An Thái, Chợ Mới, An Giang|31122021", "", ChipCardPart::Fields),
            ("31122021", "31122021|||||||||||||||||||||||||", ChipCardPart::Fields),
        ] {
            assert_eq!(read(&CARD.replacen(from, to, 1)), Err(part), "{to}");
        }
    }

    #[test]
    fn markup_in_a_name_stays_text() {
        let card = read(&CARD.replacen("Lê Văn Lương", "<b onclick=x()>An</b>", 1)).unwrap();
        assert_eq!(card.name.as_str(), "<b onclick=x()>An</b>");
    }

    #[test]
    fn an_estimated_birth_and_another_sex_raise_no_doubt() {
        let number = NationalId::parse("001045000001").unwrap();
        let birth = Birth { date: date("1950-01-01"), precision: BirthPrecision::Estimated };
        assert_eq!(doubts_about_number(&number, Some(birth), Some(Sex::Other)), []);
        assert_eq!(doubts_about_number(&number, None, None), []);
    }

    proptest! {
        #[test]
        fn a_card_of_any_person_reads_back(
            (province, year, sex) in (0..63_usize, 1930..2100_i32, any::<bool>()),
            (month, day) in (1..=12_u8, 1..=28_u8),
            tail in 0..1_000_000_u32,
            name in "[A-ZĐ][a-zàáảãạăâêôơư]{1,6}( [A-ZĐ][a-zàáảãạăâêôơư]{1,6}){1,4}",
            old in proptest::option::of("[0-9]{9}"),
            slashes in any::<bool>(),
        ) {
            let century = (year - 1900) / 100 * 2 + i32::from(!sex);
            let place = super::super::PROVINCES[province].code;
            let number = format!("{place}{century}{:02}{tail:06}", year % 100);
            let slash = if slashes { "/" } else { "" };
            let born = format!("{day:02}{slash}{month:02}{slash}{year}");
            let word = if sex { "Nam" } else { "Nữ" };
            let old_text = old.clone().unwrap_or_default();
            let card = read(&format!("{number}|{old_text}|{name}|{born}|{word}|Hà Nội|01012101")).unwrap();
            prop_assert_eq!(card.number.as_str(), number);
            prop_assert_eq!(card.old_number.map(|old| old.as_str().to_owned()), old);
            prop_assert_eq!(card.name.as_str(), name);
            prop_assert_eq!(card.birth.date, Date::new(year, month, day).unwrap());
            prop_assert_eq!(card.sex, if sex { Sex::Male } else { Sex::Female });
            let ignored = [Doubt::NameMangled];
            prop_assert!(card.doubts.iter().all(|doubt| ignored.contains(doubt)));
        }
    }
}
