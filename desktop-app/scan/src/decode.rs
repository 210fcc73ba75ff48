//! Frames become bytes. Two engines that share no code, the better one first.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};

use rqrr::PreparedImage;
use tracing::debug;
use zxingcpp::{BarcodeFormat, ImageFormat, ImageView, TextMode};

use crate::frame::Luma;
use crate::read::{Corners, Point, RawRead, Symbology};

/// Cards, slips and boxes in view at once; a frame with more is a poster.
pub(crate) const READS_MAX: usize = 16;

/// The largest QR code holds 2,953 bytes, the largest DataMatrix 1,556.
pub(crate) const READ_BYTES_MAX: usize = 4096;

/// The second engine's time grows with the frame, to seconds on a noisy photograph. It looks at
/// camera frames only.
const RQRR_PIXELS_MAX: usize = 1920 * 1080;

/// Of frames in a row, the second engine looks at one in this many. It takes four times as long as
/// the first, mostly over frames with nothing in them, and a card stays in view for many frames.
const RQRR_FRAMES_APART: u32 = 3;

/// Which codes to look for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Symbols {
    /// QR codes, as on cards and slips. Micro QR is not among them: looked for, it is found where
    /// there is none.
    #[default]
    Qr,
    /// Also DataMatrix, as on vaccine boxes. Looking for it takes three times as long.
    QrAndDataMatrix,
}

/// Finds codes in a frame. A reader never fails: what it cannot read is not there.
pub trait Reader: Send + Sync {
    fn read(&self, frame: &Luma) -> Vec<RawRead>;
}

/// Readers in the order they are asked; the first that finds anything has the last word. Further
/// stages (a blurred copy, a crop, another engine) go in here.
pub struct Cascade {
    readers: Vec<Box<dyn Reader>>,
}

impl Cascade {
    #[must_use]
    pub fn of(readers: Vec<Box<dyn Reader>>) -> Self {
        Self { readers }
    }

    /// Everything there is, for one picture.
    #[must_use]
    pub fn standard(symbols: Symbols) -> Self {
        Self::of(vec![Box::new(Zxing { symbols }), Box::new(Rqrr)])
    }

    /// The same for frames in a row, where what one frame hides the next may show.
    #[must_use]
    pub fn for_video(symbols: Symbols) -> Self {
        let second = NowAndThen { reader: Rqrr, apart: RQRR_FRAMES_APART, turn: AtomicU32::new(0) };
        Self::of(vec![Box::new(Zxing { symbols }), Box::new(second)])
    }
}

impl Reader for Cascade {
    fn read(&self, frame: &Luma) -> Vec<RawRead> {
        let reads = self.readers.iter().map(|reader| reader.read(frame));
        let mut reads = reads.into_iter().find(|reads| !reads.is_empty()).unwrap_or_default();
        reads.retain(|read| read.bytes.len() <= READ_BYTES_MAX);
        reads.truncate(READS_MAX);
        reads
    }
}

/// zxing-cpp: the best single engine on every public set measured, at 2 to 6 ms a frame.
#[derive(Debug, Clone, Copy)]
pub struct Zxing {
    pub symbols: Symbols,
}

impl Reader for Zxing {
    fn read(&self, frame: &Luma) -> Vec<RawRead> {
        guarded("zxing-cpp", || self.ask(frame))
    }
}

impl Zxing {
    fn ask(&self, frame: &Luma) -> Vec<RawRead> {
        let formats: &[BarcodeFormat] = match self.symbols {
            Symbols::Qr => &[BarcodeFormat::QRCodeModel2],
            Symbols::QrAndDataMatrix => &[BarcodeFormat::QRCodeModel2, BarcodeFormat::DataMatrix],
        };
        let reader = zxingcpp::read()
            .formats(formats)
            .try_harder(true)
            .try_rotate(true)
            .try_invert(true)
            .try_downscale(true)
            .max_number_of_symbols(i32::try_from(READS_MAX).unwrap_or(i32::MAX))
            .text_mode(TextMode::Plain);
        let (width, height) = (frame.width(), frame.height());
        let view = ImageView::from_slice(frame.bytes(), width, height, ImageFormat::Lum);
        let found = view.and_then(|view| reader.from(&view));
        let found = found.inspect_err(|error| debug!(%error, "zxing-cpp")).unwrap_or_default();
        let valid = found.iter().filter(|code| code.is_valid());
        valid.filter_map(|code| Self::taken(code, frame)).collect()
    }

    fn taken(code: &zxingcpp::Barcode, frame: &Luma) -> Option<RawRead> {
        let gs1 = matches!(code.symbology_identifier().as_str(), "]Q3" | "]Q4" | "]d2" | "]d3");
        let data_matrix = code.symbology() == BarcodeFormat::DataMatrix;
        let symbology = match (data_matrix, gs1) {
            (false, false) => Symbology::Qr,
            (false, true) => Symbology::Gs1Qr,
            (true, false) => Symbology::DataMatrix,
            (true, true) => Symbology::Gs1DataMatrix,
        };
        let at = code.position();
        let corners = [at.top_left, at.top_right, at.bottom_right, at.bottom_left];
        let corners = corners.map(|corner| fraction(corner.x, corner.y, frame));
        // A part of a message spread over several codes is not that message.
        (code.sequence_size() <= 1).then(|| RawRead { bytes: code.bytes(), corners, symbology })
    }
}

/// rqrr: reads the odd frame that zxing-cpp does not, and shares none of its faults.
#[derive(Debug, Clone, Copy)]
pub struct Rqrr;

