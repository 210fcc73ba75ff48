//! The fields that cards share: printed dates, sex in words, text in hexadecimal.

use std::ops::RangeInclusive;

use crate::citizen::{Birth, BirthPrecision, Sex};
use crate::text;
use crate::time::{Date, NotADate};

/// Years in which somebody alive at a campaign can have been born. A year beyond is a misread one:
/// the front half of a longer date, most often.
const BIRTH_YEARS: RangeInclusive<i32> = 1890..=2199;

/// A card writes nothing, or a dash, where it knows nothing.
pub(super) fn known(field: &str) -> Option<&str> {
    Some(field.trim()).filter(|field| !field.is_empty() && *field != "-")
}

/// The numbers of a printed date; 0 where the card leaves the place empty or writes zeros.
struct Printed {
    day: u8,
    month: u8,
    year: i32,
}

/// Reads `31122021`, `31/12/2021`, `1-2-2021`, `122021`, `12/2021` and `2021`.
fn printed(text: &str) -> Option<Printed> {
    let separators = ['/', '-', '.'];
    let text = text.trim();
    let (day, month, year) = if text.contains(separators) {
        let mut parts = text.rsplit(separators).map(str::trim);
        let (year, month) = (parts.next()?, parts.next()?);
        let day = parts.next().unwrap_or_default();
        if parts.next().is_some() {
            return None;
        }
        (day, month, year)
    } else {
        // Bytes are characters here, so that cutting is safe.
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (rest, year) = text.split_at_checked(text.len().checked_sub(4)?)?;
        match rest.len() {
            0 => ("", "", year),
            2 => ("", rest, year),
            4 => (&rest[..2], &rest[2..], year),
            _ => return None,
        }
    };
    let small = |part: &str| match part.len() {
        0 => Some(0),
        1 | 2 if part.bytes().all(|b| b.is_ascii_digit()) => part.parse().ok(),
        _ => None,
    };
    let is_year = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    Some(Printed {
        day: small(day)?,
        month: small(month)?,
        year: if is_year { year.parse().ok()? } else { return None },
    })
}

/// A birth date, of which old people's cards may know the year or the month only.
pub(super) fn birth(text: &str) -> Result<Birth, NotADate> {
    let Printed { day, month, year } = printed(text).ok_or(NotADate)?;
    if !BIRTH_YEARS.contains(&year) {
        return Err(NotADate);
    }
    let precision = match (day, month) {
        (0, 0) => BirthPrecision::Year,
        (0, _) => BirthPrecision::Month,
        _ => BirthPrecision::Day,
    };
    let first = |part: u8, unknown: bool| if unknown { 1 } else { part };
    let year_only = precision == BirthPrecision::Year;
    let date = Date::new(year, first(month, year_only), first(day, day == 0))?;
    Ok(Birth { date, precision })
}

/// A day a card was issued or ends on; `None` where the card says nothing.
pub(super) fn day(text: &str) -> Result<Option<Date>, NotADate> {
    let Some(text) = known(text) else { return Ok(None) };
    let Printed { day, month, year } = printed(text).ok_or(NotADate)?;
    Date::new(year, month, day).map(Some)
}

/// Sex as a word, also one typed by a scanner through Telex or VNI that nobody composed.
pub(super) fn sex(word: &str) -> Option<Sex> {
    // The longest word below has six letters; a wall of text is none of them.
    if word.len() > 32 {
        return None;
    }
    match text::search_key(word).as_str() {
        "nam" | "male" => Some(Sex::Male),
        "nu" | "nuwx" | "nuxw" | "nu74" | "nu47" | "female" => Some(Sex::Female),
        "khac" => Some(Sex::Other),
        _ => None,
    }
}

/// The text whose UTF-8 bytes a field spells in hexadecimal. Strict: a card is printed by a
/// machine, so one wrong digit means that the rest can't be trusted either.
pub(super) fn text_of_hex(field: &str) -> Option<String> {
    let digits = field.as_bytes();
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let value = |digit: u8| char::from(digit).to_digit(16);
    let bytes: Option<Vec<u8>> =
        digits.chunks_exact(2).map(|pair| u8::try_from(value(pair[0])? * 16 + value(pair[1])?).ok()).collect();
    String::from_utf8(bytes?).ok()
}

