//! ③ Scanned text becomes meaning.
//!
//! [`understand`] takes what a camera or a scanner read and says which card it is, or why it
//! can't tell, in words a receptionist can act on. [`understand_typed`] does the same for the one
//! field that people type into and that keyboard-wedge scanners type into as well.
//!
//! A card is understood whole or not at all. What is odd but no reason to send anyone away comes
//! along as a [`Doubt`]: advice, never an error. Whoever calls keeps the text as it was read.
//!
//! Deliberately absent: the signature of a certificate (the certificate room reads it), the
//! contents of a vaccine box, and every guess at an encoding: bytes that were no UTF-8 never
//! get here.

mod chip_card;
mod fields;
mod insurance_card;
mod mangled;
mod own_code;
mod province;
mod reason;
mod typed;

pub use chip_card::{ChipCard, ChipCardPart, doubts_about_number};
pub use insurance_card::{FacilityCode, InsuranceCard, InsuranceCardPart};
pub use own_code::{OwnCode, OwnCodeFlaw};
pub use province::{PROVINCES, Province, RegisteredIn, registered_in};
pub use reason::{Doubt, NotUnderstood};
pub use typed::{Typed, understand_typed};

use crate::citizen::{InsuranceId, NationalId};
use crate::limits;
use crate::text;

/// What a scanned text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanned {
    /// The code on a citizen's chip card (CCCD).
    ChipCard(ChipCard),
    /// The code on a paper health-insurance card (BHYT).
    Insurance(InsuranceCard),
    /// The code this system prints on a citizen's slip.
    OwnCode(OwnCode),
    /// Something else, and what it looks like.
    Unknown(NotUnderstood),
}

impl Scanned {
    /// The word for this kind in JSON and message catalogues.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ChipCard(_) => "chip_card",
            Self::Insurance(_) => "insurance_card",
            Self::OwnCode(_) => "own_code",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// Reads one scanned text. Total: every text means something, if only a reason.
pub fn understand(text: &str) -> Scanned {
    read(text).unwrap_or_else(Scanned::Unknown)
}

fn read(text: &str) -> Result<Scanned, NotUnderstood> {
    // Four bytes are the longest character, so a hostile text is turned away uncounted.
    if text.len() > limits::SCAN_CHARS_MAX * 4 || text.chars().count() > limits::SCAN_CHARS_MAX {
        return Err(NotUnderstood::TooLong);
    }
    if text.contains('\u{1d}') {
        return Err(NotUnderstood::AGs1Code);
    }
    let text = text::half_width(text);
    let text = without_wrapping(&text);
    if text.is_empty() {
        return Err(NotUnderstood::Empty);
    }
    if let Some(read) = own_code::read(text) {
        return read.map(Scanned::OwnCode);
    }
    if let Some(known) = known_but_not_a_card(text) {
        return Err(known);
    }
    if text.contains('|') { read_card(text) } else { Err(NotUnderstood::Unrecognised) }
}

/// Cuts what scanners and readers put around a text: line ends, a byte order mark, and the
/// AIM identifier of a plain QR code, PDF417 or DataMatrix.
fn without_wrapping(text: &str) -> &str {
    let outer = |c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}';
    let text = text.trim_matches(outer);
    ["]Q0", "]Q1", "]Q2", "]L0", "]L1", "]L2", "]d0", "]d1"]
        .iter()
        .find_map(|aim| text.strip_prefix(aim))
        .unwrap_or(text)
        .trim_matches(outer)
}

/// Codes that people show or that lie on the table, and that are no card of a citizen.
fn known_but_not_a_card(text: &str) -> Option<NotUnderstood> {
    let begins = |prefix: &str| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    if looks_like_a_box(text) {
        Some(NotUnderstood::AGs1Code)
    } else if ["HC1:", "shc:/"].into_iter().any(begins) {
        Some(NotUnderstood::ACertificate)
    } else if ["http:", "https:", "www."].into_iter().any(begins) {
        Some(NotUnderstood::AWebLink)
    } else if begins("000201") && text.len() > 20 {
        // EMVCo payment codes, VietQR among them, begin with field 00, length 02, version 01.
        Some(NotUnderstood::APaymentCode)
    } else {
        None
    }
}

/// GS1 by its carrier, by its brackets, or by a trade item number with a right check digit:
/// bare as on a box, or behind the identifier 01 and followed by lot and expiry.
fn looks_like_a_box(text: &str) -> bool {
    if ["]d2", "]Q3", "]C1", "]e0", "]J1", "(01)", "(02)", "(00)"].iter().any(|prefix| text.starts_with(prefix)) {
        return true;
    }
    let bytes = text.as_bytes();
    let item = match bytes {
        [b'0', b'1', item @ ..] if item.len() >= 14 => &item[..14],
        _ if matches!(bytes.len(), 13 | 14) => bytes,
        _ => return text.contains("/01/") && text.to_ascii_lowercase().contains("gs1."),
    };
    item.iter().all(u8::is_ascii_digit) && check_digit_is_right(item)
}

