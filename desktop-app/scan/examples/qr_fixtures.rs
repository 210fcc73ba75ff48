//! Draws the pictures in `tests/fixtures/qr`: `cargo run -p field-scan --example qr_fixtures`.

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;

use field_scan::{Luma, QrStyle, qr_frame};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use support::{CARD, Tested, blurred, faded, fixture, held_up, placed, rotated};

fn main() -> Tested {
    let card = held_up(CARD.as_bytes())?;
    write(&fixture("card.png"), &card)?;

    let badly_held = faded(&blurred(&rotated(&card, 17.0, 190)?, 2)?, 96, 150)?;
    write(&fixture("card-blurred-turned-faded.png"), &badly_held)?;

    // A name in windows-1258, as old programs print it.
    let style = QrStyle::default();
    let old = qr_frame(b"079190123456||Nguy\xEA\xDEn Th\xF2 Minh Khai|01051990|N\xFD", &style)?;
    write(&fixture("not-utf8.png"), &placed(&old, 640, 480)?)?;

    write(&fixture("blank.png"), &Luma::wall())?;

    let whole = fs::read(fixture("card.png"))?;
    fs::write(fixture("damaged.png"), &whole[..whole.len() / 2])?;
    Ok(())
}

fn write(path: &Path, frame: &Luma) -> Tested {
    let mut file = Vec::new();
    PngEncoder::new_with_quality(&mut file, CompressionType::Best, FilterType::Adaptive).write_image(
        frame.bytes(),
        frame.width(),
        frame.height(),
        ExtendedColorType::L8,
    )?;
    Ok(fs::write(path, file)?)
}
