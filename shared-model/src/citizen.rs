//! A person in the register, child and foreigner included: the registers that describe one.
//!
//! Fields that only make sense together share one register, so that a merge never
//! shows a combination nobody entered. Personal fields do not print themselves.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use minicbor::{Decode, Encode};
use sha2::Sha256;

use crate::ids::CitizenId;
use crate::limits;
use crate::text::{self, NotAText};
use crate::time::Date;

/// The key that turns card numbers into citizen ids: one a campaign, given at enrolment.
#[derive(Clone, zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
pub struct CampaignKey([u8; 32]);

impl CampaignKey {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for CampaignKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CampaignKey(…)")
    }
}

impl CitizenId {
    /// The id of whoever holds this scanned card. Two laptops without a network name the
    /// same person alike; without the key nobody can run through the numbers.
    /// Only for scanned numbers: a mistyped one must never fuse two people.
    pub fn of_scanned_card(key: &CampaignKey, card: &NationalId) -> Self {
        // HMAC fills a shorter key up with zeros; done here, no length is left that could be wrong.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&key.0);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(b"so-tiem/citizen/1\0");
        mac.update(card.as_str().as_bytes());
        let hash = mac.finalize().into_bytes();
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        Self(id)
    }
}

macro_rules! personal_texts {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
        #[cbor(transparent)]
        pub struct $name(#[n(0)] String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        text::decode_only_what_parses!($name);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

personal_texts! {
    /// A full name as written, family name first, NFC.
    PersonName;
    /// Twelve digits of a chip card or personal number, as Decree 137/2015 art. 13 builds them.
    NationalId;
    /// The nine digits of the card before 2016.
    OldNationalId;
    /// A health-insurance card number: two letters and thirteen digits, or ten digits since 2021.
    InsuranceId;
    /// A travel document of a foreigner.
    PassportId;
    /// A Vietnamese mobile or land-line number, digits only, with the leading 0.
    Phone;
    /// House, street, ward … as written on the card or by the receptionist.
    Address;
}

/// What is wrong with an identifier somebody typed or scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnIdentifier {
    #[error("needs {expected} digits")]
    Digits { expected: usize },
    #[error("no province or country has this code")]
    Province,
    #[error("not the form of a health-insurance number")]
    Insurance,
    #[error("not the form of a passport number")]
    Passport,
    #[error("not a Vietnamese phone number")]
    Phone,
}

/// Digits only: Vietnamese input methods and card readers leave spaces, dots and full-width digits.
pub fn digits_of(text: &str) -> String {
    text::half_width(text).chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-')).take(64).collect()
}

impl NationalId {
    pub fn parse(text: &str) -> Result<Self, NotAnIdentifier> {
        let digits = digits_of(text);
        if digits.len() != 12 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotAnIdentifier::Digits { expected: 12 });
        }
        if &digits[..3] == "000" {
            return Err(NotAnIdentifier::Province);
        }
        Ok(Self(digits))
    }

    /// Sex and century by the fourth digit, year by the fifth and sixth (Circular 59/2021/TT-BCA).
    pub fn says(&self) -> Option<(Sex, i32)> {
        let digit = |at: usize| self.0.as_bytes().get(at).map(|b| i32::from(*b) - i32::from(b'0'));
        let century = digit(3)?;
        let sex = if century % 2 == 0 { Sex::Male } else { Sex::Female };
        Some((sex, 1900 + 100 * (century / 2) + digit(4)? * 10 + digit(5)?))
    }
}

impl OldNationalId {
    pub fn parse(text: &str) -> Result<Self, NotAnIdentifier> {
        let digits = digits_of(text);
        if digits.len() == 9 && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(digits))
        } else {
            Err(NotAnIdentifier::Digits { expected: 9 })
        }
    }
}

