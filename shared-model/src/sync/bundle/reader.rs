//! Reading a stick: bytes come in as they come, whole frames go out, and what is left over is named.
//!
//! It holds one frame, 32 bytes of sum for each whole frame it met, and a bounded list of damages.

use super::frame::{BEFORE_PAYLOAD_BYTES, CampaignTag, Frame, Head, MAGIC, PAYLOAD_BYTES_MAX};
use super::marks::{MARK, Marks, Met};
use super::report::{Damage, Report, Tally, What};
use crate::envelope::PublicKey;

/// Takes a stick's content in pieces of any size. How it is cut changes nothing.
pub struct Reader {
    tally: Tally,
    marks: Marks,
    place: Place,
}

enum Place {
    /// In no frame: what lies from here on is damage.
    Between { from: u64, what: What },
    /// In a frame that began at `from`; `body` is what followed its magic, without escapes.
    Inside { from: u64, body: Vec<u8> },
}

/// A whole stick, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stick {
    /// In the order of the bytes, manifests included.
    pub frames: Vec<Frame>,
    pub report: Report,
}

/// Reads what lies in memory as a whole.
pub fn read(bytes: &[u8], campaign: PublicKey) -> Stick {
    let mut reader = Reader::new(campaign);
    let frames = reader.feed(bytes);
    Stick { frames, report: reader.finish() }
}

impl Reader {
    pub fn new(campaign: PublicKey) -> Self {
        let place = Place::Between { from: 0, what: What::Stray };
        Self { tally: Tally::new(CampaignTag::of(campaign)), marks: Marks::of(&MAGIC), place }
    }

    /// The frames that became whole with these bytes: together no larger than they and one frame more.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Frame> {
        let mut whole = Vec::new();
        let mut rest = bytes;
        while let Some(met) = self.marks.next(&mut rest, self.room()) {
            match met {
                Met::Plain(plain) => whole.extend(self.take(plain)),
                Met::Mark => whole.extend(self.take(&[MARK])),
                Met::Magic => {
                    let from = self.marks.at().saturating_sub(MAGIC.len() as u64);
                    self.leave(from);
                    self.place = Place::Inside { from, body: Vec::new() };
                }
                Met::Neither => {
                    if let Place::Inside { from, .. } = self.place {
                        self.place = Place::Between { from, what: What::BadSum };
                    }
                }
            }
        }
        whole
    }

    /// What was found, once all bytes were fed.
    pub fn finish(mut self) -> Report {
        let end = self.marks.at();
        self.leave(end);
        self.tally.report(end)
    }

    /// How many bytes may be taken before there is something to judge; never 0.
    fn room(&self) -> usize {
        match &self.place {
            Place::Between { .. } => usize::MAX,
            Place::Inside { body, .. } => whole_bytes(body).unwrap_or(BEFORE_PAYLOAD_BYTES) - body.len(),
        }
    }

    /// Ends the place where the reader stands: nothing up to `to` will become a frame any more.
    fn leave(&mut self, to: u64) {
        let (from, what) = match self.place {
            Place::Between { from, what } => (from, what),
            Place::Inside { from, .. } => (from, What::Truncated),
        };
        if from < to {
            self.tally.note(Damage { at: from, bytes: to - from, bundle: None, what });
        }
    }

    /// Bytes of a frame, no more than there is [`Self::room`] for.
    fn take(&mut self, plain: &[u8]) -> Option<Frame> {
        let Place::Inside { from, body } = &mut self.place else { return None };
        let from = *from;
        body.extend_from_slice(plain);
        let (head, sum) = Head::parse(body)?;
        if usize::try_from(head.payload_bytes).map_or(true, |bytes| bytes > PAYLOAD_BYTES_MAX) {
            self.place = Place::Between { from, what: What::TooLarge };
            return None;
        }
        if whole_bytes(body).is_none_or(|whole| body.len() < whole) {
            return None;
        }
        let payload = body.split_off(BEFORE_PAYLOAD_BYTES);
        if head.sum(&payload) != sum {
            self.place = Place::Between { from, what: What::BadSum };
            return None;
        }
        let to = self.marks.at();
        self.place = Place::Between { from: to, what: What::Stray };
        self.tally.take(head, sum, payload, from, to.saturating_sub(from))
    }
}

/// Bytes of a frame without its magic and escapes, once its head is here.
fn whole_bytes(body: &[u8]) -> Option<usize> {
    let (head, _) = Head::parse(body)?;
    usize::try_from(head.payload_bytes).ok()?.checked_add(BEFORE_PAYLOAD_BYTES)
}
