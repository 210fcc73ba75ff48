//! What a reading found: which bundles, how much of each, what is damaged, and what its reader ought to be told.

use std::collections::BTreeMap;

use super::content::{Content, Manifest};
use super::frame::{CampaignTag, Frame, Head, Kind, VERSION};
use super::returned::ahead_ms;
use crate::ids::{BundleId, DeviceId};
use crate::limits;
use crate::time::Moment;

/// Something that could not be read, or is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// Where it begins, in bytes from the start of the stick's content; its end for what is not there.
    pub at: u64,
    /// How far it reaches; 0 for what is not there.
    pub bytes: u64,
    /// Where the bytes can be believed that far.
    pub bundle: Option<BundleId>,
    pub what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// Bytes that belong to no frame.
    Stray,
    /// A frame ends before its payload does.
    Truncated,
    /// Bytes of a frame were changed.
    BadSum,
    /// A frame claims to be larger than any is.
    TooLarge,
    /// Frames for readers of that version and later.
    LaterVersion { needs: u8 },
    /// Frames of another campaign.
    ForeignCampaign,
    /// The first frame of another bundle than the one the stick begins with. It is read, and those that follow it.
    OtherBundle,
    /// Frames that came before, byte for byte.
    Duplicate,
    /// A second frame of a number, with something else in it. It is read.
    SameNumber { number: u32 },
    /// A whole frame that ought to be a manifest of its bundle and is none.
    BadManifest,
    /// Frames of these numbers are nowhere, both ends included.
    Missing { from: u32, to: u32 },
    /// Neither of the two manifests is there.
    ManifestMissing,
    /// No last manifest: the stick was pulled out early, or its end is lost, and how much is lost with it is unknown.
    Unfinished,
    /// No frame at all.
    NothingFound,
    /// Sealed for others to read.
    NotForUs,
    /// Bytes that were sealed for this reader were changed; those before them in the segment are read.
    BadSeal,
    /// The medium did not give the bytes.
    Unreadable,
}

impl What {
    pub fn code(self) -> &'static str {
        match self {
            Self::Stray => "stray",
            Self::Truncated => "truncated",
            Self::BadSum => "bad_sum",
            Self::TooLarge => "too_large",
            Self::LaterVersion { .. } => "later_version",
            Self::ForeignCampaign => "foreign_campaign",
            Self::OtherBundle => "other_bundle",
            Self::Duplicate => "duplicate",
            Self::SameNumber { .. } => "same_number",
            Self::BadManifest => "bad_manifest",
            Self::Missing { .. } => "missing",
            Self::ManifestMissing => "manifest_missing",
            Self::Unfinished => "unfinished",
            Self::NothingFound => "nothing_found",
            Self::NotForUs => "not_for_us",
            Self::BadSeal => "bad_seal",
            Self::Unreadable => "unreadable",
        }
    }

    /// Nothing is lost by it.
    pub fn is_harmless(self) -> bool {
        matches!(self, Self::OtherBundle | Self::Duplicate)
    }
}

/// What was found of one bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleRead {
    pub bundle: BundleId,
    /// By its manifest, where one could be read.
    pub maker: Option<DeviceId>,
    pub made_ms: Option<i64>,
    /// Numbers of which a whole frame was found, manifests included.
    pub frames: u32,
    /// How many there are, where the last manifest could be read.
    pub frames_made: Option<u32>,
}

impl BundleRead {
    pub fn is_complete(&self) -> bool {
        self.frames_made == Some(self.frames)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The stick's own bundle first, then others in the order of their ids.
    pub bundles: Vec<BundleRead>,
    /// In the order of the bytes, then what is missing. No more than [`limits::STICK_DAMAGES_MAX`] of each sort.
    pub damages: Vec<Damage>,
    pub damages_unlisted: u64,
    /// Read in all.
    pub bytes: u64,
}

/// What to tell whoever put the stick in. None of it stops a whole frame from being taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Nothing on it was written by this system.
    NothingFound,
    /// Frames of another campaign are on it, and were left.
    Foreign,
    /// Update this program to read all of it.
    LaterVersion { needs: u8 },
    /// Taken in before: taking it again changes nothing.
    Replayed { bundle: BundleId },
    /// Made later than now: a clock is wrong, there or here.
    Ahead { bundle: BundleId, by_ms: i64 },
    /// Something is lost or unreadable: make another stick of it.
    Damaged,
}