impl InsuranceId {
    pub fn parse(text: &str) -> Result<Self, NotAnIdentifier> {
        let number = digits_of(text).to_ascii_uppercase();
        let bytes = number.as_bytes();
        let all_digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
        let long = bytes.len() == 15 && bytes[..2].iter().all(u8::is_ascii_uppercase) && all_digits(&bytes[2..]);
        let short = bytes.len() == 10 && all_digits(bytes);
        if long || short { Ok(Self(number)) } else { Err(NotAnIdentifier::Insurance) }
    }

    /// The social-insurance code, by which the long and the short form name the same person.
    pub fn code(&self) -> &str {
        &self.0[self.0.len() - 10..]
    }
}

impl PassportId {
    pub fn parse(text: &str) -> Result<Self, NotAnIdentifier> {
        let number = digits_of(text).to_ascii_uppercase();
        let plain = number.bytes().all(|b| b.is_ascii_alphanumeric());
        if plain && (5..=15).contains(&number.len()) && number.bytes().any(|b| b.is_ascii_digit()) {
            Ok(Self(number))
        } else {
            Err(NotAnIdentifier::Passport)
        }
    }
}

impl Phone {
    /// Mobile prefixes in use since 2018, with 087 of iTel; land lines are 02x with eleven digits.
    /// The country may stand before it as `+84`, `0084` or `84`, in brackets, with or without the 0 after it.
    pub fn parse(text: &str) -> Result<Self, NotAnIdentifier> {
        let mut digits = digits_of(text);
        digits.retain(|c| !matches!(c, '(' | ')'));
        let abroad = digits.strip_prefix("+84").or_else(|| digits.strip_prefix("0084"));
        let local = match abroad.or_else(|| digits.strip_prefix("84").filter(|rest| rest.len() >= 9)) {
            Some(rest) => format!("0{}", rest.strip_prefix('0').unwrap_or(rest)),
            None => digits,
        };
        if !local.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotAnIdentifier::Phone);
        }
        let mobile = local.len() == 10
            && matches!(
                &local.as_bytes()[..3],
                [b'0', b'3', b'2'..=b'9']
                    | [b'0', b'5', b'2' | b'5' | b'6' | b'8' | b'9']
                    | [b'0', b'7', b'0' | b'6'..=b'9']
                    | [b'0', b'8', b'1'..=b'9']
                    | [b'0', b'9', b'0'..=b'4' | b'6'..=b'9']
            );
        let land_line = local.len() == 11 && local.starts_with("02");
        if mobile || land_line { Ok(Self(local)) } else { Err(NotAnIdentifier::Phone) }
    }
}

impl PersonName {
    pub fn parse(text: &str) -> Result<Self, NotAText> {
        text::tidy(text, limits::NAME_CHARS_MAX).map(Self)
    }

    pub fn search_key(&self) -> String {
        text::search_key(&self.0)
    }
}

impl Address {
    pub fn parse(text: &str) -> Result<Self, NotAText> {
        text::tidy(text, limits::ADDRESS_CHARS_MAX).map(Self)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Sex {
    #[n(0)]
    Male,
    #[n(1)]
    Female,
    #[n(2)]
    Other,
}

/// How much of a birth date is known: many old people have a year only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum BirthPrecision {
    #[n(0)]
    Day,
    #[n(1)]
    Month,
    #[n(2)]
    Year,
    /// Guessed by the receptionist.
    #[n(3)]
    Estimated,
}

/// A birth date and how much of it is known. Unknown parts are the first of their kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct Birth {
    #[n(0)]
    pub date: Date,
    #[n(1)]
    pub precision: BirthPrecision,
}

/// A person who answers for a child.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Guardian {
    #[n(0)]
    pub name: PersonName,
    #[n(1)]
    pub relation: String,
    #[n(2)]
    pub phone: Option<Phone>,
}

/// One of the things that can be known about a citizen, each with one value at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Register {
    Name,
    Birth,
    Sex,
    NationalId,
    OldNationalId,
    InsuranceId,
    PassportId,
    Phone,
    Address,
    Unit,
    PriorityGroup,
    Guardian,
    /// A register of a later version: carried, shown as unknown, never dropped.
    Other(u16),
}

