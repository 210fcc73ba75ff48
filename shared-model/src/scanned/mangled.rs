//! Signs that a text was changed between the scanner and the screen.
//!
//! A keyboard-wedge scanner types what it read. With a Vietnamese input method switched on, VNI
//! makes `TÉ7` of `TE17` and Telex makes `đ` of `dd`; with it switched off, a scanner made for one
//! leaves raw keystrokes (`Nguyeenx`, `Nguye64n`); a scanner that knows ASCII only drops letters
//! or sends `?`; and a wrong code page makes `Nguyá»…n` of `Nguyễn`. None of this can be undone
//! reliably, since several names end in the same keystrokes, so it is only noticed:
//!
//! - a `?` or U+FFFD;
//! - the two characters that UTF-8 bytes become in Windows-1252;
//! - two tone marks in one word, where a syllable takes one;
//! - in names only, for addresses abbreviate and count: a digit; a word of two or more letters
//!   without a vowel; an ASCII word with `aa`, `ee`, `dd`, a `w` after a vowel, or one of `f j x z`
//!   at its end. `s` and `r` are Telex keys too, but end names of the highlands (Ksor).
//!
//! A change that leaves a plausible name (Telex makes `Lê` of `Lee`) stays unseen.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Whether a name of a person shows signs of a change. Compares NFC, so give the raw field.
pub(super) fn name_looks_mangled(name: &str) -> bool {
    address_looks_mangled(name)
        || name.chars().any(char::is_numeric)
        || words(name).any(|word| has_no_vowel(&word) || is_raw_telex(&word))
}

/// Whether an address shows signs of a change.
pub(super) fn address_looks_mangled(address: &str) -> bool {
    let letters: Vec<char> = address.nfc().collect();
    letters.iter().any(|c| matches!(c, '?' | '\u{fffd}'))
        || letters.windows(2).any(is_misread_utf8)
        || words(address).any(|word| tones(&word) > 1)
}

/// Whether a field that holds digits or hexadecimal only holds Vietnamese letters, which only an
/// input method can have put there.
pub(super) fn holds_vietnamese_letter(field: &str) -> bool {
    field.nfd().any(|c| matches!(c, 'đ' | 'Đ') || is_combining_mark(c))
}

/// Whether a card's first field was a number before an input method (`TÉ790900400931`) or the
/// Vietnamese keyboard layout, whose row of digits is `ă â ê ô`, five marks and `đ`, got hold of it.
pub(super) fn number_through_an_input_method(field: &str) -> bool {
    if field.len() > 80 || field.contains(char::is_whitespace) || !holds_vietnamese_letter(field) {
        return false;
    }
    let digits = field.bytes().filter(u8::is_ascii_digit).count();
    let from_the_digit_row =
        |c: char| matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'o' | 'đ' | 'Đ') || is_combining_mark(c);
    digits >= 8 || (field.chars().count() >= 9 && field.nfd().all(from_the_digit_row))
}

/// Runs of letters in NFC. An apostrophe parts words: `H'Nhung` is `H` and `Nhung`.
fn words(text: &str) -> impl Iterator<Item = String> {
    let composed: String = text.nfc().collect();
    let is_part = |c: char| c.is_alphabetic() || is_combining_mark(c);
    let words: Vec<String> =
        composed.split(|c| !is_part(c)).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    words.into_iter()
}

fn tones(word: &str) -> usize {
    word.nfd().filter(|c| matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}')).count()
}

