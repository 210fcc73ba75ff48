//! One PNG or JPEG file. Its size is known to be acceptable before a pixel of it is decoded.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::panic::catch_unwind;
use std::path::Path;

use image::error::{ImageError, LimitErrorKind};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use thiserror::Error;
use tracing::debug;

use crate::frame::{BadFrame, FRAME_SIDE_PIXELS_MAX, Luma, pixel_count};

/// A photograph of 4096 by 4096 pixels as PNG is rarely larger.
const PICTURE_FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Room for the largest picture with four channels of 16 bits, and its decoder.
const PICTURE_MEMORY_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Why a file is not a picture that can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PictureError {
    #[error("the file cannot be read: {kind}")]
    File { kind: io::ErrorKind },
    #[error("the file is larger than {PICTURE_FILE_BYTES_MAX} bytes")]
    FileTooLarge,
    #[error("the file is neither PNG nor JPEG")]
    NotAPicture,
    #[error("the picture has the wrong size")]
    Size(#[from] BadFrame),
    #[error("the picture is damaged")]
    Damaged,
}

/// Reads a picture from a file.
///
/// # Errors
/// When the file cannot be read, is too large, or holds no whole PNG or JPEG.
pub fn open_picture(path: &Path) -> Result<Luma, PictureError> {
    picture_from_bytes(&file_bytes(path)?)
}

/// Reads a picture from the bytes of a PNG or JPEG file.
///
/// # Errors
/// When the bytes hold no whole PNG or JPEG of an acceptable size.
pub fn picture_from_bytes(bytes: &[u8]) -> Result<Luma, PictureError> {
    // A hostile file may reach a mistake in a decoder; it costs that file and nothing else.
    catch_unwind(|| decode(bytes)).unwrap_or(Err(PictureError::Damaged))
}

fn file_bytes(path: &Path) -> Result<Vec<u8>, PictureError> {
    let failed = |error: io::Error| PictureError::File { kind: error.kind() };
    let file = File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if !about.is_file() {
        return Err(PictureError::NotAPicture);
    }
    let mut bytes = Vec::new();
    file.take(PICTURE_FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > PICTURE_FILE_BYTES_MAX {
        return Err(PictureError::FileTooLarge);
    }
    Ok(bytes)
}

fn decode(bytes: &[u8]) -> Result<Luma, PictureError> {
    let format = image::guess_format(bytes).map_err(|_| PictureError::NotAPicture)?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg) {
        return Err(PictureError::NotAPicture);
    }
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(FRAME_SIDE_PIXELS_MAX);
    limits.max_image_height = Some(FRAME_SIDE_PIXELS_MAX);
    limits.max_alloc = Some(PICTURE_MEMORY_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|error| refused(&error))?;
    let (width, height) = decoder.dimensions();
    pixel_count(width, height)?;
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| refused(&error))?;
    Ok(Luma::new(width, height, picture.into_luma8().into_raw())?)
}

fn refused(error: &ImageError) -> PictureError {
    debug!(%error, "picture");
    match error {
        ImageError::Limits(limit) if limit.kind() == LimitErrorKind::DimensionError => {
            PictureError::Size(BadFrame::Size { width: u32::MAX, height: u32::MAX })
        }
        ImageError::Unsupported(_) => PictureError::NotAPicture,
        ImageError::Limits(_)
        | ImageError::Decoding(_)
        | ImageError::Encoding(_)
        | ImageError::Parameter(_)
        | ImageError::IoError(_) => PictureError::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use image::codecs::png::PngEncoder;
    use image::{ExtendedColorType, ImageEncoder};

    use super::*;

    fn png(width: u32, height: u32, bytes: &[u8]) -> Result<Vec<u8>, ImageError> {
        let mut file = Vec::new();
        PngEncoder::new(&mut file).write_image(bytes, width, height, ExtendedColorType::L8)?;
        Ok(file)
    }

    #[test]
    fn a_png_is_read_as_it_was_written() -> Result<(), Box<dyn Error>> {
        let file = png(3, 2, &[1, 2, 3, 4, 5, 6])?;
        assert_eq!(picture_from_bytes(&file)?, Luma::new(3, 2, vec![1, 2, 3, 4, 5, 6])?);
        Ok(())
    }

    #[test]
    fn a_picture_cut_anywhere_is_damaged_and_nothing_worse() -> Result<(), Box<dyn Error>> {
        let shades: Vec<u8> = (0..=255).cycle().take(64 * 64).collect();
        let file = png(64, 64, &shades)?;
        for length in (0..file.len() - 20).step_by(7) {
            assert!(picture_from_bytes(&file[..length]).is_err(), "{length} bytes");
        }
        Ok(())
    }

    #[test]
    fn the_size_is_refused_before_the_pixels_are_decoded() -> Result<(), Box<dyn Error>> {
        // The header promises more than a gigabyte; none of it is there.
        let mut file = png(1, 1, &[0])?;
        file[16..20].copy_from_slice(&40_000_u32.to_be_bytes());
        file[20..24].copy_from_slice(&40_000_u32.to_be_bytes());
        let checksum = png_checksum(&file[12..29]);
        file[29..33].copy_from_slice(&checksum.to_be_bytes());
        let refusal = picture_from_bytes(&file);
        assert!(matches!(refusal, Err(PictureError::Size(_))), "{refusal:?}");
        Ok(())
    }

    #[test]
    fn what_is_no_picture_is_called_so() -> Result<(), Box<dyn Error>> {
        assert_eq!(picture_from_bytes(b"GIF89a nothing"), Err(PictureError::NotAPicture));
        assert_eq!(picture_from_bytes(b""), Err(PictureError::NotAPicture));
        let folder = tempfile::tempdir()?;
        assert!(open_picture(folder.path()).is_err());
        let missing = open_picture(&folder.path().join("card.png"));
        assert_eq!(missing, Err(PictureError::File { kind: io::ErrorKind::NotFound }));
        Ok(())
    }

    fn png_checksum(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(
                sum ^ u32::from(*byte),
                |bits, _| {
                    if bits & 1 == 1 { (bits >> 1) ^ 0xEDB8_8320 } else { bits >> 1 }
                },
            )
        })
    }
}