impl Register {
    pub const KNOWN: [Self; 12] = [
        Self::Name,
        Self::Birth,
        Self::Sex,
        Self::NationalId,
        Self::OldNationalId,
        Self::InsuranceId,
        Self::PassportId,
        Self::Phone,
        Self::Address,
        Self::Unit,
        Self::PriorityGroup,
        Self::Guardian,
    ];

    pub fn number(self) -> u16 {
        match self {
            Self::Name => 1,
            Self::Birth => 2,
            Self::Sex => 3,
            Self::NationalId => 4,
            Self::OldNationalId => 5,
            Self::InsuranceId => 6,
            Self::PassportId => 7,
            Self::Phone => 8,
            Self::Address => 9,
            Self::Unit => 10,
            Self::PriorityGroup => 11,
            Self::Guardian => 12,
            Self::Other(number) => number,
        }
    }

    pub fn from_number(number: u16) -> Self {
        Self::KNOWN.into_iter().find(|known| known.number() == number).unwrap_or(Self::Other(number))
    }

    /// The word for this register in keys, JSON and message catalogues.
    pub fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Birth => "birth",
            Self::Sex => "sex",
            Self::NationalId => "national_id",
            Self::OldNationalId => "old_national_id",
            Self::InsuranceId => "insurance_id",
            Self::PassportId => "passport_id",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::Unit => "unit",
            Self::PriorityGroup => "priority_group",
            Self::Guardian => "guardian",
            Self::Other(_) => "other",
        }
    }
}

/// What one register says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RegisterValue {
    Name(PersonName),
    Birth(Birth),
    Sex(Sex),
    NationalId(NationalId),
    OldNationalId(OldNationalId),
    InsuranceId(InsuranceId),
    PassportId(PassportId),
    Phone(Phone),
    Address(Address),
    /// Code of an administrative unit; the unit list in force says what it is called.
    Unit(String),
    /// 1 to 16 of Resolution 21/NQ-CP as numbered by Decision 3355/QĐ-BYT.
    PriorityGroup(u8),
    Guardian(Guardian),
    /// CBOR of a register this version does not know.
    Other(u16, Vec<u8>),
}

impl RegisterValue {
    pub fn register(&self) -> Register {
        match self {
            Self::Name(_) => Register::Name,
            Self::Birth(_) => Register::Birth,
            Self::Sex(_) => Register::Sex,
            Self::NationalId(_) => Register::NationalId,
            Self::OldNationalId(_) => Register::OldNationalId,
            Self::InsuranceId(_) => Register::InsuranceId,
            Self::PassportId(_) => Register::PassportId,
            Self::Phone(_) => Register::Phone,
            Self::Address(_) => Register::Address,
            Self::Unit(_) => Register::Unit,
            Self::PriorityGroup(_) => Register::PriorityGroup,
            Self::Guardian(_) => Register::Guardian,
            Self::Other(number, _) => Register::Other(*number),
        }
    }

    /// The identifier inside, in the form that two cards of one person share.
    pub fn identifier(&self) -> Option<(Register, &str)> {
        match self {
            Self::NationalId(id) => Some((Register::NationalId, id.as_str())),
            Self::OldNationalId(id) => Some((Register::OldNationalId, id.as_str())),
            Self::InsuranceId(id) => Some((Register::InsuranceId, id.code())),
            Self::PassportId(id) => Some((Register::PassportId, id.as_str())),
            Self::Name(_)
            | Self::Birth(_)
            | Self::Sex(_)
            | Self::Phone(_)
            | Self::Address(_)
            | Self::Unit(_)
            | Self::PriorityGroup(_)
            | Self::Guardian(_)
            | Self::Other(..) => None,
        }
    }
}

