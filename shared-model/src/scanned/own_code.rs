//! The code this system prints on a citizen's slip.
//!
//! `ST1:` and 29 characters of Crockford's base 32: the 16 bytes of the citizen's id, two bytes of
//! checksum, and one bit left over that is zero. Upper case only, so that the QR code can use its
//! alphanumeric mode, and in an alphabet that a person can read aloud and type. The checksum finds
//! every single wrong character and every pair that changed places; it proves nothing about who
//! printed the code, so the code opens a record and is never evidence of a dose.

use super::NotUnderstood;
use super::mangled::holds_vietnamese_letter;
use crate::ids::CitizenId;

/// A code of our own: it names a citizen and says nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnCode {
    pub citizen: CitizenId,
}

/// What is wrong with a text that begins as one of our codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum OwnCodeFlaw {
    #[error("does not begin with ST1:")]
    Beginning,
    #[error("too short or too long")]
    Length,
    #[error("holds a character that no code has")]
    Character,
    #[error("the checksum finds a wrong character")]
    Checksum,
}

impl OwnCodeFlaw {
    pub const ALL: [Self; 4] = [Self::Beginning, Self::Length, Self::Character, Self::Checksum];

    /// The word for this flaw in JSON and message catalogues.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Beginning => "beginning",
            Self::Length => "length",
            Self::Character => "character",
            Self::Checksum => "checksum",
        }
    }
}

const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BEGINNING: &str = "ST1:";
const CODE_BYTES: usize = CitizenId::BYTES + 2;
const CODE_CHARS: usize = (CODE_BYTES * 8).div_ceil(5);
/// Room for hyphens and spaces between any two characters, not for a wall of them.
const TYPED_CHARS_MAX: usize = 4 * CODE_CHARS;

impl OwnCode {
    /// What the QR code of a slip holds.
    pub fn print(citizen: CitizenId) -> String {
        let mut text = BEGINNING.to_owned();
        let (mut held, mut bits) = (0_u32, 0_u32);
        for byte in citizen.0.into_iter().chain(checksum(citizen).to_be_bytes()) {
            held = (held << 8) | u32::from(byte);
            bits += 8;
            while bits >= 5 {
                bits -= 5;
                text.push(letter(held >> bits));
            }
            held &= (1 << bits) - 1;
        }
        text.push(letter(held << (5 - bits)));
        text
    }

    /// Reads a printed or typed code: either case, with spaces or hyphens anywhere, O for 0,
    /// I and L for 1.
    pub fn parse(text: &str) -> Result<Self, OwnCodeFlaw> {
        let is_gap = |c: &char| c.is_whitespace() || matches!(c, '-' | ':');
        if text.chars().nth(TYPED_CHARS_MAX).is_some() {
            return Err(OwnCodeFlaw::Length);
        }
        let typed: Vec<char> = text.chars().filter(|c| !is_gap(c)).map(unconfused).collect();
        let ['S', 'T', '1', code @ ..] = typed.as_slice() else {
            return Err(OwnCodeFlaw::Beginning);
        };
        if code.len() != CODE_CHARS {
            return Err(OwnCodeFlaw::Length);
        }
        let (mut held, mut bits) = (0_u32, 0_u32);
        let mut bytes = Vec::with_capacity(CODE_BYTES);
        for c in code {
            held = (held << 5) | value_of(*c).ok_or(OwnCodeFlaw::Character)?;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                let [.., byte] = (held >> bits).to_be_bytes();
                bytes.push(byte);
                held &= (1 << bits) - 1;
            }
        }
        let (id, sum) = bytes.split_at(CitizenId::BYTES);
        let citizen = CitizenId::from_slice(id).ok_or(OwnCodeFlaw::Length)?;
        if held == 0 && sum == checksum(citizen).to_be_bytes() {
            Ok(Self { citizen })
        } else {
            Err(OwnCodeFlaw::Checksum)
        }
    }
}

/// Whether a text claims to be a code of ours, and what it then is. A text that lacks the colon
/// claims it only by being right.
pub(super) fn read(text: &str) -> Option<Result<OwnCode, NotUnderstood>> {
    let mut letters = text.chars().filter(|c| !c.is_whitespace()).map(unconfused);
    if (letters.next(), letters.next()) != (Some('S'), Some('T')) {
        return None;
    }
    let version: String = letters.by_ref().take_while(char::is_ascii_digit).take(3).collect();
    let has_colon = text.chars().take(12).any(|c| c == ':');
    if version.is_empty() || !has_colon {
        return OwnCode::parse(text).ok().map(Ok);
    }
    if version != "1" {
        return Some(Err(NotUnderstood::OwnCodeOfALaterVersion));
    }
    Some(OwnCode::parse(text).map_err(|what| {
        if holds_vietnamese_letter(text) {
            NotUnderstood::ThroughAnInputMethod
        } else {
            NotUnderstood::DamagedOwnCode { what }
        }
    }))
}

fn unconfused(c: char) -> char {
    match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    }
}

fn letter(bits: u32) -> char {
    char::from(LETTERS[(bits & 31) as usize])
}

fn value_of(letter: char) -> Option<u32> {
    let at = LETTERS.iter().position(|known| char::from(*known) == letter)?;
    u32::try_from(at).ok()
}