/// Whether a field can only be hexadecimal text, never a number or a word with its accents.
pub(super) fn is_hex_of_letters(field: &str) -> bool {
    field.len() >= 4
        && field.len().is_multiple_of(2)
        && field.bytes().all(|b| b.is_ascii_hexdigit())
        && field.bytes().any(|b| b.is_ascii_digit())
        && field.bytes().any(|b| !b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birth_is_known_to_the_day_the_month_or_the_year() {
        use BirthPrecision::{Day, Month, Year};
        for (text, year, month, day, precision) in [
            ("23052002", 2002, 5, 23, Day),
            ("23/05/2002", 2002, 5, 23, Day),
            (" 3/5/2002 ", 2002, 5, 3, Day),
            ("23-05-2002", 2002, 5, 23, Day),
            ("23.05.2002", 2002, 5, 23, Day),
            ("29022000", 2000, 2, 29, Day),
            ("00051945", 1945, 5, 1, Month),
            ("00/05/1945", 1945, 5, 1, Month),
            ("05/1945", 1945, 5, 1, Month),
            ("051945", 1945, 5, 1, Month),
            ("1945", 1945, 1, 1, Year),
            ("00001945", 1945, 1, 1, Year),
            ("001945", 1945, 1, 1, Year),
            ("00/00/1945", 1945, 1, 1, Year),
            ("/ /1945", 1945, 1, 1, Year),
        ] {
            let date = Date::new(year, month, day).unwrap();
            assert_eq!(birth(text), Ok(Birth { date, precision }), "{text}");
        }
    }

    #[test]
    fn a_birth_that_never_was_is_refused() {
        for text in [
            "",
            "-",
            "31022002",
            "30/02/2002",
            "29022001",
            "15/00/1945",
            "15001945",
            "13/1945",
            "2305",
            "230520",
            "2305200",
            "230520022",
            "1/2/3/2002",
            "23/05/02",
            "0000",
            "00000000",
            "23 05 2002",
            "２３０５２００２",
            "23/5/+200",
            "ngày",
            "23\u{0}052002",
            "٢٣٠٥٢٠٠٢",
            "5é31945",
            "1545",
        ] {
            assert_eq!(birth(text), Err(NotADate), "{text:?}");
        }
    }

    #[test]
    fn a_day_is_whole_or_missing() {
        assert_eq!(day("31122021"), Ok(Some(Date::new(2021, 12, 31).unwrap())));
        assert_eq!(day(" 01/10/2027"), Ok(Some(Date::new(2027, 10, 1).unwrap())));
        assert_eq!(day(" "), Ok(None));
        assert_eq!(day("-"), Ok(None));
        for text in ["2021", "122021", "00/00/2021", "31112021x", "31/11/2021"] {
            assert_eq!(day(text), Err(NotADate), "{text}");
        }
    }

    #[test]
    fn sex_is_a_word_in_any_case_and_form() {
        for word in ["Nam", "NAM", " nam ", "Male"] {
            assert_eq!(sex(word), Some(Sex::Male), "{word}");
        }
        for word in ["Nữ", "NỮ", "Nu\u{31b}\u{303}", "nu", "Nuwx", "Nu74"] {
            assert_eq!(sex(word), Some(Sex::Female), "{word}");
        }
        assert_eq!(sex("Khác"), Some(Sex::Other));
        for word in ["", "N", "N?", "1", "Nam Định", "nam nam nam nam nam nam nam nam nam nam"] {
            assert_eq!(sex(word), None, "{word}");
        }
    }

    #[test]
    fn hexadecimal_is_read_to_the_last_digit_or_not_at_all() {
        assert_eq!(text_of_hex("4e677579E1BB856E").as_deref(), Some("Nguyễn"));
        for field in ["", "4", "4e6", "zz", "4e 67", "e1bb", "+f", "é", "ff", "c0af", "eda080"] {
            assert_eq!(text_of_hex(field), None, "{field}");
        }
    }
}
