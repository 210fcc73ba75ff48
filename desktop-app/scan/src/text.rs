//! Bytes become text by one rule: cut a byte order mark, insist on UTF-8, compose (NFC).
//!
//! Deliberately absent: guessing. Decoders that guess turned 230 of 300 short Vietnamese names into
//! another alphabet; here bytes that are not UTF-8 are unreadable, and a person types instead.

use std::str;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Why bytes are not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotText {
    #[error("the code is empty")]
    Empty,
    #[error("the code is not UTF-8 from byte {at}")]
    NotUtf8 { at: usize },
}

/// Reads the bytes of a code as text.
///
/// # Errors
/// When there are none, or they are not UTF-8.
pub fn text_of(bytes: &[u8]) -> Result<String, NotText> {
    let marked = bytes.strip_prefix(BYTE_ORDER_MARK);
    let text = str::from_utf8(marked.unwrap_or(bytes))
        .map_err(|error| NotText::NotUtf8 { at: error.valid_up_to() + marked.map_or(0, |_| BYTE_ORDER_MARK.len()) })?;
    if text.is_empty() { Err(NotText::Empty) } else { Ok(text.nfc().collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_composed_and_nothing_else_is_touched() {
        let apart = "Nguye\u{302}\u{303}n Thi\u{323} Minh Khai";
        assert_eq!(text_of(apart.as_bytes()).as_deref(), Ok("Nguyễn Thị Minh Khai"));
        let gs1 = "01089312345678\u{1d}17290800\u{1d}10AB";
        assert_eq!(text_of(gs1.as_bytes()).as_deref(), Ok(gs1));
        assert_eq!(text_of(b" |  |\0\r\n").as_deref(), Ok(" |  |\0\r\n"));
    }

    #[test]
    fn a_byte_order_mark_is_cut_once() {
        assert_eq!(text_of(b"\xEF\xBB\xBFAn").as_deref(), Ok("An"));
        assert_eq!(text_of("\u{feff}\u{feff}An".as_bytes()).as_deref(), Ok("\u{feff}An"));
        assert_eq!(text_of(b"\xEF\xBB\xBF"), Err(NotText::Empty));
    }

    #[test]
    fn other_alphabets_are_refused_and_never_guessed() {
        // "Nguyễn" in windows-1258, "é" in Latin-1, and a name cut in the middle of a letter.
        assert_eq!(text_of(b"Nguy\xEA\xDEn"), Err(NotText::NotUtf8 { at: 4 }));
        assert_eq!(text_of(b"\xE9"), Err(NotText::NotUtf8 { at: 0 }));
        assert_eq!(text_of("Lễ".as_bytes().split_at(2).0), Err(NotText::NotUtf8 { at: 1 }));
        assert_eq!(text_of(b"\xEF\xBB\xBFab\xFF"), Err(NotText::NotUtf8 { at: 5 }));
        assert_eq!(text_of(b""), Err(NotText::Empty));
    }
}
