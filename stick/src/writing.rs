//! Frames on their way to a medium: gathered, sealed, one segment after the other.

use std::io::Write;

use shared_model::envelope::PublicKey;
use shared_model::limits;
use shared_model::sync::bundle::{Content, Folded, Manifest, NotWritten, Writer, segment};

use crate::fold::fold;
use crate::sealing::Recipients;
use crate::wrong::StickError;

/// Seals frames to their readers. Holds one segment.
pub struct SealedWriter<W> {
    out: W,
    campaign: PublicKey,
    recipients: Recipients,
    /// A segment is closed when it holds so much; a larger frame has one of its own.
    segment_bytes: usize,
    frames: Vec<u8>,
}

impl<W: Write> SealedWriter<W> {
    pub fn new(out: W, campaign: PublicKey, recipients: Recipients) -> Self {
        Self { out, campaign, recipients, segment_bytes: limits::SEGMENT_BYTES, frames: Vec::new() }
    }

    /// With segments of another size: how much one bad sector costs can be compared, and a small stick can be damaged in
    /// its middle.
    #[must_use]
    pub fn in_segments_of(self, segment_bytes: usize) -> Self {
        Self { segment_bytes, ..self }
    }

    pub fn frame(&mut self, frame: &[u8]) -> Result<(), StickError> {
        if self.frames.len() + frame.len() > self.segment_bytes {
            self.close_segment()?;
        }
        self.frames.extend_from_slice(frame);
        Ok(())
    }

    fn close_segment(&mut self) -> Result<(), StickError> {
        if self.frames.is_empty() {
            return Ok(());
        }
        let sealed = self.recipients.seal(&self.frames)?;
        let bytes = segment(self.campaign, &sealed).map_err(|_| NotWritten::TooLarge)?;
        self.out.write_all(&bytes)?;
        self.frames.clear();
        Ok(())
    }

    /// What it was written to, once all of it was.
    pub fn finish(mut self) -> Result<W, StickError> {
        self.close_segment()?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// One bundle on its way out: two manifests, and between them what is added.
pub struct Bundle<'a, W> {
    frames: Writer,
    out: &'a mut SealedWriter<W>,
}

impl<'a, W: Write> Bundle<'a, W> {
    pub fn begin(planned: Manifest, out: &'a mut SealedWriter<W>) -> Result<Self, StickError> {
        let (frames, first) = Writer::begin(planned)?;
        out.frame(&first)?;
        Ok(Self { frames, out })
    }

    pub fn add(&mut self, content: &Content) -> Result<(), StickError> {
        let folded: Folded = fold(content.to_cbor());
        let frame = self.frames.add(content, &folded)?;
        self.out.frame(&frame)
    }

    pub fn close(self) -> Result<(), StickError> {
        let last = self.frames.close()?;
        self.out.frame(&last)
    }
}
