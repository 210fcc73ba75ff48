//! What cameras and files call a picture, turned into grey.
//!
//! Only brightness is kept: of YUYV and NV12 it is copied out, never computed through RGB.

use std::panic::catch_unwind;

use thiserror::Error;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::frame::{BadFrame, FRAME_SIDE_PIXELS_MAX, Luma, pixel_count};
use crate::jpeg::with_tables;

/// How a camera lays out its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PixelFormat {
    /// Two bytes a pixel, every other one brightness.
    Yuyv,
    /// All brightness first, then half as much colour.
    Nv12,
    /// Brightness only.
    Grey,
    /// One JPEG a frame.
    Mjpeg,
    Rgb,
    Bgr,
}

/// Why some bytes could not be turned into grey.
#[derive(Debug, Error)]
pub enum PixelError {
    #[error("the camera's frame has the wrong size")]
    Frame(#[from] BadFrame),
    #[error("the JPEG cannot be read")]
    Jpeg(#[source] DecodeErrors),
    #[error("the JPEG made its reader fall")]
    JpegReaderFell,
}

/// Turns one frame as a camera delivers it into grey.
///
/// # Errors
/// When there are fewer bytes than the frame needs, or a JPEG is damaged.
pub fn to_luma(format: PixelFormat, width: u32, height: u32, bytes: &[u8]) -> Result<Luma, PixelError> {
    let pixels = pixel_count(width, height)?;
    let grey = match format {
        PixelFormat::Mjpeg => return jpeg_to_luma(bytes),
        PixelFormat::Grey | PixelFormat::Nv12 => filled(bytes, pixels)?.to_vec(),
        PixelFormat::Yuyv => filled(bytes, pixels * 2)?.chunks_exact(2).map(|pair| pair[0]).collect(),
        PixelFormat::Rgb => filled(bytes, pixels * 3)?.chunks_exact(3).map(|p| grey_of(p[0], p[1], p[2])).collect(),
        PixelFormat::Bgr => filled(bytes, pixels * 3)?.chunks_exact(3).map(|p| grey_of(p[2], p[1], p[0])).collect(),
    };
    Ok(Luma::new(width, height, grey)?)
}

/// Reads the brightness of a JPEG, leaving its colours unread.
///
/// # Errors
/// When the JPEG is damaged or larger than a frame may be.
pub fn jpeg_to_luma(jpeg: &[u8]) -> Result<Luma, PixelError> {
    // A hostile file may reach a mistake in the decoder; it costs that picture and nothing else.
    catch_unwind(|| read_jpeg(jpeg)).unwrap_or(Err(PixelError::JpegReaderFell))
}

fn read_jpeg(jpeg: &[u8]) -> Result<Luma, PixelError> {
    let side_max = FRAME_SIDE_PIXELS_MAX as usize;
    let options = DecoderOptions::default()
        .set_max_width(side_max)
        .set_max_height(side_max)
        .set_strict_mode(false)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let jpeg = with_tables(jpeg);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg.as_ref()), options);
    decoder.decode_headers().map_err(PixelError::Jpeg)?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    let bytes = decoder.decode().map_err(PixelError::Jpeg)?;
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
    Ok(Luma::new(side(width), side(height), bytes)?)
}

/// The part of a camera's buffer that is the picture: drivers round buffers up to whole pages.
fn filled(bytes: &[u8], needed: usize) -> Result<&[u8], BadFrame> {
    bytes.get(..needed).ok_or(BadFrame::Length { needed, given: bytes.len() })
}

/// Brightness by the weights of ITU-R BT.601, in 256ths.
fn grey_of(red: u8, green: u8, blue: u8) -> u8 {
    let sum = 77 * u16::from(red) + 150 * u16::from(green) + 29 * u16::from(blue);
    sum.to_be_bytes()[0]
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;
    use crate::preview::preview;

    #[test]
    fn brightness_is_copied_out_of_every_layout() -> Result<(), Box<dyn Error>> {
        let wanted = Luma::new(2, 2, vec![1, 2, 3, 4])?;
        let read = |format, bytes: &[u8]| to_luma(format, 2, 2, bytes);
        assert_eq!(read(PixelFormat::Yuyv, &[1, 9, 2, 9, 3, 9, 4, 9])?, wanted);
        assert_eq!(read(PixelFormat::Nv12, &[1, 2, 3, 4, 9, 9])?, wanted);
        assert_eq!(read(PixelFormat::Grey, &[1, 2, 3, 4])?, wanted);
        let coloured = to_luma(PixelFormat::Rgb, 3, 1, &[255, 0, 0, 0, 255, 0, 255, 255, 255])?;
        assert_eq!(coloured.bytes(), [76, 149, 255]);
        let turned = to_luma(PixelFormat::Bgr, 1, 1, &[255, 0, 0])?;
        assert_eq!(turned.bytes(), [28]);
        Ok(())
    }

    #[test]
    fn a_buffer_may_be_longer_than_its_picture_but_never_shorter() {
        assert!(to_luma(PixelFormat::Grey, 2, 2, &[0; 4096]).is_ok());
        assert!(matches!(
            to_luma(PixelFormat::Yuyv, 2, 2, &[0; 7]),
            Err(PixelError::Frame(BadFrame::Length { needed: 8, given: 7 }))
        ));
        assert!(matches!(to_luma(PixelFormat::Grey, 5000, 2, &[]), Err(PixelError::Frame(BadFrame::Size { .. }))));
    }

    #[test]
    fn bytes_after_the_end_of_a_jpeg_do_no_harm() -> Result<(), Box<dyn Error>> {
        let mut jpeg = preview(&Luma::blank(64, 48, 200)?)?.jpeg;
        jpeg.extend([0xA5; 300]);
        assert_eq!(jpeg_to_luma(&jpeg)?.width(), 64);
        Ok(())
    }

    #[test]
    fn no_cut_of_a_jpeg_brings_the_reader_down() -> Result<(), Box<dyn Error>> {
        let jpeg = preview(&Luma::blank(64, 48, 200)?)?.jpeg;
        for length in 0..jpeg.len() {
            let _ = jpeg_to_luma(&jpeg[..length]);
        }
        assert!(matches!(jpeg_to_luma(b"not a picture"), Err(PixelError::Jpeg(_))));
        Ok(())
    }
}
