//! One injection given, and what may later be said about it.

use std::fmt;

use minicbor::{Decode, Encode};

use crate::ids::SessionId;
use crate::limits;
use crate::text::{self, NotAText};
use crate::time::{Date, Moment};

/// A lot number as printed on the vial, trimmed and upper-cased.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[cbor(transparent)]
pub struct LotNumber(#[n(0)] String);
text::decode_only_what_parses!(LotNumber);

/// What makes a text no lot number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotALotNumber {
    #[error("a lot number can't be empty")]
    Empty,
    #[error("a lot number has at most {chars_max} characters")]
    TooLong { chars_max: usize },
    #[error("a lot number has letters, digits and - / . _ only")]
    Alphabet,
}

impl LotNumber {
    pub fn parse(printed: &str) -> Result<Self, NotALotNumber> {
        let lot = text::tidy(printed, limits::LOT_CHARS_MAX).map_err(|wrong| match wrong {
            NotAText::Empty => NotALotNumber::Empty,
            NotAText::TooLong { chars_max } => NotALotNumber::TooLong { chars_max },
            NotAText::Control => NotALotNumber::Alphabet,
        })?;
        let lot = lot.to_ascii_uppercase();
        if lot.bytes().all(|b| b.is_ascii_alphanumeric() || b"-/._".contains(&b)) {
            Ok(Self(lot))
        } else {
            Err(NotALotNumber::Alphabet)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LotNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The code of a vaccine product in the protocol bundle, such as `astrazeneca`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[cbor(transparent)]
pub struct ProductCode(#[n(0)] String);
text::decode_only_what_parses!(ProductCode);

/// A text that no product is called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a product code has lower-case letters, digits and - only")]
pub struct NotAProductCode;

impl ProductCode {
    pub fn parse(code: &str) -> Result<Self, NotAProductCode> {
        let plain = code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if plain && !code.is_empty() && code.len() <= limits::CODE_CHARS_MAX {
            Ok(Self(code.to_owned()))
        } else {
            Err(NotAProductCode)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProductCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! open_codes {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $code:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        /// Words of later versions are carried home unharmed.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($variant,)*
            Other(String),
        }

        impl $name {
            pub fn code(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Other(code) => code,
                }
            }

            pub fn from_code(code: &str) -> Self {
                match code {
                    $($code => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl<C> Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.str(self.code())?.ok()
            }
        }

        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                Ok(Self::from_code(d.str()?))
            }
        }
    )*};
}
pub(crate) use open_codes;

open_codes! {
    /// Where on the body the needle went.
    BodySite {
        LeftArm = "left_arm",
        RightArm = "right_arm",
        LeftThigh = "left_thigh",
        RightThigh = "right_thigh",
    }
    /// By which way the vaccine entered.
    Route {
        Intramuscular = "im",
        Subcutaneous = "sc",
        Intradermal = "id",
        Oral = "po",
    }
    /// How a statement came to be made.
    Source {
        Scanned = "scanned",
        Typed = "typed",
        Paper = "paper",
        Slip = "slip",
    }
}

/// One injection, as the person who gave it says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DoseGiven {
    #[n(0)]
    pub product: ProductCode,
    #[n(1)]
    pub lot: LotNumber,
    /// Which dose of the person's series this was meant to be: 1, 2, 3 …
    #[n(2)]
    pub number: u8,
    /// The laptop's wall clock at the needle, milliseconds since 1970.
    #[n(3)]
    pub given_at_ms: i64,
    #[n(4)]
    pub body_site: BodySite,
    #[n(5)]
    pub route: Route,
    /// The injection point, by its code.
    #[n(6)]
    pub site: String,
    #[n(7)]
    pub session: Option<SessionId>,
    #[n(8)]
    pub lot_expiry: Option<Date>,
    /// Typed from paper, restored from a slip, or given at this table.
    #[n(9)]
    pub source: Source,
    /// Codes of the findings that were on screen and did not stop the hand.
    #[n(10)]
    pub in_spite_of: Vec<String>,
}

impl DoseGiven {
    pub fn given_at(&self) -> Moment {
        Moment(self.given_at_ms)
    }
}

/// The fields of a dose that may be amended, each its own register.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum DoseField {
    #[n(0)]
    Lot(#[n(0)] LotNumber),
    #[n(1)]
    Product(#[n(0)] ProductCode),
    #[n(2)]
    Number(#[n(0)] u8),
    #[n(3)]
    GivenAt(#[n(0)] i64),
    #[n(4)]
    BodySite(#[n(0)] BodySite),
}

impl DoseField {
    pub fn code(&self) -> &'static str {
        match self {
            Self::Lot(_) => "lot",
            Self::Product(_) => "product",
            Self::Number(_) => "number",
            Self::GivenAt(_) => "given_at",
            Self::BodySite(_) => "body_site",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lot_is_what_is_printed_whatever_the_keyboard_did() {
        assert_eq!(LotNumber::parse(" fk9412 ").unwrap().as_str(), "FK9412");
        assert_eq!(LotNumber::parse("  "), Err(NotALotNumber::Empty));
        assert_eq!(LotNumber::parse("ư12"), Err(NotALotNumber::Alphabet));
        assert_eq!(LotNumber::parse(&"9".repeat(21)), Err(NotALotNumber::TooLong { chars_max: 20 }));
    }

    #[test]
    fn a_word_of_tomorrow_survives_today() {
        let bytes = minicbor::to_vec(Route::from_code("microneedle")).unwrap();
        let read: Route = minicbor::decode(&bytes).unwrap();
        assert_eq!(minicbor::to_vec(&read).unwrap(), bytes);
    }
}
