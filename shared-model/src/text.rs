//! Texts people write: one normal form for keeping, one plain form for searching.

use unicode_normalization::UnicodeNormalization;

/// A text that a field can't take, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAText {
    #[error("empty")]
    Empty,
    #[error("longer than {chars_max} characters")]
    TooLong { chars_max: usize },
    #[error("holds control or direction-changing characters")]
    Control,
}

/// NFC, outer white space cut, inner runs of it folded to one space.
/// Control and bidirectional override characters are refused: they make one name look like another.
pub fn tidy(text: &str, chars_max: usize) -> Result<String, NotAText> {
    // Read no more than could possibly fit, so that a hostile text costs nothing.
    if text.len() > chars_max.saturating_mul(12) {
        return Err(NotAText::TooLong { chars_max });
    }
    let mut tidied = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !tidied.is_empty() {
            tidied.push(' ');
        }
        tidied.extend(word.nfc());
    }
    if tidied.is_empty() {
        return Err(NotAText::Empty);
    }
    if tidied.chars().count() > chars_max {
        return Err(NotAText::TooLong { chars_max });
    }
    if tidied.chars().any(|c| c.is_control() || is_invisible_direction(c)) {
        return Err(NotAText::Control);
    }
    Ok(tidied)
}

fn is_invisible_direction(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// What a search compares: lower case, without accents, đ as d, letters and digits only,
/// words parted by one space. `Nguyễn  Đức-Anh` → `nguyen duc anh`.
pub fn search_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)) {
        match c {
            'đ' | 'Đ' => key.push('d'),
            c if c.is_alphanumeric() => key.extend(c.to_lowercase()),
            _ if key.is_empty() || key.ends_with(' ') => {}
            _ => key.push(' '),
        }
    }
    if key.ends_with(' ') {
        key.pop();
    }
    key
}

/// A stranger's bytes become a parsed text only in the exact form its parser would give it:
/// what did not pass the door here did not pass it anywhere.
macro_rules! decode_only_what_parses {
    ($name:ident) => {
        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let at = d.position();
                let text = d.str()?;
                Self::parse(text).ok().filter(|parsed| parsed.0 == text).ok_or_else(|| {
                    minicbor::decode::Error::message(concat!("not the form of a ", stringify!($name))).at(at)
                })
            }
        }
    };
}
pub(crate) use decode_only_what_parses;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composed_and_decomposed_names_are_one_name() {
        let decomposed = "Nguye\u{302}\u{303}n Thi\u{323} Minh Khai";
        assert_eq!(tidy(decomposed, 100).unwrap(), "Nguyễn Thị Minh Khai");
    }

    #[test]
    fn accents_decide_a_name_but_not_a_search() {
        assert_ne!(tidy("Bảo", 100), tidy("Bao", 100));
        assert_eq!(search_key("  Nguyễn  Đức-Anh "), "nguyen duc anh");
        assert_eq!(search_key("ĐẶNG THỊ ƯỚC"), search_key("đặng thị ước"));
    }

    #[test]
    fn direction_tricks_and_walls_of_text_are_refused() {
        assert_eq!(tidy("An\u{202e}h", 100), Err(NotAText::Control));
        assert_eq!(tidy(&"a".repeat(101), 100), Err(NotAText::TooLong { chars_max: 100 }));
        assert_eq!(tidy(&"a\u{301}\u{302}\u{303}".repeat(1_000_000), 100), Err(NotAText::TooLong { chars_max: 100 }));
        assert_eq!(tidy(" \t\n ", 100), Err(NotAText::Empty));
    }
}