impl Told {
    pub fn code(self) -> &'static str {
        match self {
            Self::NothingFound => "nothing_found",
            Self::Foreign => "foreign",
            Self::LaterVersion { .. } => "later_version",
            Self::Replayed { .. } => "replayed",
            Self::Ahead { .. } => "ahead",
            Self::Damaged => "damaged",
        }
    }
}

impl Report {
    /// `imported` tells the bundles that were taken in whole before.
    pub fn told(&self, imported: impl Fn(BundleId) -> bool, now: Moment) -> Vec<Told> {
        let mut told = Vec::new();
        if self.has(|what| what == What::NothingFound) {
            return vec![Told::NothingFound];
        }
        if self.has(|what| what == What::ForeignCampaign) {
            told.push(Told::Foreign);
        }
        let needs = self.damages.iter().filter_map(|damage| match damage.what {
            What::LaterVersion { needs } => Some(needs),
            _ => None,
        });
        told.extend(needs.max().map(|needs| Told::LaterVersion { needs }));
        for read in &self.bundles {
            if imported(read.bundle) {
                told.push(Told::Replayed { bundle: read.bundle });
            }
            if let Some(by_ms) = read.made_ms.and_then(|made_ms| ahead_ms(made_ms, now)) {
                told.push(Told::Ahead { bundle: read.bundle, by_ms });
            }
        }
        let is_told_above = |what| matches!(what, What::ForeignCampaign | What::LaterVersion { .. });
        if self.damages_unlisted > 0 || self.has(|what| !what.is_harmless() && !is_told_above(what)) {
            told.push(Told::Damaged);
        }
        told
    }

    fn has(&self, is_meant: impl Fn(What) -> bool) -> bool {
        self.damages.iter().any(|damage| is_meant(damage.what))
    }
}

/// What is noted of one bundle while a stick is read.
#[derive(Default)]
struct Account {
    /// The sum of the first frame of each number.
    sums: BTreeMap<u32, [u8; 32]>,
    made_by: Option<(DeviceId, i64)>,
    frames_made: Option<u32>,
    /// Frames are here that this reader can't read; the manifests may be among them.
    for_later_readers: bool,
}

/// Whole frames are judged here, and damage is listed.
pub(super) struct Tally {
    campaign: CampaignTag,
    accounts: BTreeMap<BundleId, Account>,
    first: Option<BundleId>,
    damages: Vec<Damage>,
    unlisted: u64,
    any_frame: bool,
}

impl Tally {
    pub fn new(campaign: CampaignTag) -> Self {
        let (accounts, damages) = (BTreeMap::new(), Vec::new());
        Self { campaign, accounts, first: None, damages, unlisted: 0, any_frame: false }
    }

    /// Damage right behind the same damage is the same.
    pub fn note(&mut self, damage: Damage) {
        if let Some(last) = self.damages.last_mut()
            && (last.what, last.bundle) == (damage.what, damage.bundle)
            && last.at.saturating_add(last.bytes) == damage.at
        {
            last.bytes = last.bytes.saturating_add(damage.bytes);
        } else {
            self.add(damage);
        }
    }

