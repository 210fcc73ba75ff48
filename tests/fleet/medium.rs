//! A stick as a thing: segments in a row, of which any may be harmed. Sealing is age itself, whose dice are its own, so
//! nothing here may hang on how many bytes a segment has: harm is done to a segment, and it is lost whole or not at all.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io;
use std::rc::Rc;

use shared_model::envelope::PublicKey;
use shared_model::ids::{BundleId, DeviceId};
use shared_model::sync::bundle::{Content, Manifest};
use shared_model::time::Moment;
use stick::{Bundle, Identity, ReadThrough, Reading, Recipients, SealedWriter, StickError};
use world::Dice;

use crate::country::Campaign;

/// What a segment is closed at here: short logs take several of them.
const SEGMENT_BYTES: usize = 1_500;

/// Keys of sticks, as the tests of `desktop-app/client` have one. Laptops share a few of them, so that who is given
/// somebody else's stick can sometimes open it, and what lies under the seal is judged as well.
const KEYS: [&str; 3] = [
    "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33",
    "AGE-SECRET-KEY-1UVUD3YXJ4KUL6V8QMAFS78CTJD9UEAVHX5447MJAHZFYKX20TYLSG5W4G4",
    "AGE-SECRET-KEY-1Q0LH73XEDAVYTZGTA2W0V8HSYTQQ9GDJDT7GRLF2JJEH865JEQPQDP77C7",
];

/// Everybody's keys, parsed once.
pub struct Keys(Vec<Identity>);

impl Keys {
    pub fn new() -> Self {
        Self(KEYS.iter().map(|text| Identity::parse(text).expect("a key")).collect())
    }

    pub fn nation(&self) -> &Identity {
        self.0.first().expect("three keys")
    }

    pub fn laptop(&self, device: DeviceId) -> &Identity {
        self.0.get(1 + usize::from(device.0[0] % 2)).expect("three keys")
    }
}

/// One bundle on its way.
#[derive(Clone)]
pub struct Stick {
    pub bundle: BundleId,
    campaign: PublicKey,
    /// Who wrote an outward one, or whom a return one is for.
    pub device: DeviceId,
    /// The machine in hand: of clones there are two.
    pub who: usize,
    pub outward: bool,
    /// By the clock of who made it.
    pub made_ms: i64,
    pub arrives: Moment,
    segments: Vec<Vec<u8>>,
    /// The segment that each frame lies in.
    frames: Vec<usize>,
    /// Segments of which nothing can be had.
    lost: BTreeSet<usize>,
    /// The order in which they lie.
    order: Vec<usize>,
}

/// What becomes of a medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    Flipped,
    CutShort,
    SegmentsLost,
    Shuffled,
    Doubled,
}

impl Harm {
    pub const ALL: [Self; 5] = [Self::Flipped, Self::CutShort, Self::SegmentsLost, Self::Shuffled, Self::Doubled];

    pub fn what(self) -> &'static str {
        match self {
            Self::Flipped => "bits flipped",
            Self::CutShort => "cut short",
            Self::SegmentsLost => "segments lost",
            Self::Shuffled => "segments out of order",
            Self::Doubled => "segments twice",
        }
    }
}

/// Takes each segment as it is written.
#[derive(Clone, Default)]
struct Segments(Rc<RefCell<Vec<Vec<u8>>>>);

impl io::Write for Segments {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stick {
    pub fn write(
        manifest: Manifest,
        contents: &[Content],
        to: &Identity,
        (device, who, outward): (DeviceId, usize, bool),
    ) -> Result<Self, StickError> {
        let Manifest { bundle, campaign, made_ms, .. } = manifest;
        let medium = Segments::default();
        let recipients = Recipients::parse([to.recipient().as_str()]).map_err(io::Error::other)?;
        let mut out = SealedWriter::new(medium.clone(), campaign, recipients).in_segments_of(SEGMENT_BYTES);
        let mut writing = Bundle::begin(manifest, &mut out)?;
        let mut frames = vec![0];
        for content in contents {
            writing.add(content)?;
            frames.push(medium.0.borrow().len());
        }
        writing.close()?;
        frames.push(medium.0.borrow().len());
        out.finish()?;
        let segments = medium.0.take();
        let order = (0..segments.len()).collect();
        let (arrives, lost) = (Moment(0), BTreeSet::new());
        Ok(Self { bundle, campaign, device, who, outward, made_ms, arrives, segments, frames, lost, order })
    }

    #[must_use]
    pub fn arriving(self, arrives: Moment) -> Self {
        Self { arrives, ..self }
    }

    pub fn harm(&mut self, harm: Harm, dice: &Dice) {
        let below = |end: usize| usize::try_from(dice.below(end.max(1) as u64)).unwrap_or(0);
        let at = below(self.order.len());
        match harm {
            Harm::Flipped => {
                for _ in 0..=below(2) {
                    let which = below(self.segments.len());
                    self.flip(which, dice);
                }
            }
            // Somewhere inside of it, or it would be whole.
            Harm::CutShort => {
                if let Some(which) = self.order.get(at).copied() {
                    self.cut(which, dice);
                }
                self.order.truncate(at + 1);
            }
            Harm::SegmentsLost => {
                if at < self.order.len() {
                    self.order.remove(at);
                }
            }
            Harm::Shuffled => {
                let other = below(self.order.len());
                if at < self.order.len() {
                    self.order.swap(at, other);
                }
            }
            Harm::Doubled => {
                if let Some(which) = self.order.get(at).copied() {
                    self.order.insert(below(self.order.len()), which);
                }
            }
        }
    }

    fn flip(&mut self, which: usize, dice: &Dice) {
        let roll = dice.roll();
        let Some(segment) = self.segments.get_mut(which) else { return };
        // A second flip might undo the first.
        if !self.lost.insert(which) {
            return;
        }
        let at = usize::try_from(roll >> 8).unwrap_or(0) % segment.len().max(1);
        if let Some(byte) = segment.get_mut(at) {
            *byte ^= 1 << (roll & 7);
        }
    }

    fn cut(&mut self, which: usize, dice: &Dice) {
        let roll = dice.roll();
        let Some(segment) = self.segments.get_mut(which) else { return };
        self.lost.insert(which);
        let at = usize::try_from(roll >> 8).unwrap_or(0) % segment.len().max(1);
        segment.truncate(at);
    }

    /// The numbers of the frames that are whole on it.
    pub fn whole(&self) -> BTreeSet<u32> {
        let there: BTreeSet<usize> = self.order.iter().filter(|which| !self.lost.contains(which)).copied().collect();
        let numbered = (0_u32..).zip(&self.frames);
        numbered.filter(|(_, which)| there.contains(which)).map(|(number, _)| number).collect()
    }

    pub fn is_foreign(&self, campaign: &Campaign) -> bool {
        self.campaign != campaign.public
    }

    pub fn frames(&self) -> u32 {
        u32::try_from(self.frames.len()).unwrap_or(u32::MAX)
    }

    /// Everything that can be had of it, in the order of the bytes, each frame with its number.
    pub fn read(&self, identity: &Identity, campaign: &Campaign) -> (Vec<stick::Found>, ReadThrough) {
        let parts = self.order.iter().filter_map(|which| self.segments.get(*which));
        let bytes: Vec<u8> = parts.flatten().copied().collect();
        let mut reading = Reading::of(bytes.as_slice(), identity, campaign.public);
        let found = reading.by_ref().collect();
        (found, reading.finish())
    }
}
