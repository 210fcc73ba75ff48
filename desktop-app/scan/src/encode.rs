//! Text becomes a QR code, for slips and for rehearsals.

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageError};
use thiserror::Error;
use zxingcpp::{Barcode, BarcodeCreator, BarcodeFormat, BarcodeWriter};

use crate::frame::{BadFrame, Luma};

/// How much of a code may be lost before it cannot be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Correction {
    /// 7 %
    Low,
    /// 15 %
    #[default]
    Medium,
    /// 25 %, for paper that is folded and carried.
    Quartile,
    /// 30 %
    High,
}

/// What a code looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QrStyle {
    pub correction: Correction,
    /// The side of the smallest square.
    pub module_pixels: u32,
}

impl Default for QrStyle {
    fn default() -> Self {
        Self { correction: Correction::default(), module_pixels: 4 }
    }
}

/// Why there is no code.
#[derive(Debug, Error)]
pub enum EncodeError {
    #[error("the text is empty or does not fit into a code")]
    DoesNotFit(#[source] zxingcpp::Error),
    #[error("the code could not be drawn")]
    Draw(#[source] zxingcpp::Error),
    #[error("the code would be larger than a frame")]
    TooLarge(#[from] BadFrame),
    #[error("the code could not be written as PNG")]
    Png(#[source] ImageError),
}

/// Draws a code as a grey picture with its quiet zone. The bytes are taken as they are, so what is
/// written as UTF-8 is read as UTF-8.
///
/// # Errors
/// When the bytes do not fit into a code, or the code not into a frame.
pub fn qr_frame(bytes: &[u8], style: &QrStyle) -> Result<Luma, EncodeError> {
    let scale = i32::try_from(style.module_pixels).unwrap_or(i32::MAX).clamp(1, 64);
    let drawing = code(bytes, style)?
        .to_image_with(&BarcodeWriter::default().scale(scale).add_quiet_zones(true))
        .map_err(EncodeError::Draw)?;
    let side = |pixels: i32| u32::try_from(pixels).unwrap_or_default();
    Ok(Luma::new(side(drawing.width()), side(drawing.height()), drawing.data())?)
}

/// Draws a code as a PNG file.
///
/// # Errors
/// As [`qr_frame`].
pub fn qr_png(text: &str, style: &QrStyle) -> Result<Vec<u8>, EncodeError> {
    let frame = qr_frame(text.as_bytes(), style)?;
    let mut file = Vec::new();
    PngEncoder::new(&mut file)
        .write_image(frame.bytes(), frame.width(), frame.height(), ExtendedColorType::L8)
        .map_err(EncodeError::Png)?;
    Ok(file)
}

/// Draws a code as SVG, which a printer can make any size.
///
/// # Errors
/// When the text does not fit into a code.
pub fn qr_svg(text: &str, correction: Correction) -> Result<String, EncodeError> {
    let style = QrStyle { correction, ..QrStyle::default() };
    let writer = BarcodeWriter::default().add_quiet_zones(true);
    code(text.as_bytes(), &style)?.to_svg_with(&writer).map_err(EncodeError::Draw)
}

fn code(bytes: &[u8], style: &QrStyle) -> Result<Barcode, EncodeError> {
    let level = match style.correction {
        Correction::Low => "L",
        Correction::Medium => "M",
        Correction::Quartile => "Q",
        Correction::High => "H",
    };
    // ECI 0 is "none": national cards carry UTF-8 unannounced, and so do ours.
    BarcodeCreator::new(BarcodeFormat::QRCodeModel2)
        .options(format!("eci=0,ecLevel={level}"))
        .from_slice(bytes)
        .map_err(EncodeError::DoesNotFit)
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;
    use crate::decode::{Reader, Symbols, Zxing};
    use crate::pictures::picture_from_bytes;

    #[test]
    fn what_is_drawn_is_read_back_byte_for_byte() -> Result<(), Box<dyn Error>> {
        let reader = Zxing { symbols: Symbols::Qr };
        let every_byte: Vec<u8> = (0..=255).collect();
        let long = "Ấp Bình Hưng Hòa, ".repeat(60);
        for bytes in [&b"V"[..], "Nguyễn Thị Ổi".as_bytes(), &every_byte, long.as_bytes()] {
            let reads = reader.read(&qr_frame(bytes, &QrStyle::default())?);
            assert_eq!(reads.len(), 1, "{} bytes", bytes.len());
            assert_eq!(reads[0].bytes, bytes);
        }
        Ok(())
    }

    #[test]
    fn a_png_is_the_same_code() -> Result<(), Box<dyn Error>> {
        let style = QrStyle { correction: Correction::Quartile, module_pixels: 6 };
        let png = qr_png("phiếu tiêm", &style)?;
        assert_eq!(picture_from_bytes(&png)?, qr_frame("phiếu tiêm".as_bytes(), &style)?);
        assert_eq!(picture_from_bytes(&png)?.width() % 6, 0);
        Ok(())
    }

    #[test]
    fn an_svg_is_a_drawing() -> Result<(), Box<dyn Error>> {
        let drawing = qr_svg("phiếu tiêm", Correction::Quartile)?;
        assert!(drawing.starts_with("<?xml") || drawing.starts_with("<svg"), "{drawing:.40}");
        assert!(drawing.trim_end().ends_with("</svg>"));
        Ok(())
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let refused = |bytes: &[u8]| qr_frame(bytes, &QrStyle::default());
        assert!(matches!(refused(b""), Err(EncodeError::DoesNotFit(_))));
        assert!(matches!(refused(&[b'x'; 3000]), Err(EncodeError::DoesNotFit(_))));
    }
}