fn is_vowel(letter: char) -> bool {
    matches!(letter.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

/// Letters of other scripts have no vowels that this file knows: they are left alone.
fn has_no_vowel(word: &str) -> bool {
    word.chars().count() >= 2
        && !word.nfd().any(is_vowel)
        && word.nfd().all(|c| c.is_ascii_alphabetic() || matches!(c, 'đ' | 'Đ') || is_combining_mark(c))
}

fn is_raw_telex(word: &str) -> bool {
    if !word.is_ascii() {
        return false;
    }
    let word = word.to_ascii_lowercase();
    let has_vowel = word.chars().any(is_vowel);
    let horned = word.as_bytes().windows(2).any(|pair| is_vowel(char::from(pair[0])) && pair[1] == b'w');
    let doubled = ["aa", "ee", "dd"].iter().any(|pair| word.contains(pair));
    doubled || horned || (has_vowel && word.ends_with(['f', 'j', 'x', 'z']))
}

/// The lead byte of a Vietnamese letter as Windows-1252 shows it, followed by what a continuation
/// byte becomes there. The letters from U+1EA0 on begin with `áº` and `á»`.
fn is_misread_utf8(pair: &[char]) -> bool {
    match pair {
        ['á', 'º' | '»'] => true,
        // U+00A0 is left out: a space of that kind may follow a true Ã.
        ['Ã' | 'Ä' | 'Å' | 'Æ', next] => {
            matches!(next, '\u{80}'..='\u{9f}' | '\u{a1}'..='\u{bf}') || "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ".contains(*next)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_the_peoples_of_vietnam_are_left_alone() {
        for name in [
            "Nguyễn Thị Minh Khai",
            "NGUYỄN THỊ ƯỚC",
            "Lê Văn Lương",
            "Khuất Lưu Huy Nhật",
            "Đặng Lã",
            "Vũ Xuân Minh",
            "Nam",
            "Ksor H'Nhung",
            "H'Bliăk Êban",
            "Y Jŭt Niê",
            "Rơ Châm H'Bút",
            "Rcom Giao",
            "K'Brêu",
            "Chamaléa Thị Thu",
            "Nay Der",
            "Thạch Sô Phép",
            "Siu Bling",
            "Ỷ A Páo",
            "王小明",
            "Пётр",
        ] {
            assert!(!name_looks_mangled(name), "{name}");
            assert!(!name_looks_mangled(&name.nfd().collect::<String>()), "{name} in parts");
        }
    }

    #[test]
    fn names_that_lost_their_way_are_noticed() {
        for name in [
            "Nguyeenx Thij Hoa",
            "Ddinhf Vawn An",
            "Nguye64n Thi5 Hoa",
            "Nguy?n Th? Hoa",
            "Nguy\u{fffd}n",
            "? Lan",
            "Nguyá»…n Thá»‹ Hoa",
            "TrÃ¢n",
            "Trn Vn Nam",
            "Ngúyễn Thị Hoa",
            "LÊ THỊ ÁNHÍ",
        ] {
            assert!(name_looks_mangled(name), "{name}");
        }
    }

    #[test]
    fn addresses_may_abbreviate_and_count() {
        for address in [
            "Tổ 10 Ấp An Thái, Hòa Bình, Chợ Mới, An Giang",
            "12A3 KP.5, P.13, Q. Bình Thạnh, TP.HCM",
            "Căn hộ B2-15 “Phoenix”, QL1A, TT. Củ Chi",
            "Thôn Lã, xã Đồng Xá",
            "Xã\u{a0}Lã\u{a0}Vọng",
        ] {
            assert!(!address_looks_mangled(address), "{address}");
        }
        for address in ["T? 10 ?p An Thái", "Tá»• 10 áº¤p An ThÃ¡i", "Phường Ngúyễn Dú"] {
            assert!(address_looks_mangled(address), "{address}");
        }
    }

    #[test]
    fn a_number_that_met_an_input_method_is_known() {
        assert!(number_through_an_input_method("TÉ790900400931"));
        let digit_row = "đ\u{301}\u{323}âđâđă\u{303}đ\u{323}\u{301}";
        assert!(number_through_an_input_method(digit_row));
        for field in ["", "089202017098", "Tên", "Lương", "đđđ", "Số 089202017098"] {
            assert!(!number_through_an_input_method(field), "{field}");
        }
    }
}