/// GS1 General Specifications 7.9: weights 3 and 1 from the right, the check digit with 1.
fn check_digit_is_right(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .zip([1, 3].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    sum.is_multiple_of(10)
}

/// A text of fields with bars between them. Which card it is, the first two fields say.
fn read_card(text: &str) -> Result<Scanned, NotUnderstood> {
    let fields: Vec<&str> = text.split('|').map(str::trim).collect();
    let (first, second) = (fields[0], fields.get(1).copied().unwrap_or_default());
    let chip =
        || ChipCard::read(&fields).map(Scanned::ChipCard).map_err(|what| NotUnderstood::DamagedChipCard { what });
    let insurance = || InsuranceCard::read(&fields).map(Scanned::Insurance);
    let names_a_sex = || fields.iter().skip(3).take(2).any(|field| fields::sex(field).is_some());

    if is_covid_pass(&fields) {
        return Err(NotUnderstood::ACovidPass);
    }
    if fields::is_hex_of_letters(second) {
        return insurance();
    }
    if NationalId::parse(first).is_ok() {
        return chip();
    }
    if InsuranceId::parse(first).is_ok() && !names_a_sex() {
        return insurance();
    }
    if fields.len() >= 5 {
        if !first.is_empty() && first.chars().all(|c| c.is_numeric() || c.is_whitespace()) {
            return chip();
        }
        if mangled::number_through_an_input_method(first) {
            return Err(NotUnderstood::ThroughAnInputMethod);
        }
    }
    Err(NotUnderstood::Unrecognised)
}

/// The personal code of the 2021 apps: number (often masked), name, birth as 1989/3/3, 0 or 1 for
/// oneself or another, then two fields of their own. Nothing in it is proved, so it is no card.
fn is_covid_pass(fields: &[&str]) -> bool {
    let [number, _, birth, kind, _, ..] = fields else { return false };
    let year_first = birth.split_once('/').is_some_and(|(year, _)| year.len() == 4);
    let number_like = number.chars().all(|c| c.is_ascii_alphanumeric() || c == '*');
    number_like && year_first && matches!(*kind, "0" | "1")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CHIP: &str = "089202017098|352576714|Lê Văn Lương|23052002|Nam|Tổ 10 Ấp An Thái, Chợ Mới, An Giang|31122021";

    fn reason(text: &str) -> NotUnderstood {
        match understand(text) {
            Scanned::Unknown(reason) => reason,
            other @ (Scanned::ChipCard(_) | Scanned::Insurance(_) | Scanned::OwnCode(_)) => {
                panic!("understood as {}", other.code())
            }
        }
    }

    #[test]
    fn each_code_people_show_is_told_apart() {
        let box_with_check_digit = "0108935049000129";
        for (text, expected) in [
            ("", NotUnderstood::Empty),
            (" \r\n\t\u{feff}", NotUnderstood::Empty),
            ("\0\0\0", NotUnderstood::Empty),
            ("]d2010893504900012917251231104A123", NotUnderstood::AGs1Code),
            ("(01)08935049000129(17)251231(10)4A123", NotUnderstood::AGs1Code),
            (box_with_check_digit, NotUnderstood::AGs1Code),
            ("010893504900012917251231|104A123", NotUnderstood::AGs1Code),
            ("10LOT\u{1d}21SER", NotUnderstood::AGs1Code),
            ("8935049000129", NotUnderstood::AGs1Code),
            ("https://id.gs1.org/01/08935049000129", NotUnderstood::AGs1Code),
            ("8935049000120", NotUnderstood::Unrecognised),
            ("https://qr.example.vn/a?b=1|2", NotUnderstood::AWebLink),
            ("HTTP://EXAMPLE.VN", NotUnderstood::AWebLink),
            ("www.example.vn", NotUnderstood::AWebLink),
            ("HC1:NCFOXN%TSMAHN-H/N8", NotUnderstood::ACertificate),
            ("shc:/5676290952432060346029243740446031222959532654603460292540772804", NotUnderstood::ACertificate),
            ("00020101021138540010A00000072701240006970436", NotUnderstood::APaymentCode),
            ("******509|Nguyễn Văn C|1989/3/3|0|QID|1<GD4877*******<0943******", NotUnderstood::ACovidPass),
            ("xin chào", NotUnderstood::Unrecognised),
            ("089202017098", NotUnderstood::Unrecognised),
            ("a|b|c|d|e|f|g", NotUnderstood::Unrecognised),
        ] {
            assert_eq!(reason(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_scanners_wrap_around_a_card_does_not_hide_it() {
        let plain = understand(CHIP);
        assert_eq!(plain.code(), "chip_card");
        for wrapped in [
            format!("{CHIP}\r\n"),
            format!("\u{feff}{CHIP}"),
            format!("]Q1{CHIP}\r"),
            format!("\u{2}{CHIP}\u{3}"),
            CHIP.replace('|', " | "),
            CHIP.replace('|', "｜").replace('0', "０"),
        ] {
            assert_eq!(understand(&wrapped), plain, "{wrapped:?}");
        }
    }

    #[test]
    fn a_letter_and_its_accent_sent_apart_are_the_letter() {
        use unicode_normalization::UnicodeNormalization;
        assert_eq!(understand(&CHIP.nfd().collect::<String>()), understand(CHIP));
    }

    #[test]
    fn walls_of_text_and_walls_of_bars_are_turned_away() {
        assert_eq!(reason(&"a".repeat(1_000_000)), NotUnderstood::TooLong);
        assert_eq!(reason(&" ".repeat(1_000_000)), NotUnderstood::TooLong);
        assert_eq!(reason(&format!("{CHIP}{}", " ".repeat(2_000))), NotUnderstood::TooLong);
        assert_eq!(reason(&"|".repeat(2_000)), NotUnderstood::Unrecognised);
        assert_eq!(reason(&"ế".repeat(2_000)), NotUnderstood::Unrecognised);
    }

    #[test]
    fn a_damaged_number_does_not_hide_which_card_it_was() {
        let chip = NotUnderstood::DamagedChipCard { what: ChipCardPart::Number };
        let insurance = NotUnderstood::DamagedInsuranceCard { what: InsuranceCardPart::Number };
        for (number, expected) in [("08920201709", chip), ("0892020170", chip), ("0892020170981", chip)] {
            assert_eq!(reason(&CHIP.replacen("089202017098", number, 1)), expected, "{number}");
        }
        // The last is a personal number where insurance cards may one day carry it.
        for number in ["HS401", "", "<b>", "089202017098"] {
            let text = format!("{number}|56c5a9|07/09/2008|1|-|01 - 028|-|-|-|$");
            assert_eq!(reason(&text), insurance, "{number}");
        }
    }

    #[test]
    fn two_chip_cards_in_one_text_are_neither() {
        let twice = format!("{CHIP}\r\n{CHIP}");
        assert_eq!(reason(&twice), NotUnderstood::DamagedChipCard { what: ChipCardPart::Issued });
    }

    #[test]
    fn digits_of_another_script_are_no_number() {
        let arabic = CHIP.replacen("089202017098", "٠٨٩٢٠٢٠١٧٠٩٨", 1);
        assert_eq!(reason(&arabic), NotUnderstood::DamagedChipCard { what: ChipCardPart::Number });
    }

    #[test]
    fn a_keyboard_in_the_way_of_the_scanner_is_named() {
        for text in [
            // VNI made TÉ of TE1, and the Vietnamese layout made letters of digits.
            "TÉ790900400931|4e677579|07/09/2008|1|-|79 - 034|01/01/2019|-|01/01/2019|$",
            "đ\u{301}\u{323}âđâđă\u{303}đ\u{323}\u{301}|352576714|Lê Văn Lương|23052002|Nam|An Giang|31122021",
            "ST1:ÂB3DEFGH",
        ] {
            assert_eq!(reason(text), NotUnderstood::ThroughAnInputMethod, "{text}");
        }
    }

    #[test]
    fn nothing_personal_is_printed_for_debugging() {
        let printed = format!("{:?}", understand(CHIP));
        for secret in ["089202017098", "352576714", "Lương", "2002", "2021", "An Giang"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }

    /// Texts that come close to cards: right and wrong fields in any number and order.
    fn almost_a_card() -> impl Strategy<Value = String> {
        let field = prop_oneof![
            Just("089202017098".to_owned()),
            Just("HS4010120878837".to_owned()),
            Just("0111077012".to_owned()),
            Just("Nam".to_owned()),
            Just("Nữ".to_owned()),
            Just("$".to_owned()),
            Just("-".to_owned()),
            "[0-9]{0,14}",
            "[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{1,5}",
            "[0-9a-f]{0,20}",
            "[A-Za-zÀ-ỹ ]{0,12}",
            any::<String>(),
        ];
        proptest::collection::vec(field, 0..18).prop_map(|fields| fields.join("|"))
    }

    proptest! {
        #[test]
        fn no_text_stops_the_reader(text in any::<String>()) {
            understand(&text);
            understand_typed(&text);
        }

        #[test]
        fn no_broken_card_stops_the_reader(text in almost_a_card()) {
            understand(&text);
            understand_typed(&text);
        }

        #[test]
        fn a_card_cut_anywhere_is_never_taken_for_a_whole_one(at in 0..CHIP.chars().count()) {
            let cut: String = CHIP.chars().take(at).collect();
            if let Scanned::ChipCard(card) = understand(&cut) {
                prop_assert_eq!(card.number.as_str(), "089202017098");
                prop_assert!(!card.doubts.is_empty());
            }
        }
    }
}