    /// A frame whose sum held, at `at` and so many bytes long. It is given back when it is to be read.
    pub fn take(&mut self, head: Head, sum: [u8; 32], payload: Vec<u8>, at: u64, bytes: u64) -> Option<Frame> {
        self.any_frame = true;
        let damage = |what| Damage { at, bytes, bundle: Some(head.bundle), what };
        // Another campaign first: what a later version of another country needs is nothing to this reader.
        if head.campaign != self.campaign {
            self.note(damage(What::ForeignCampaign));
            return None;
        }
        let Head { version, needs, kind, folding, bundle, number, .. } = head;
        let is_other = bundle != *self.first.get_or_insert(bundle);
        if is_other && !self.accounts.contains_key(&bundle) {
            self.note(damage(What::OtherBundle));
        }
        let account = self.accounts.entry(bundle).or_default();
        account.for_later_readers |= needs > VERSION;
        match account.sums.get(&number) {
            Some(known) if *known == sum => {
                self.note(damage(What::Duplicate));
                return None;
            }
            Some(_) => self.note(damage(What::SameNumber { number })),
            None => drop(account.sums.insert(number, sum)),
        }
        if needs > VERSION {
            self.note(damage(What::LaterVersion { needs }));
            return None;
        }
        let frame = Frame { bundle, number, version, kind, folding, payload };
        if kind == Kind::Manifest && !self.read_manifest(&frame) {
            self.note(damage(What::BadManifest));
            return None;
        }
        Some(frame)
    }

    fn read_manifest(&mut self, frame: &Frame) -> bool {
        let Ok(Content::Manifest(manifest)) = frame.open() else { return false };
        let Manifest { bundle, campaign, maker, made_ms, frames, .. } = manifest;
        if bundle != frame.bundle || CampaignTag::of(campaign) != self.campaign {
            return false;
        }
        let account = self.accounts.entry(bundle).or_default();
        account.made_by.get_or_insert((maker, made_ms));
        // The one that knows how many there are is the last of them.
        if let Some(frames) = frames {
            if frame.number.checked_add(1) != Some(frames) {
                return false;
            }
            account.frames_made.get_or_insert(frames);
        }
        true
    }

    /// `bytes` were read in all.
    pub fn report(mut self, bytes: u64) -> Report {
        let listed = std::mem::take(&mut self.damages);
        let not_there = |bundle, what| Damage { at: bytes, bytes: 0, bundle, what };
        if !self.any_frame {
            self.add(not_there(None, What::NothingFound));
        }
        let mut bundles = Vec::new();
        for (bundle, account) in std::mem::take(&mut self.accounts) {
            for (from, to) in gaps(&account) {
                self.add(not_there(Some(bundle), What::Missing { from, to }));
            }
            if account.made_by.is_none() && !account.for_later_readers {
                self.add(not_there(Some(bundle), What::ManifestMissing));
            }
            if account.frames_made.is_none() && !account.for_later_readers {
                self.add(not_there(Some(bundle), What::Unfinished));
            }
            bundles.push(BundleRead {
                bundle,
                maker: account.made_by.map(|(maker, _)| maker),
                made_ms: account.made_by.map(|(_, made_ms)| made_ms),
                frames: u32::try_from(account.sums.len()).unwrap_or(u32::MAX),
                frames_made: account.frames_made,
            });
        }
        bundles.sort_by_key(|read| (Some(read.bundle) != self.first, read.bundle));
        let damages = [listed, self.damages].concat();
        Report { bundles, damages, damages_unlisted: self.unlisted, bytes }
    }

    fn add(&mut self, damage: Damage) {
        if self.damages.len() < limits::STICK_DAMAGES_MAX {
            self.damages.push(damage);
        } else {
            self.unlisted = self.unlisted.saturating_add(1);
        }
    }
}

/// Runs of numbers that no whole frame had, up to the last number known.
fn gaps(account: &Account) -> Vec<(u32, u32)> {
    let mut gaps = Vec::new();
    let mut next = 0_u32;
    for number in account.sums.keys() {
        if *number > next {
            gaps.push((next, number - 1));
        }
        next = number.saturating_add(1);
    }
    if let Some(last) = account.frames_made.and_then(|frames| frames.checked_sub(1))
        && last >= next
    {
        gaps.push((next, last));
    }
    gaps
}
