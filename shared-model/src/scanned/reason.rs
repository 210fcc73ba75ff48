//! Why a text was not understood, and what is odd about one that was.

use super::chip_card::ChipCardPart;
use super::insurance_card::InsuranceCardPart;
use super::own_code::OwnCodeFlaw;

/// Why a scanned text is no card, as far as a receptionist can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotUnderstood {
    /// Nothing was read: scan again.
    Empty,
    /// Longer than any card.
    TooLong,
    /// The code of a vaccine box or vial: it belongs into the lot field.
    AGs1Code,
    /// A link to a web page.
    AWebLink,
    /// A vaccination certificate, from here or abroad: it is looked at elsewhere.
    ACertificate,
    /// The code of a bank or a purse.
    APaymentCode,
    /// The personal code of the 2021 apps, which proves nothing: ask for the card.
    ACovidPass,
    /// The scanner types, and a Vietnamese input method changed what it typed: turn that off.
    ThroughAnInputMethod,
    DamagedChipCard {
        what: ChipCardPart,
    },
    DamagedInsuranceCard {
        what: InsuranceCardPart,
    },
    DamagedOwnCode {
        what: OwnCodeFlaw,
    },
    /// Printed by a later version of this system: update the laptop.
    OwnCodeOfALaterVersion,
    Unrecognised,
}

impl NotUnderstood {
    /// Every code, for those who check that each has words.
    pub const CODES: [&str; 13] = [
        "empty",
        "too_long",
        "a_gs1_code",
        "a_web_link",
        "a_certificate",
        "a_payment_code",
        "a_covid_pass",
        "through_an_input_method",
        "damaged_chip_card",
        "damaged_insurance_card",
        "damaged_own_code",
        "own_code_of_a_later_version",
        "unrecognised",
    ];

    /// The word for this reason in JSON and message catalogues.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::AGs1Code => "a_gs1_code",
            Self::AWebLink => "a_web_link",
            Self::ACertificate => "a_certificate",
            Self::APaymentCode => "a_payment_code",
            Self::ACovidPass => "a_covid_pass",
            Self::ThroughAnInputMethod => "through_an_input_method",
            Self::DamagedChipCard { .. } => "damaged_chip_card",
            Self::DamagedInsuranceCard { .. } => "damaged_insurance_card",
            Self::DamagedOwnCode { .. } => "damaged_own_code",
            Self::OwnCodeOfALaterVersion => "own_code_of_a_later_version",
            Self::Unrecognised => "unrecognised",
        }
    }

    /// The word for the damaged part, where one is known.
    pub fn what(&self) -> Option<&'static str> {
        match self {
            Self::DamagedChipCard { what } => Some(what.code()),
            Self::DamagedInsuranceCard { what } => Some(what.code()),
            Self::DamagedOwnCode { what } => Some(what.code()),
            Self::Empty
            | Self::TooLong
            | Self::AGs1Code
            | Self::AWebLink
            | Self::ACertificate
            | Self::APaymentCode
            | Self::ACovidPass
            | Self::ThroughAnInputMethod
            | Self::OwnCodeOfALaterVersion
            | Self::Unrecognised => None,
        }
    }
}

/// Something about a card or a number that somebody should look at. Nobody is refused for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// The fourth digit of the number stands for the other sex.
    SexAgainstNumber,
    /// The fifth and sixth digit of the number stand for another year of birth.
    BirthYearAgainstNumber,
    /// The number begins with the code of no province.
    ProvinceUnknown,
    /// The number begins with the code of a country: rare, and a likely slip when typed.
    BornAbroad,
    /// The sex on the card could not be read; what stands there comes from the number, if anything.
    SexUnread,
    /// The old number on the card has not nine digits and was left out.
    OldNumberUnread,
    /// The address on the card is too long or holds forbidden characters and was left out.
    AddressUnread,
    /// The name looks changed on its way from the scanner: compare it with the card.
    NameMangled,
    /// The address looks changed on its way from the scanner and was left out.
    AddressMangled,
    /// Issued before birth, or at an end before its beginning.
    DatesOutOfOrder,
    /// Fewer fields than the card has: the end may be missing.
    CutShort,
}

impl Doubt {
    pub const ALL: [Self; 11] = [
        Self::SexAgainstNumber,
        Self::BirthYearAgainstNumber,
        Self::ProvinceUnknown,
        Self::BornAbroad,
        Self::SexUnread,
        Self::OldNumberUnread,
        Self::AddressUnread,
        Self::NameMangled,
        Self::AddressMangled,
        Self::DatesOutOfOrder,
        Self::CutShort,
    ];

    /// The word for this doubt in JSON and message catalogues.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SexAgainstNumber => "sex_against_number",
            Self::BirthYearAgainstNumber => "birth_year_against_number",
            Self::ProvinceUnknown => "province_unknown",
            Self::BornAbroad => "born_abroad",
            Self::SexUnread => "sex_unread",
            Self::OldNumberUnread => "old_number_unread",
            Self::AddressUnread => "address_unread",
            Self::NameMangled => "name_mangled",
            Self::AddressMangled => "address_mangled",
            Self::DatesOutOfOrder => "dates_out_of_order",
            Self::CutShort => "cut_short",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_a_word_of_its_own() {
        let what = ChipCardPart::Number;
        let reasons = [
            NotUnderstood::Empty,
            NotUnderstood::TooLong,
            NotUnderstood::AGs1Code,
            NotUnderstood::AWebLink,
            NotUnderstood::ACertificate,
            NotUnderstood::APaymentCode,
            NotUnderstood::ACovidPass,
            NotUnderstood::ThroughAnInputMethod,
            NotUnderstood::DamagedChipCard { what },
            NotUnderstood::DamagedInsuranceCard { what: InsuranceCardPart::Name },
            NotUnderstood::DamagedOwnCode { what: OwnCodeFlaw::Checksum },
            NotUnderstood::OwnCodeOfALaterVersion,
            NotUnderstood::Unrecognised,
        ];
        assert_eq!(reasons.map(|reason| reason.code()), NotUnderstood::CODES);
        assert_eq!(BTreeSet::from(NotUnderstood::CODES).len(), NotUnderstood::CODES.len());
        assert_eq!(NotUnderstood::DamagedChipCard { what }.what(), Some("number"));
        assert_eq!(NotUnderstood::Empty.what(), None);
    }

    #[test]
    fn every_doubt_and_every_part_has_a_word_of_its_own() {
        let distinct = |codes: &[&str]| codes.iter().collect::<BTreeSet<_>>().len() == codes.len();
        assert!(distinct(&Doubt::ALL.map(|doubt| doubt.code())));
        assert!(distinct(&ChipCardPart::ALL.map(|part| part.code())));
        assert!(distinct(&InsuranceCardPart::ALL.map(|part| part.code())));
        assert!(distinct(&OwnCodeFlaw::ALL.map(|flaw| flaw.code())));
    }
}