/// A register and its value: `[number, value]`.
impl<C> Encode<C> for RegisterValue {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.array(2)?.u16(self.register().number())?;
        match self {
            Self::Name(v) => v.encode(e, ctx),
            Self::Birth(v) => v.encode(e, ctx),
            Self::Sex(v) => v.encode(e, ctx),
            Self::NationalId(v) => v.encode(e, ctx),
            Self::OldNationalId(v) => v.encode(e, ctx),
            Self::InsuranceId(v) => v.encode(e, ctx),
            Self::PassportId(v) => v.encode(e, ctx),
            Self::Phone(v) => v.encode(e, ctx),
            Self::Address(v) => v.encode(e, ctx),
            Self::Unit(v) => e.str(v)?.ok(),
            Self::PriorityGroup(v) => e.u8(*v)?.ok(),
            Self::Guardian(v) => v.encode(e, ctx),
            Self::Other(_, bytes) => e.writer_mut().write_all(bytes).map_err(minicbor::encode::Error::write),
        }
    }
}

impl<'b, C> Decode<'b, C> for RegisterValue {
    fn decode(d: &mut minicbor::Decoder<'b>, ctx: &mut C) -> Result<Self, minicbor::decode::Error> {
        if d.array()? != Some(2) {
            return Err(minicbor::decode::Error::message("a register is a pair"));
        }
        Ok(match Register::from_number(d.u16()?) {
            Register::Name => Self::Name(PersonName::decode(d, ctx)?),
            Register::Birth => Self::Birth(Birth::decode(d, ctx)?),
            Register::Sex => Self::Sex(Sex::decode(d, ctx)?),
            Register::NationalId => Self::NationalId(NationalId::decode(d, ctx)?),
            Register::OldNationalId => Self::OldNationalId(OldNationalId::decode(d, ctx)?),
            Register::InsuranceId => Self::InsuranceId(InsuranceId::decode(d, ctx)?),
            Register::PassportId => Self::PassportId(PassportId::decode(d, ctx)?),
            Register::Phone => Self::Phone(Phone::decode(d, ctx)?),
            Register::Address => Self::Address(Address::decode(d, ctx)?),
            Register::Unit => Self::Unit(d.str()?.to_owned()),
            Register::PriorityGroup => Self::PriorityGroup(d.u8()?),
            Register::Guardian => Self::Guardian(Guardian::decode(d, ctx)?),
            Register::Other(number) => {
                let from = d.position();
                d.skip()?;
                Self::Other(number, d.input()[from..d.position()].to_vec())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_in_full_width_and_in_no_other_disguise() {
        assert_eq!(NationalId::parse("０７９１９０１２３４５６").unwrap().as_str(), "079190123456");
        assert_eq!(InsuranceId::parse("ＨＳ４０１０１２０８７８８３７").unwrap().as_str(), "HS4010120878837");
        for last in ['⑥', '⁶', '₆', '๖', '٦', '६', '𝟔', '⒍', 'б'] {
            let number = format!("07919012345{last}");
            assert_eq!(NationalId::parse(&number), Err(NotAnIdentifier::Digits { expected: 12 }), "{number}");
            assert!(Phone::parse(&format!("091234567{last}")).is_err(), "{last}");
            assert!(PassportId::parse(&format!("B123456{last}")).is_err(), "{last}");
        }
    }

    #[test]
    fn a_phone_number_is_one_number_with_or_without_its_country() {
        for text in [
            "0912345678",
            "0912 345 678",
            "+84912345678",
            "+84 0912345678",
            "+84 (0) 912 345 678",
            "(+84) 912345678",
            "(84) 912.345-678",
            "840912345678",
            "0084912345678",
            "0084 0912 345 678",
            "＋８４９１２３４５６７８",
        ] {
            assert_eq!(Phone::parse(text).map(|phone| phone.0), Ok("0912345678".to_owned()), "{text}");
        }
        assert_eq!(Phone::parse("+84 (28) 3812 3456"), Phone::parse("02838123456"));
        assert_eq!(Phone::parse("(028) 3812 3456").unwrap().as_str(), "02838123456");
    }

    #[test]
    fn a_number_of_another_country_or_length_is_no_phone_number_here() {
        for text in ["", "+", "()", "+84", "0084", "+85 912345678", "0085912345678", "+84 00912345678", "091234567"] {
            assert_eq!(Phone::parse(text), Err(NotAnIdentifier::Phone), "{text}");
        }
    }
}
