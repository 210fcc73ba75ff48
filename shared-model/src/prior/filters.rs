//! Asking: a base, the deltas on it, and what they say together of one citizen.
//!
//! # Why the greatest wins, and not the newest
//!
//! A delta could say "one dose was withdrawn, one is left", and the newest hit could be believed. But a hit
//! proves nothing: one stranger to a delta in 2,341 hits it by chance, and to believe the newest would then hide
//! what the base knows: of a nation of vaccinated people, some 43,000 a delta would be told with too few
//! doses, and with a code for "none" some of them would be told to be absent. The greatest of all hits can't go
//! below what is true of anybody held. Its price: a withdrawn dose is asked about until
//! the next base. That costs a look at a card; the other way could cost a dose too many.

use std::fmt;

use super::fuse::{Shape, unpack};
use super::segment::{HEAD_BYTES, Head};
use super::{Doses, Kind, Manifest, Mark, PriorKey, SegmentError, Split};
use crate::ids::{CitizenId, PriorId};
use crate::limits;
use crate::time::{Date, Moment};

/// What a look-up says of a citizen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Prior {
    /// Ask for the card: may already have had so many doses. Said by chance of one stranger in 260 at most.
    MayHave(Doses),
    /// The nation held no dose of this citizen up to [`Filters::to_lseq`].
    NoneKnown,
    /// The segment that would know is not held here: ask for the card.
    CannotSay,
}

/// The bytes of a checked segment, wherever they lie: in memory or in a file.
pub trait SlotBytes {
    /// Three bytes, the first of them `at` bytes behind the segment's beginning. `None` when they can't be read,
    /// and then the segment counts as not held.
    fn three(&self, at: u64) -> Option<[u8; 3]>;
}

impl<T: AsRef<[u8]>> SlotBytes for T {
    fn three(&self, at: u64) -> Option<[u8; 3]> {
        let (three, _) = self.as_ref().get(usize::try_from(at).ok()?..)?.split_first_chunk()?;
        Some(*three)
    }
}

/// A base or a delta, with those of its segments that are held.
#[derive(Clone)]
pub struct Filter<S> {
    id: PriorId,
    manifest: Manifest,
    split: Split,
    held: Vec<Option<(Shape, S)>>,
}

impl<S> fmt::Debug for Filter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.held.iter().flatten().count();
        write!(f, "Filter({:?}, {held} of {} segments)", self.id, self.held.len())
    }
}

/// What one filter says.
enum Said {
    Hit(Doses),
    Miss,
    NotHeld,
}

impl<S: SlotBytes> Filter<S> {
    /// With no segment yet. Takes what [`Manifest::open`] gave; `None` for a manifest that it would refuse.
    pub fn new((id, manifest): (PriorId, Manifest)) -> Option<Self> {
        let split = manifest.split()?;
        let held = manifest.segments.iter().map(|_| None).collect();
        Some(Self { id, manifest, split, held })
    }

    pub fn id(&self) -> PriorId {
        self.id
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Numbers of the segments that are not held.
    pub fn missing(&self) -> impl Iterator<Item = u16> + '_ {
        (0_u16..).zip(&self.held).filter(|(_, held)| held.is_none()).map(|(number, _)| number)
    }

    /// Takes a segment in: `bytes` are checked as a whole, and `slots` is where the same bytes are read from
    /// afterwards. A segment that is refused leaves what was held under its number.
    pub fn put(&mut self, number: u16, bytes: &[u8], slots: S) -> Result<(), SegmentError> {
        let head = Head::check(bytes, self.manifest.kind(), number, &self.manifest.segments)?;
        if let Some(held) = self.held.get_mut(usize::from(number)) {
            *held = Some((head.shape, slots));
        }
        Ok(())
    }

    /// Takes a segment in that [`put`](Self::put) took before, when it was kept: of `head`, its first bytes, only what a
    /// look-up needs is read.
    pub fn put_kept(&mut self, number: u16, head: &[u8], slots: S) -> Result<(), SegmentError> {
        let head = Head::check_kept(head, self.manifest.kind(), number, &self.manifest.segments)?;
        if let Some(held) = self.held.get_mut(usize::from(number)) {
            *held = Some((head.shape, slots));
        }
        Ok(())
    }

    /// Gives a segment up, as when it has gone bad on the disk.
    pub fn drop_segment(&mut self, number: u16) {
        if let Some(held) = self.held.get_mut(usize::from(number)) {
            *held = None;
        }
    }

    fn is_whole(&self) -> bool {
        self.held.iter().all(Option::is_some)
    }

    /// Whether this delta makes the other one needless. Only a whole one does: with a segment
    /// missing, the other may be all that knows somebody.
    fn covers(&self, other: &Self) -> bool {
        self.is_whole()
            && self.manifest.after_lseq <= other.manifest.after_lseq
            && other.manifest.to_lseq < self.manifest.to_lseq
    }