impl Reader for Rqrr {
    fn read(&self, frame: &Luma) -> Vec<RawRead> {
        if frame.pixels() > RQRR_PIXELS_MAX {
            return Vec::new();
        }
        // It panics on some public images.
        guarded("rqrr", || {
            let (width, height) = (frame.width() as usize, frame.height() as usize);
            let shade = |x: usize, y: usize| frame.bytes()[y * width + x];
            let mut image = PreparedImage::prepare_from_greyscale(width, height, shade);
            let grids = image.detect_grids();
            let read = grids.iter().filter_map(|grid| {
                let mut bytes = Vec::new();
                grid.decode_to(&mut bytes).ok()?;
                let corners = grid.bounds.map(|corner| fraction(corner.x, corner.y, frame));
                Some(RawRead { bytes, corners, symbology: Symbology::Qr })
            });
            read.collect()
        })
    }
}

/// A reader that is asked the first time and then once in a while.
struct NowAndThen<R> {
    reader: R,
    apart: u32,
    turn: AtomicU32,
}

impl<R: Reader> Reader for NowAndThen<R> {
    fn read(&self, frame: &Luma) -> Vec<RawRead> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        if turn.is_multiple_of(self.apart) { self.reader.read(frame) } else { Vec::new() }
    }
}

fn guarded(engine: &'static str, ask: impl FnOnce() -> Vec<RawRead>) -> Vec<RawRead> {
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|_| {
        debug!(engine, "panicked");
        Vec::new()
    })
}

#[expect(clippy::cast_precision_loss, reason = "a frame's sides are far below 2^23")]
fn fraction(x: i32, y: i32, frame: &Luma) -> Point {
    let part = |at: i32, side: u32| (at as f32 / side as f32).clamp(0.0, 1.0);
    Point { x: part(x, frame.width()), y: part(y, frame.height()) }
}

/// Whether a decoder in another process may have said this.
pub(crate) fn corners_are_in_frame(corners: &Corners) -> bool {
    let inside = 0.0..=1.0;
    corners.iter().all(|corner| inside.contains(&corner.x) && inside.contains(&corner.y))
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::encode::{QrStyle, qr_frame};

    fn read(text: &str) -> RawRead {
        let corners = [Point { x: 0.0, y: 0.0 }; 4];
        RawRead { bytes: text.as_bytes().to_vec(), corners, symbology: Symbology::Qr }
    }

    struct Says(Vec<RawRead>, Arc<AtomicUsize>);

    impl Reader for Says {
        fn read(&self, _: &Luma) -> Vec<RawRead> {
            self.1.fetch_add(1, Ordering::SeqCst);
            self.0.clone()
        }
    }

    #[test]
    fn a_later_reader_is_asked_only_when_the_earlier_are_silent() {
        let asked = Arc::new(AtomicUsize::new(0));
        let says = |reads| Box::new(Says(reads, Arc::clone(&asked))) as Box<dyn Reader>;
        let cascade = Cascade::of(vec![says(Vec::new()), says(vec![read("second")]), says(vec![read("third")])]);
        assert_eq!(cascade.read(&Luma::wall()), [read("second")]);
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_slow_reader_is_asked_at_once_and_then_once_in_a_while() {
        let reader = Says(vec![read("slow")], Arc::default());
        let sometimes = NowAndThen { reader, apart: 3, turn: AtomicU32::new(0) };
        let heard: Vec<usize> = (0..7).map(|_| sometimes.read(&Luma::wall()).len()).collect();
        assert_eq!(heard, [1, 0, 0, 1, 0, 0, 1]);
    }

    #[test]
    fn a_poster_of_codes_and_an_endless_code_are_cut() {
        let asked = Arc::new(AtomicUsize::new(0));
        let mut many = vec![read(&"x".repeat(READ_BYTES_MAX + 1))];
        many.extend(vec![read("small"); 40]);
        let reads = Cascade::of(vec![Box::new(Says(many, asked))]).read(&Luma::wall());
        assert_eq!(reads, vec![read("small"); READS_MAX]);
    }

    #[test]
    fn both_engines_agree_on_a_clean_code_and_where_it_is() -> Result<(), Box<dyn Error>> {
        let frame = qr_frame("Lê Lợi".as_bytes(), &QrStyle::default())?;
        let (first, second) = (Zxing { symbols: Symbols::Qr }.read(&frame), Rqrr.read(&frame));
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].bytes, "Lê Lợi".as_bytes());
        assert_eq!(second[0].bytes, first[0].bytes);
        for (one, other) in first[0].corners.iter().zip(&second[0].corners) {
            let apart = (one.x - other.x).abs().max((one.y - other.y).abs());
            assert!(apart < 0.08, "{one:?} {other:?}");
        }
        let [top_left, _, bottom_right, _] = first[0].corners;
        assert!(top_left.x < 0.2 && top_left.y < 0.2, "{top_left:?}");
        assert!(bottom_right.x > 0.8 && bottom_right.y > 0.8, "{bottom_right:?}");
        Ok(())
    }

    #[test]
    fn large_photographs_are_left_to_the_fast_engine() -> Result<(), Box<dyn Error>> {
        assert_eq!(Rqrr.read(&Luma::blank(4096, 4096, 255)?), []);
        Ok(())
    }

    #[test]
    fn a_panic_in_an_engine_is_silence() {
        let reads = guarded("none", || std::panic::panic_any("as rqrr does"));
        assert_eq!(reads, []);
    }
}
