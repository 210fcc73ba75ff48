//! A small grey JPEG of a frame, for the screen that helps a person hold a card still.

use std::fmt;

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageError};
use thiserror::Error;

use crate::frame::Luma;

/// Wide enough to aim by; the decoder works on the full frame.
pub const PREVIEW_WIDTH_PIXELS_MAX: u32 = 640;

/// Artefacts begin to bother the eye below this, and bytes double above 85.
const PREVIEW_JPEG_QUALITY: u8 = 65;

/// What the screen shows of a frame.
#[derive(Clone, PartialEq, Eq)]
pub struct Preview {
    pub jpeg: Vec<u8>,
    pub width: u32,
    pub height: u32,
}

/// Why a frame has no preview.
#[derive(Debug, Error)]
pub enum PreviewError {
    #[error("the frame could not be written as JPEG")]
    Encode(#[source] ImageError),
}

/// Draws the preview of a frame.
///
/// # Errors
/// When the JPEG encoder refuses, which it does for no frame known.
pub fn preview(frame: &Luma) -> Result<Preview, PreviewError> {
    let small = frame.narrowed(PREVIEW_WIDTH_PIXELS_MAX);
    let mut jpeg = Vec::with_capacity(small.pixels() / 8);
    JpegEncoder::new_with_quality(&mut jpeg, PREVIEW_JPEG_QUALITY)
        .encode(small.bytes(), small.width(), small.height(), ExtendedColorType::L8)
        .map_err(PreviewError::Encode)?;
    Ok(Preview { jpeg, width: small.width(), height: small.height() })
}

impl fmt::Debug for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Preview({}x{}, {} bytes)", self.width, self.height, self.jpeg.len())
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;
    use crate::pixels::jpeg_to_luma;

    #[test]
    fn a_preview_is_a_small_jpeg_of_the_same_shade() -> Result<(), Box<dyn Error>> {
        let shown = preview(&Luma::blank(1280, 720, 120)?)?;
        assert_eq!((shown.width, shown.height), (640, 360));
        let read_back = jpeg_to_luma(&shown.jpeg)?;
        assert_eq!((read_back.width(), read_back.height()), (640, 360));
        assert!(read_back.bytes().iter().all(|shade| shade.abs_diff(120) <= 2));
        Ok(())
    }
}