    fn look_up(&self, mark: Mark) -> Said {
        let Some(Some((shape, slots))) = self.held.get(usize::from(self.split.of(mark))) else {
            return Said::NotHeld;
        };
        let Some(probes) = shape.probes(mark) else {
            return Said::Miss;
        };
        let mut words = [0; 4];
        for (word, (at, before)) in words.iter_mut().zip(probes) {
            let Some(three) = slots.three(HEAD_BYTES as u64 + at) else {
                return Said::NotHeld;
            };
            *word = unpack(three, before, shape.slot_bits);
        }
        shape.answer(mark, words).map_or(Said::Miss, Said::Hit)
    }
}

/// Why a filter can't be laid beside those held, which go on answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotStacked {
    /// Fetch the key of this base.
    #[error("built under another key")]
    OtherKey,
    /// A delta came where a base must be first, or the other way round.
    #[error("not of the kind that is needed here")]
    Kind,
    /// Fetch the base it names, or a delta on the one that is held.
    #[error("stands on another base")]
    OtherBase(PriorId),
    /// Whoever changed between the two places would be missed: fetch the delta that lies between.
    #[error("the filters held end at {held_to}, and this one begins after {after}")]
    Gap { held_to: u64, after: u64 },
    /// All of it is known: leave it.
    #[error("ends no later than what is held")]
    NothingNew,
    /// Fetch one delta for many, or a new base: each more would have more strangers taken for somebody else.
    #[error("more deltas than may stand on a base")]
    TooMany,
}

/// A base and its deltas under one key: what is asked at the table.
#[derive(Debug, Clone)]
pub struct Filters<S> {
    key: PriorKey,
    base: Filter<S>,
    deltas: Vec<Filter<S>>,
}

impl<S: SlotBytes> Filters<S> {
    pub fn new(key: PriorKey, base: Filter<S>) -> Result<Self, NotStacked> {
        if base.manifest.kind() != Kind::Base {
            return Err(NotStacked::Kind);
        }
        if base.manifest.key != key.check() {
            return Err(NotStacked::OtherKey);
        }
        Ok(Self { key, base, deltas: Vec::new() })
    }

    /// Lays the next delta on. Deltas that one later delta covers are dropped, once all segments of that one are
    /// held: so put them in before, or lay the next delta on after.
    pub fn add(&mut self, delta: Filter<S>) -> Result<(), NotStacked> {
        let about = &delta.manifest;
        let on = about.base.ok_or(NotStacked::Kind)?;
        if about.key != self.key.check() {
            return Err(NotStacked::OtherKey);
        }
        if on != self.base.id {
            return Err(NotStacked::OtherBase(on));
        }
        let held_to = self.to_lseq();
        if about.to_lseq <= held_to {
            return Err(NotStacked::NothingNew);
        }
        if about.after_lseq > held_to {
            return Err(NotStacked::Gap { held_to, after: about.after_lseq });
        }
        let is_covered = |held: &Filter<S>| delta.covers(held) || self.deltas.iter().any(|later| later.covers(held));
        let covered: Vec<PriorId> = self.deltas.iter().filter(|held| is_covered(held)).map(Filter::id).collect();
        if self.deltas.len() - covered.len() >= limits::PRIOR_DELTAS_MAX {
            return Err(NotStacked::TooMany);
        }
        self.deltas.retain(|held| !covered.contains(&held.id));
        self.deltas.push(delta);
        Ok(())
    }

    /// Place in the national log up to which everybody given a dose is known, as far as segments are held.
    pub fn to_lseq(&self) -> u64 {
        self.deltas.last().map_or(self.base.manifest.to_lseq, |delta| delta.manifest.to_lseq)
    }

    /// The last day that had ended when the newest of them was written: everything the nation held by then is known.
    pub fn as_of(&self) -> Date {
        let newest = self.deltas.last().unwrap_or(&self.base);
        Moment(newest.manifest.built_ms).campaign_date().plus_days(-1)
    }

    /// The base and its deltas, oldest first.
    pub fn all(&self) -> impl Iterator<Item = &Filter<S>> {
        std::iter::once(&self.base).chain(&self.deltas)
    }

    /// To put segments in or give them up.
    pub fn filter_mut(&mut self, id: PriorId) -> Option<&mut Filter<S>> {
        std::iter::once(&mut self.base).chain(&mut self.deltas).find(|filter| filter.id == id)
    }

    /// What is known of a citizen: about a microsecond, most of it for the mark.
    pub fn look_up(&self, citizen: CitizenId) -> Prior {
        self.look_up_mark(Mark::of(&self.key, citizen))
    }

    /// As [`look_up`](Self::look_up), for a mark made under this key.
    pub fn look_up_mark(&self, mark: Mark) -> Prior {
        let mut known = Prior::NoneKnown;
        for filter in self.all() {
            known = match (filter.look_up(mark), known) {
                (Said::Hit(doses), Prior::MayHave(before)) => Prior::MayHave(doses.max(before)),
                (Said::Hit(doses), _) => Prior::MayHave(doses),
                (Said::NotHeld, Prior::NoneKnown) => Prior::CannotSay,
                (Said::Miss | Said::NotHeld, _) => known,
            };
        }
        known
    }
}
