//! Texts people write: one normal form for keeping, one plain form for searching.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A text that a field can't take, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAText {
    #[error("empty")]
    Empty,
    #[error("longer than {chars_max} characters")]
    TooLong { chars_max: usize },
    #[error("holds control, invisible or direction-changing characters")]
    Control,
}

/// NFC, outer white space cut, inner runs of it folded to one space.
/// Control, invisible and direction-changing characters are refused: they make one name look like another.
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
    if tidied.chars().any(|c| c.is_control() || is_invisible(c)) {
        return Err(NotAText::Control);
    }
    Ok(tidied)
}

/// Characters that show nothing of themselves (Unicode `Default_Ignorable_Code_Point` and the
/// interlinear annotations): joiners, fillers, selectors of glyphs, tags, changes of direction.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Full-width letters, digits and signs as East Asian input methods make them, each as its ASCII
/// character. Everything else stays as it was written: a raised or a circled digit is no digit.
pub(crate) fn half_width(text: &str) -> Cow<'_, str> {
    let is_wide = |c: char| matches!(c, '\u{ff01}'..='\u{ff5e}' | '\u{3000}');
    if !text.contains(is_wide) {
        return Cow::Borrowed(text);
    }
    let narrow = |c: char| match c {
        '\u{3000}' => ' ',
        c if is_wide(c) => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    Cow::Owned(text.chars().map(narrow).collect())
}

/// What a search compares: lower case, without accents, đ as d, letters and digits only, each in its
/// plain form, words parted by one space. `Nguyễn  Đức-Anh` → `nguyen duc anh`.
pub fn search_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c) && !is_invisible(*c)) {
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
    fn a_name_is_found_in_whatever_width_and_form_its_letters_came() {
        for (text, key) in [
            ("Ｎｇｕｙễｎ　Văn　Ａｎ", "nguyen van an"),
            ("ﬁﬂ №", "fifl no"),
            ("An ①²", "an 12"),
            ("Ⅷ 𝐀𝐧", "viii an"),
            ("A\u{ad}n\u{200b}h\u{fe0f}", "anh"),
            ("\u{3164}An\u{115f}", "an"),
            ("\u{e0041}\u{202e}", ""),
        ] {
            assert_eq!(search_key(text), key, "{text}");
        }
    }

    #[test]
    fn what_nobody_can_see_is_refused_anywhere_in_a_text() {
        for (first, last) in [
            ('\u{ad}', '\u{ad}'),
            ('\u{34f}', '\u{34f}'),
            ('\u{61c}', '\u{61c}'),
            ('\u{115f}', '\u{1160}'),
            ('\u{180e}', '\u{180e}'),
            ('\u{200b}', '\u{200f}'),
            ('\u{202a}', '\u{202e}'),
            ('\u{2060}', '\u{2069}'),
            ('\u{3164}', '\u{3164}'),
            ('\u{fe00}', '\u{fe0f}'),
            ('\u{feff}', '\u{feff}'),
            ('\u{fff9}', '\u{fffb}'),
            ('\u{e0000}', '\u{e007f}'),
        ] {
            for c in first..=last {
                for text in [format!("An{c}h"), format!("{c}Anh"), format!("Anh{c}")] {
                    assert_eq!(tidy(&text, 100), Err(NotAText::Control), "{text:?}");
                }
            }
        }
        // A character that a scanner could not read is seen.
        assert!(tidy("An\u{fffd}h", 100).is_ok());
    }

    #[test]
    fn only_full_width_characters_change_their_width() {
        assert_eq!(half_width("Ｎｇ　１２｜～"), "Ng 12|~");
        let kept = "Nguyễn ² ﬁ ٣ ①";
        assert!(matches!(half_width(kept), Cow::Borrowed(text) if text == kept));
    }

    #[test]
    fn direction_tricks_and_walls_of_text_are_refused() {
        assert_eq!(tidy("An\u{202e}h", 100), Err(NotAText::Control));
        assert_eq!(tidy(&"a".repeat(101), 100), Err(NotAText::TooLong { chars_max: 100 }));
        assert_eq!(tidy(&"a\u{301}\u{302}\u{303}".repeat(1_000_000), 100), Err(NotAText::TooLong { chars_max: 100 }));
        assert_eq!(tidy(" \t\n ", 100), Err(NotAText::Empty));
    }
}
