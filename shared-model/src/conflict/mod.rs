//! Two honest statements that cannot both stand. A conflict is a value; its id is a hash of its
//! kind and the statements involved, so every node that sees the same statements raises the same one.

mod dose_clash;
mod edited_in_two_places;
mod envelope_level;
mod shared_identifier;

pub use dose_clash::{DoseClash, dose_clashes};
pub use edited_in_two_places::edited_in_two_places;
pub use envelope_level::{ClaimedTime, Fork, cloned_device, implausible_time};
pub use shared_identifier::{Holder, shared_identifiers};

use minicbor::{Decode, Encode};

use crate::hash;
use crate::ids::{CaseId, CitizenId, StatementId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConflictKind {
    EditedInTwoPlaces,
    SameDoseTwice,
    TooManyDoses,
    TooSoon,
    MixedProducts,
    OneCardTwoPersons,
    TwoCardsOnePerson,
    ClonedDevice,
    ImplausibleTime,
    /// A kind of a later version, carried but not judged here.
    Other(u16),
}

impl ConflictKind {
    pub const KNOWN: [Self; 9] = [
        Self::EditedInTwoPlaces,
        Self::SameDoseTwice,
        Self::TooManyDoses,
        Self::TooSoon,
        Self::MixedProducts,
        Self::OneCardTwoPersons,
        Self::TwoCardsOnePerson,
        Self::ClonedDevice,
        Self::ImplausibleTime,
    ];

    pub fn number(self) -> u16 {
        match self {
            Self::EditedInTwoPlaces => 1,
            Self::SameDoseTwice => 2,
            Self::TooManyDoses => 3,
            Self::TooSoon => 4,
            Self::MixedProducts => 5,
            Self::OneCardTwoPersons => 6,
            Self::TwoCardsOnePerson => 7,
            Self::ClonedDevice => 8,
            Self::ImplausibleTime => 9,
            Self::Other(number) => number,
        }
    }

    pub fn from_number(number: u16) -> Self {
        Self::KNOWN.into_iter().find(|kind| kind.number() == number).unwrap_or(Self::Other(number))
    }

    /// The word for this kind in JSON and message catalogues.
    pub fn code(self) -> &'static str {
        match self {
            Self::EditedInTwoPlaces => "edited_in_two_places",
            Self::SameDoseTwice => "same_dose_twice",
            Self::TooManyDoses => "too_many_doses",
            Self::TooSoon => "too_soon",
            Self::MixedProducts => "mixed_products",
            Self::OneCardTwoPersons => "one_card_two_persons",
            Self::TwoCardsOnePerson => "two_cards_one_person",
            Self::ClonedDevice => "cloned_device",
            Self::ImplausibleTime => "implausible_time",
            Self::Other(_) => "other",
        }
    }
}

impl<C> Encode<C> for ConflictKind {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.u16(self.number())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for ConflictKind {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        d.u16().map(Self::from_number)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    pub id: CaseId,
    pub kind: ConflictKind,
    /// Sorted, without repetition.
    pub involved: Vec<StatementId>,
    /// Sorted, without repetition; empty for conflicts about a device alone.
    pub citizens: Vec<CitizenId>,
    /// The document key in dispute, such as `citizen/name` or `dose/<id>/lot`.
    pub key: Option<String>,
}

impl Conflict {
    pub fn new(
        kind: ConflictKind,
        involved: impl IntoIterator<Item = StatementId>,
        citizens: impl IntoIterator<Item = CitizenId>,
        key: Option<String>,
    ) -> Self {
        let involved = sorted(involved);
        let citizens = sorted(citizens);
        let mut parts: Vec<&[u8]> = Vec::with_capacity(involved.len() + 2);
        let number = kind.number().to_be_bytes();
        parts.push(&number);
        // One statement may fill several registers, so the key is part of what is in dispute.
        parts.push(key.as_deref().unwrap_or_default().as_bytes());
        parts.extend(involved.iter().map(|id| id.as_bytes()));
        let id = CaseId(hash::sha256(hash::CASE, &parts));
        Self { id, kind, involved, citizens, key }
    }
}

fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    items.sort_unstable();
    items.dedup();
    items
}