/// CRC-16/CCITT-FALSE over the beginning and the id.
fn checksum(citizen: CitizenId) -> u16 {
    crc16(BEGINNING.bytes().chain(citizen.0))
}

fn crc16(bytes: impl Iterator<Item = u8>) -> u16 {
    bytes.fold(0xffff, |crc, byte| {
        (0..8).fold(
            crc ^ (u16::from(byte) << 8),
            |crc, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Scanned, understand};
    use super::*;

    const ID: CitizenId = CitizenId([0xa5; 16]);
    const PRINTED: &str = "ST1:MPJTB9D5MPJTB9D5MPJTB9D5MNTC0";

    #[test]
    fn the_checksum_is_the_one_of_the_catalogues() {
        assert_eq!(crc16(b"123456789".iter().copied()), 0x29b1);
    }

    #[test]
    fn a_printed_code_never_changes_its_form() {
        assert_eq!(OwnCode::print(ID), PRINTED);
        assert!(PRINTED.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase() || b == b':'));
    }

    #[test]
    fn a_typed_code_may_be_spaced_and_confused() {
        let zeros = OwnCode::print(CitizenId([0; 16]));
        for (typed, id) in [
            (PRINTED.to_lowercase(), ID),
            (PRINTED.replace(':', ""), ID),
            (PRINTED.replace("MPJT", "-MPJT "), ID),
            (format!("  {PRINTED}\r\n"), ID),
            (PRINTED.replacen("ST1", "stI", 1), ID),
            (PRINTED.replacen("ST1", "st l ", 1), ID),
            (zeros.replace('0', "O"), CitizenId([0; 16])),
        ] {
            assert_eq!(OwnCode::parse(&typed), Ok(OwnCode { citizen: id }), "{typed}");
            assert_eq!(understand(&typed), Scanned::OwnCode(OwnCode { citizen: id }), "{typed}");
        }
    }

    #[test]
    fn a_damaged_code_says_what_is_wrong() {
        for (text, flaw) in [
            ("ST1:".to_owned(), OwnCodeFlaw::Length),
            (format!("{PRINTED}0"), OwnCodeFlaw::Length),
            (PRINTED[..PRINTED.len() - 1].to_owned(), OwnCodeFlaw::Length),
            (format!("ST1:{}", "-".repeat(1_000)), OwnCodeFlaw::Length),
            (PRINTED.replacen('M', "U", 1), OwnCodeFlaw::Character),
            (PRINTED.replacen('M', "!", 1), OwnCodeFlaw::Character),
            (PRINTED.replacen('M', "N", 1), OwnCodeFlaw::Checksum),
        ] {
            assert_eq!(OwnCode::parse(&text), Err(flaw), "{text}");
            let expected = NotUnderstood::DamagedOwnCode { what: flaw };
            assert_eq!(understand(&text), Scanned::Unknown(expected), "{text}");
        }
        assert_eq!(OwnCode::parse("Sáu"), Err(OwnCodeFlaw::Beginning));
    }

    #[test]
    fn words_that_begin_alike_are_no_code() {
        for text in ["ST", "st", "stl", "St1 Nguyen", "Stéphane", "STT 5", "sơn trà: 5"] {
            assert_eq!(understand(text), Scanned::Unknown(NotUnderstood::Unrecognised), "{text}");
        }
    }

    #[test]
    fn a_later_version_asks_for_an_update() {
        for text in ["ST2:0000", "ST12:0", "st9: x"] {
            let expected = NotUnderstood::OwnCodeOfALaterVersion;
            assert_eq!(understand(text), Scanned::Unknown(expected), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_citizen_reads_back(id in any::<[u8; 16]>()) {
            let printed = OwnCode::print(CitizenId(id));
            prop_assert_eq!(printed.len(), BEGINNING.len() + CODE_CHARS);
            prop_assert_eq!(OwnCode::parse(&printed), Ok(OwnCode { citizen: CitizenId(id) }));
        }

        #[test]
        fn one_wrong_character_is_always_found(id in any::<[u8; 16]>(), at in 0..CODE_CHARS, to in 0..32_usize) {
            let mut text = OwnCode::print(CitizenId(id)).into_bytes();
            let at = BEGINNING.len() + at;
            prop_assume!(text[at] != LETTERS[to]);
            text[at] = LETTERS[to];
            let typed = String::from_utf8(text).unwrap();
            prop_assert_eq!(OwnCode::parse(&typed), Err(OwnCodeFlaw::Checksum));
        }

        #[test]
        fn two_neighbours_that_changed_places_are_always_found(id in any::<[u8; 16]>(), at in 1..CODE_CHARS) {
            let mut text = OwnCode::print(CitizenId(id)).into_bytes();
            let at = BEGINNING.len() + at;
            prop_assume!(text[at - 1] != text[at]);
            text.swap(at - 1, at);
            let typed = String::from_utf8(text).unwrap();
            prop_assert_eq!(OwnCode::parse(&typed), Err(OwnCodeFlaw::Checksum));
        }

        #[test]
        fn no_text_stops_the_reader(text in "(ST1:)?\\PC{0,80}") {
            let _ = OwnCode::parse(&text);
        }
    }
}
