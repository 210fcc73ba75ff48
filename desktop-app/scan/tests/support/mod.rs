//! What the scanner's tests share: cards, ways to turn a picture, and bounded waiting.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::cast_possible_truncation, reason = "pictures are small and shades are bytes")]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use field_scan::{FrameSource, Luma, OpenSource, QrStyle, ScanEvent, SourceError, qr_frame};

pub(crate) type Tested = Result<(), Box<dyn Error>>;

/// What a woman's chip card says: province 079, sex and century 1, born in 90.
pub(crate) const CARD: &str = "079190123456|012345678|Nguyễn Thị Minh Khai|01051990|Nữ|\
                        42 Hẻm 5, Phường 3, Quận 4, TP. Hồ Chí Minh|15042021";

/// Longer than any machine takes; a test that gets this far has failed.
pub(crate) const LONG: Duration = Duration::from_secs(60);

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/qr").join(name)
}

/// A code held up to a camera of 1280 by 720 pixels.
pub(crate) fn held_up(bytes: &[u8]) -> Result<Luma, Box<dyn Error>> {
    placed(&qr_frame(bytes, &QrStyle::default())?, 1280, 720)
}

/// A picture in the middle of a grey frame.
pub(crate) fn placed(picture: &Luma, width: u32, height: u32) -> Result<Luma, Box<dyn Error>> {
    let (left, top) = ((width - picture.width()) / 2, (height - picture.height()) / 2);
    let mut bytes = Luma::blank(width, height, 190)?.bytes().to_vec();
    for (y, row) in picture.rows().enumerate() {
        let start = (top as usize + y) * width as usize + left as usize;
        bytes[start..start + row.len()].copy_from_slice(row);
    }
    Ok(Luma::new(width, height, bytes)?)
}

pub(crate) fn mirrored(frame: &Luma) -> Result<Luma, Box<dyn Error>> {
    let bytes = frame.rows().flat_map(|row| row.iter().rev().copied()).collect();
    Ok(Luma::new(frame.width(), frame.height(), bytes)?)
}

pub(crate) fn inverted(frame: &Luma) -> Result<Luma, Box<dyn Error>> {
    let bytes = frame.bytes().iter().map(|shade| 255 - shade).collect();
    Ok(Luma::new(frame.width(), frame.height(), bytes)?)
}

/// A quarter turn clockwise.
pub(crate) fn turned(frame: &Luma) -> Result<Luma, Box<dyn Error>> {
    let rows: Vec<&[u8]> = frame.rows().collect();
    let bytes = (0..frame.width() as usize).flat_map(|x| rows.iter().rev().map(move |row| row[x]));
    Ok(Luma::new(frame.height(), frame.width(), bytes.collect())?)
}

/// Turned about its middle by any angle, with what comes in from outside in a given shade.
pub(crate) fn rotated(frame: &Luma, degrees: f64, outside: u8) -> Result<Luma, Box<dyn Error>> {
    let (width, height) = (frame.width() as i64, frame.height() as i64);
    let (sine, cosine) = degrees.to_radians().sin_cos();
    let (middle_x, middle_y) = (width as f64 / 2.0, height as f64 / 2.0);
    let shade = |x: i64, y: i64| {
        let inside = (0..width).contains(&x) && (0..height).contains(&y);
        f64::from(if inside { frame.bytes()[(y * width + x) as usize] } else { outside })
    };
    let bytes = (0..width * height).map(|at| {
        let (x, y) = ((at % width) as f64 - middle_x, (at / width) as f64 - middle_y);
        let from_x = x * cosine + y * sine + middle_x;
        let from_y = y * cosine - x * sine + middle_y;
        let (left, top) = (from_x.floor(), from_y.floor());
        let (right_part, low_part) = (from_x - left, from_y - top);
        let (left, top) = (left as i64, top as i64);
        let upper = shade(left, top) * (1.0 - right_part) + shade(left + 1, top) * right_part;
        let lower = shade(left, top + 1) * (1.0 - right_part) + shade(left + 1, top + 1) * right_part;
        (upper * (1.0 - low_part) + lower * low_part).round() as u8
    });
    Ok(Luma::new(frame.width(), frame.height(), bytes.collect())?)
}

/// Blurred by a square of 2 · `reach` + 1 pixels.
pub(crate) fn blurred(frame: &Luma, reach: i64) -> Result<Luma, Box<dyn Error>> {
    let (width, height) = (i64::from(frame.width()), i64::from(frame.height()));
    let bytes = (0..width * height).map(|at| {
        let (x, y) = (at % width, at / width);
        let (mut sum, mut count) = (0_u32, 0_u32);
        for from_y in (y - reach).max(0)..=(y + reach).min(height - 1) {
            for from_x in (x - reach).max(0)..=(x + reach).min(width - 1) {
                sum += u32::from(frame.bytes()[(from_y * width + from_x) as usize]);
                count += 1;
            }
        }
        (sum / count) as u8
    });
    Ok(Luma::new(frame.width(), frame.height(), bytes.collect())?)
}

/// With its shades drawn together between two.
pub(crate) fn faded(frame: &Luma, dark: u8, light: u8) -> Result<Luma, Box<dyn Error>> {
    let span = u32::from(light - dark);
    let bytes = frame.bytes().iter().map(|shade| dark + (u32::from(*shade) * span / 255) as u8);
    Ok(Luma::new(frame.width(), frame.height(), bytes.collect())?)
}

/// The next event that is no preview.
pub(crate) fn next_event(heard: &Receiver<ScanEvent>) -> Result<ScanEvent, Box<dyn Error>> {
    loop {
        let event = heard.recv_timeout(LONG)?;
        if !matches!(event, ScanEvent::Preview(_)) {
            return Ok(event);
        }
    }
}

/// What a read says, or nothing for any other event.
pub(crate) fn text(event: ScanEvent) -> Option<String> {
    if let ScanEvent::Read { text, .. } = event { Some(text.into_string()) } else { None }
}

/// A source whose frames a test hands over one by one.
pub(crate) struct Stage(Receiver<Result<Luma, SourceError>>);

pub(crate) type Hand = Sender<Result<Luma, SourceError>>;

impl Stage {
    pub(crate) fn new() -> (Hand, Self) {
        let (hand, scenes) = channel();
        (hand, Self(scenes))
    }

    /// Opens this stage once, and finds no camera ever after.
    pub(crate) fn once(self) -> OpenSource {
        let mut stage = Some(self);
        Box::new(move || Ok(Box::new(stage.take().ok_or(SourceError::NoCamera)?)))
    }
}

impl FrameSource for Stage {
    fn next(&mut self) -> Result<Luma, SourceError> {
        self.0.recv().unwrap_or(Err(SourceError::Ended))
    }

    fn describe(&self) -> String {
        "a stage".to_owned()
    }
}

/// Puts a file in place in one step, so that nobody sees half of it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Tested {
    let beside = path.with_extension("part");
    fs::write(&beside, bytes)?;
    fs::rename(beside, path)?;
    Ok(())
}
