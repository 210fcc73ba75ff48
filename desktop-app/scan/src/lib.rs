//! Pixels to text.
//!
//! This room knows how to see: it opens cameras, pictures and films, finds codes in their frames and
//! turns the bytes of a code into text. A screen gives it a place to look and hears [`ScanEvent`]s.
//!
//! Deliberately absent: what the text means. No citizen, card, lot or slip is known here, nothing is
//! stored, and nothing that was read is written to a log. What a card says becomes a person in
//! `shared-model::scanned`.
//!
//! - [`frame`](Luma), [`preview`] and [`pixels`](to_luma): one grey picture, however it came
//! - [`source`](FrameSource): [`Camera`], [`Pictures`] and [`Film`], and what can be wrong with them
//! - [`decode`](Reader): the engines, in order; [`encode`](qr_png): the way back
//! - [`text`](text_of): bytes become text, or say that they are none
//! - [`worker`](run_if_worker): decoding in a process that may die
//! - [`Scanner`]: all of it together, on threads that never hold up the caller
//!
//! An application calls [`run_if_worker`] first thing in `main`.

#[cfg(feature = "webcam")]
mod camera;
#[cfg(feature = "webcam")]
mod camera_error;
mod debounce;
mod decode;
mod edge;
mod encode;
mod frame;
mod jpeg;
mod pictures;
mod pixels;
mod preview;
mod read;
#[cfg(test)]
mod rehearsal;
mod scanner;
mod slot;
mod source;
mod text;
#[cfg(any(feature = "webcam", test))]
mod watched;
mod worker;

#[cfg(feature = "webcam")]
pub use camera::{Camera, CameraChoice, CameraSeen, list_cameras};
pub use decode::{Cascade, Reader, Rqrr, Symbols, Zxing};
pub use edge::{Clock, HandClock, SteadyClock};
pub use encode::{Correction, EncodeError, QrStyle, qr_frame, qr_png, qr_svg};
pub use frame::{BadFrame, FRAME_SIDE_PIXELS_MAX, Luma};
pub use pictures::{Film, PictureError, Pictures, PicturesPace, open_picture, picture_from_bytes};
pub use pixels::{PixelError, PixelFormat, jpeg_to_luma, to_luma};
pub use preview::{PREVIEW_WIDTH_PIXELS_MAX, Preview, PreviewError, preview};
pub use read::{Corners, Point, RawRead, ReadOutcome, ScanRead, ScannedText, Symbology};
pub use scanner::{OpenSource, ScanEvent, Scanner, ScannerSettings, UnreadableWhy};
pub use source::{FrameSource, Outlook, SourceError};
pub use text::{NotText, text_of};
pub use worker::{FrameLost, WireError, WorkerProgram, run_if_worker, serve};

/// Reads the QR codes of one frame in this thread, unguarded: for a picture somebody has chosen to
/// open, and for measuring.
#[must_use]
pub fn decode_once(frame: &Luma) -> Vec<ScanRead> {
    Cascade::standard(Symbols::Qr).read(frame).iter().map(ScanRead::from).collect()
}
