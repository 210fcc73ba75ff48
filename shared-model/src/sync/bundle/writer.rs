//! Writing a stick: contents come in, frames go out one by one.

use std::collections::VecDeque;
use std::iter::Fuse;

use super::content::{Content, FeedRange, LogRange, Manifest};
use super::frame::{CampaignTag, Folding, Head, VERSION};
use crate::ids::Seq;
use crate::limits;
use crate::sync::message::Push;

/// A payload as it will be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded {
    pub folding: Folding,
    pub bytes: Vec<u8>,
}

impl Folded {
    pub fn raw(bytes: Vec<u8>) -> Self {
        Self { folding: Folding::Raw, bytes }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotWritten {
    #[error("larger than a frame may be")]
    TooLarge,
    #[error("more ranges than a manifest may name")]
    TooManyRanges,
    #[error("more frames than can be numbered")]
    TooManyFrames,
    #[error("a manifest is written by the writer")]
    Manifest,
    #[error("a range without entries, or one that ends where no log goes")]
    NotARange,
}

/// What of a row of contents was left out, and why. The others are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("content {content:?} was left out")]
pub struct Refused {
    /// Counted from 0; `None` for a manifest, without which there is no stick.
    pub content: Option<usize>,
    pub source: NotWritten,
}

/// Numbers frames and notes what went into them.
#[derive(Debug, Clone)]
pub struct Writer {
    /// The manifest as it stands: what was written so far.
    written: Manifest,
    number: u32,
}

impl Writer {
    /// The writer, and the first frame. `planned` names what is meant to be written.
    pub fn begin(planned: Manifest) -> Result<(Self, Vec<u8>), NotWritten> {
        if !planned.within_limits() {
            return Err(NotWritten::TooManyRanges);
        }
        let opening = Content::Manifest(Manifest { frames: None, ..planned.clone() });
        let mut writer = Self { written: Manifest { ranges: Vec::new(), feeds: Vec::new(), ..planned }, number: 0 };
        let frame = writer.frame(&opening, &Folded::raw(opening.to_cbor()))?;
        Ok((writer, frame))
    }

    /// The frame of one content. `folded` is its CBOR, stored as it is or made smaller.
    /// After an error the writer goes on as if it had not been asked.
    pub fn add(&mut self, content: &Content, folded: &Folded) -> Result<Vec<u8>, NotWritten> {
        if !content.within_limits() {
            return Err(NotWritten::TooLarge);
        }
        match content {
            Content::Manifest(_) => return Err(NotWritten::Manifest),
            Content::Push(_) | Content::Feed(_) => {}
            // The manifest names ranges and stretches alone.
            _ => return self.frame(content, folded),
        }
        let mut written = self.written.clone();
        match content {
            Content::Push(push) => note_range(&mut written.ranges, range_of(push).ok_or(NotWritten::NotARange)?),
            Content::Feed(stretch) => {
                let entries = Seq::try_from(stretch.page.entries.len()).map_err(|_| NotWritten::NotARange)?;
                let to = stretch.from.seq.checked_add(entries).ok_or(NotWritten::NotARange)?;
                let (feed, epoch) = (stretch.from.feed.clone(), stretch.from.epoch);
                note_stretch(&mut written.feeds, FeedRange { feed, epoch, after: stretch.from.seq, to });
            }
            _ => {}
        }
        if !written.within_limits() {
            return Err(NotWritten::TooManyRanges);
        }
        let frame = self.frame(content, folded)?;
        self.written = written;
        Ok(frame)
    }

    /// The last frame: what was written, and how many frames there are.
    pub fn close(mut self) -> Result<Vec<u8>, NotWritten> {
        let frames = self.number.checked_add(1).ok_or(NotWritten::TooManyFrames)?;
        let closing = Content::Manifest(Manifest { frames: Some(frames), ..self.written.clone() });
        let folded = Folded::raw(closing.to_cbor());
        self.frame(&closing, &folded)
    }

    fn frame(&mut self, content: &Content, folded: &Folded) -> Result<Vec<u8>, NotWritten> {
        if folded.bytes.len() > limits::REQUEST_BYTES_MAX {
            return Err(NotWritten::TooLarge);
        }
        let head = Head {
            version: VERSION,
            needs: 1,
            kind: content.kind(),
            folding: folded.folding,
            campaign: CampaignTag::of(self.written.campaign),
            bundle: self.written.bundle,
            number: self.number,
            payload_bytes: u32::try_from(folded.bytes.len()).map_err(|_| NotWritten::TooLarge)?,
        };
        let frame = head.around(&folded.bytes);
        if frame.len() > limits::REQUEST_BYTES_MAX {
            return Err(NotWritten::TooLarge);
        }
        self.number = self.number.checked_add(1).ok_or(NotWritten::TooManyFrames)?;
        Ok(frame)
    }
}

/// A range that goes on where the last one ends is the same range.
fn note_range(ranges: &mut Vec<LogRange>, range: LogRange) {
    match ranges.last_mut() {
        Some(last)
            if (last.device, last.epoch) == (range.device, range.epoch)
                && last.to.checked_add(1) == Some(range.from) =>
        {
            last.to = range.to;
        }
        _ => ranges.push(range),
    }
}

fn note_stretch(feeds: &mut Vec<FeedRange>, range: FeedRange) {
    match feeds.last_mut() {
        Some(last) if (&last.feed, last.epoch, last.to) == (&range.feed, range.epoch, range.after) => {
            last.to = range.to;
        }
        _ => feeds.push(range),
    }
}

fn range_of(push: &Push) -> Option<LogRange> {
    let entries = Seq::try_from(push.entries.len()).ok()?;
    let to = push.from.checked_add(entries)?.checked_sub(1)?;
    let Push { device, epoch, from, previous, .. } = *push;
    (from > 0 && entries > 0).then_some(LogRange { device, epoch, from, to, previous })
}

/// Writes a whole stick: two manifests, and between them each content in a frame. A push that is too large for one is
/// cut at its seals. `fold` may make a payload smaller; [`Folded::raw`] leaves it as it is.
pub fn write<I, F>(planned: Manifest, contents: I, fold: F) -> Frames<I::IntoIter, F>
where
    I: IntoIterator<Item = Content>,
    F: FnMut(Vec<u8>) -> Folded,
{
    let stage = Stage::Begin(Box::new(planned));
    Frames { stage, contents: contents.into_iter().fuse(), met: 0, cut: VecDeque::new(), fold }
}

/// The frames of a stick, made as they are asked for.
pub struct Frames<I, F> {
    stage: Stage,
    contents: Fuse<I>,
    /// Contents taken so far.
    met: usize,
    /// Parts of a push that was too large, in order.
    cut: VecDeque<Content>,
    fold: F,
}

enum Stage {
    Begin(Box<Manifest>),
    Write(Box<Writer>),
    Done,
}

impl<I, F> Iterator for Frames<I, F>
where
    I: Iterator<Item = Content>,
    F: FnMut(Vec<u8>) -> Folded,
{
    type Item = Result<Vec<u8>, Refused>;

    fn next(&mut self) -> Option<Self::Item> {
        match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Begin(planned) => match Writer::begin(*planned) {
                Ok((writer, frame)) => {
                    self.stage = Stage::Write(Box::new(writer));
                    Some(Ok(frame))
                }
                Err(source) => Some(Err(Refused { content: None, source })),
            },
            Stage::Write(mut writer) => {
                let Some(content) = self.cut.pop_front().or_else(|| self.take()) else {
                    return Some(writer.close().map_err(|source| Refused { content: None, source }));
                };
                let frame = self.add(&mut writer, content);
                self.stage = Stage::Write(writer);
                let content = self.met.checked_sub(1);
                Some(frame.map_err(|source| Refused { content, source }))
            }
            Stage::Done => None,
        }
    }
}

impl<I, F> Frames<I, F>
where
    I: Iterator<Item = Content>,
    F: FnMut(Vec<u8>) -> Folded,
{
    fn take(&mut self) -> Option<Content> {
        let content = self.contents.next()?;
        self.met += 1;
        Some(content)
    }

    fn add(&mut self, writer: &mut Writer, mut content: Content) -> Result<Vec<u8>, NotWritten> {
        loop {
            let folded = (self.fold)(content.to_cbor());
            match (writer.add(&content, &folded), content) {
                (Err(NotWritten::TooLarge), Content::Push(push)) => {
                    let (first, second) = at_a_seal(push).ok_or(NotWritten::TooLarge)?;
                    self.cut.push_front(Content::Push(second));
                    content = Content::Push(first);
                }
                (written, _) => return written,
            }
        }
    }
}

/// Cuts a range at the seal nearest its middle; `None` where no seal stands inside it.
fn at_a_seal(mut push: Push) -> Option<(Push, Push)> {
    let entries = push.entries.len();
    let before = |to: Seq| usize::try_from(to.checked_sub(push.from)?.checked_add(1)?).ok();
    let (cut, seal, at) = push
        .seals
        .iter()
        .enumerate()
        .filter_map(|(at, seal)| Some((before(seal.to_seq)?, *seal, at)))
        .filter(|(cut, ..)| (1..entries).contains(cut))
        .min_by_key(|(cut, ..)| cut.abs_diff(entries / 2))?;
    let second = Push {
        from: seal.to_seq.checked_add(1)?,
        previous: seal.chain,
        entries: push.entries.split_off(cut),
        seals: push.seals.split_off(at + 1),
        ..push
    };
    Some((push, second))
}
