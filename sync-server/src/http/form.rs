//! Bounds of what browsers send: written once, kept when a form is read and told in the interface document.

use serde_json::{Value, json};
use shared_model::{limits, text};

use super::fault::Failed;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// Whatever is said is looked at where it is used.
    Free,
    /// A line or two by an admin.
    Note,
    /// The code of a place: one visible word, as its dose statements will repeat it.
    Place,
    /// An id in hexadecimal digits, this many.
    Hex(usize),
}

impl Bound {
    pub fn keeps(self, value: &str) -> Result<(), Failed> {
        let fits = match self {
            Self::Free => true,
            Self::Note if value.chars().count() > limits::NOTE_CHARS_MAX => return Err(Failed::TOO_LONG),
            Self::Note => true,
            Self::Place => {
                value.len() <= limits::CODE_CHARS_MAX
                    && !value.contains(char::is_whitespace)
                    && text::tidy(value, limits::CODE_CHARS_MAX).is_ok_and(|tidy| tidy == value)
            }
            Self::Hex(digits) => value.len() == digits && value.chars().all(|digit| digit.is_ascii_hexdigit()),
        };
        if fits { Ok(()) } else { Err(Failed::MALFORMED) }
    }

    /// As JSON Schema says it, where it can.
    pub fn schema(self) -> Value {
        match self {
            Self::Free => json!({}),
            Self::Note => json!({ "maxLength": limits::NOTE_CHARS_MAX }),
            // Bytes and Unicode's normal form can't be said in a schema; the description has them.
            Self::Place => json!({
                "minLength": 1,
                "maxLength": limits::CODE_CHARS_MAX,
                "pattern": "^\\S+$",
                "description": format!(
                    "One word without spaces or invisible signs, in Unicode's form NFC, of at most {} bytes of UTF-8.",
                    limits::CODE_CHARS_MAX
                ),
            }),
            Self::Hex(digits) => json!({ "pattern": format!("^[0-9a-fA-F]{{{digits}}}$") }),
        }
    }
}

/// One text of a form: its name, its bound, and where it is.
pub(crate) type Field<T> = (&'static str, Bound, fn(&T) -> &str);

/// What a browser sends as a body.
pub(crate) trait Form: Sized + 'static {
    const FIELDS: &'static [Field<Self>];

    fn keeps_its_bounds(&self) -> Result<(), Failed> {
        Self::FIELDS.iter().try_for_each(|(_, bound, of)| bound.keeps(of(self)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_one_visible_word() {
        for good in ["26734", "hem-42", "Ấp-Đông", &"a".repeat(64)] {
            assert!(Bound::Place.keeps(good).is_ok(), "{good}");
        }
        let too_many_bytes = "Ấ".repeat(22);
        let decomposed = "A\u{302}\u{301}p";
        for bad in ["", "hem 42", "hem\n", "hem\u{200b}42", "hem\u{202e}42", decomposed, &too_many_bytes] {
            assert!(Bound::Place.keeps(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_note_is_counted_in_characters() {
        assert!(Bound::Note.keeps(&"Ấ".repeat(limits::NOTE_CHARS_MAX)).is_ok());
        assert!(Bound::Note.keeps(&"a".repeat(limits::NOTE_CHARS_MAX + 1)).is_err());
    }
}
