//! What the tests at the foot of several files share.

use std::error::Error;
use std::fs;
use std::path::Path;

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use crate::frame::Luma;

/// Writes a frame as a PNG file, in one step, so that nobody sees half of it.
pub(crate) fn write_png(path: &Path, frame: &Luma) -> Result<(), Box<dyn Error>> {
    let mut file = Vec::new();
    let kind = ExtendedColorType::L8;
    PngEncoder::new(&mut file).write_image(frame.bytes(), frame.width(), frame.height(), kind)?;
    let beside = path.with_extension("part");
    fs::write(&beside, file)?;
    fs::rename(beside, path)?;
    Ok(())
}
