//! "May already have this dose": what a laptop without a line knows of citizens who are not of its area.
//!
//! The server writes a *filter*: for every citizen with a dose in the national record, how many,
//! in less than two bytes. It goes down to every laptop by any road. When somebody from elsewhere
//! comes to the table, a look-up says "ask for the card: may already have had two doses". It
//! is a question to ask and never a refusal.
//!
//! The law: whoever the nation held when the filter was built is never said to be absent, and
//! never with fewer doses than were held. The other side is given away: of the people the nation does not
//! hold, one in 256 at most is taken for somebody it does, by a base and all its deltas together.
//!
//! The way of a citizen through this room: [`Mark`] hides who it is, [`build()`] writes the files,
//! [`Manifest`] is the campaign's word on them, [`Filters`] is asked at the table.
//!
//! Three layers of numbers:
//!
//! * **segments**: the marks' leading bits cut the nation into 1 to 256 files of about a million
//!   citizens (1.9 MB). Each is built, fetched, checked and repaired by itself, and a laptop may hold some only;
//! * **slots**: a segment is a binary fuse map (Graf and Lemire, 2022, [arXiv 2201.01174](https://arxiv.org/abs/2201.01174)),
//!   four slots a citizen, whose XOR is eleven or ten bits of fingerprint and three of doses;
//! * **base and deltas**: a delta is the same map, for the citizens who were given a dose since the base.
//!
//! # What it gives away
//!
//! The files alone say how many citizens have had a dose, and nothing of anybody: without
//! the key a mark cannot be computed, not even from an id read off somebody's slip. With the key, as on a laptop
//! stolen while unlocked, each id can be asked about: "at least one dose, about so many, or none". A thief who also
//! has the campaign key of that laptop can turn card numbers into ids. A card number is twelve digits built from
//! province, sex and year of birth, so all there can be are tried within a day, and the thief then holds a
//! list of the card numbers of all who were vaccinated by their card, with their doses, one in ten of
//! it wrong by chance. Names, places, dates and vaccines are not in it and cannot be learnt from it. So the key belongs
//! beside the campaign key in the encrypted store, never beside the files, and a server that wants a stolen
//! laptop to know nothing of later bases gives every base another key.
//!
//! Absent on purpose: files, transport, when to build, and what is said at the table.

mod announced;
mod build;
mod filters;
mod fuse;
mod manifest;
mod mark;
mod segment;

pub use announced::{PriorAnswer, PriorAsk};
pub use build::{About, BuildError, Built, BuiltSegment, Reach, Split, build, build_segment, manifest_of};
pub use filters::{Filter, Filters, NotStacked, Prior, SlotBytes};
pub use manifest::{Kind, Manifest, ManifestError, SegmentWord};
pub use mark::{KeyCheck, Mark, PriorKey};
pub use segment::SegmentError;

/// How the bytes are made from marks and doses: hash, slots, packing. Another way is another number.
pub const SCHEME: u8 = 1;

/// Doses a citizen has had, as far as the filter tells them: 1 to 7, where 7 means seven or more.
///
/// No more than three bits, because every value that could be told is one more that a stranger
/// can hit by chance, and at the table "seven or more" asks the same question as fifteen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Doses(u8);

impl Doses {
    /// Says "so many or more".
    pub const MOST: Self = Self(7);
    const BITS: u32 = 3;

    /// `None` for no dose: who has none is not in a filter.
    pub fn new(given: u32) -> Option<Self> {
        let told = u8::try_from(given).map_or(Self::MOST.0, |given| given.min(Self::MOST.0));
        (told > 0).then_some(Self(told))
    }

    /// 1 to 7.
    pub fn get(self) -> u8 {
        self.0
    }

    /// Whether there may be more than [`get`](Self::get) says.
    pub fn or_more(self) -> bool {
        self == Self::MOST
    }
}
