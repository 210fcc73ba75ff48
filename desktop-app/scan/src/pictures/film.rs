//! A film from a file: Y4M, or JPEG pictures one after another (MJPEG).

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::edge::Clock;
use crate::frame::{Luma, pixel_count};
use crate::jpeg::jpeg_length;
use crate::pictures::picture::PictureError;
use crate::pixels::jpeg_to_luma;
use crate::source::{FrameSource, SourceError};

const Y4M_BEGINNING: &[u8] = b"YUV4MPEG2";
const HEADER_BYTES_MAX: usize = 1024;
const FRAME_LINE_BYTES_MAX: usize = 256;
const JPEG_BYTES_MAX: usize = 16 * 1024 * 1024;
const JPEG_CHUNK_BYTES: u64 = 256 * 1024;

/// Films of JPEG pictures do not say how fast they are.
const MJPEG_FRAME_TIME: Duration = Duration::from_micros(66_667);

/// A film, shown once at its own speed.
pub struct Film {
    path: PathBuf,
    file: BufReader<File>,
    reel: Reel,
    clock: Arc<dyn Clock>,
    frame_time: Duration,
}

enum Reel {
    Y4m {
        width: u32,
        height: u32,
        colour_bytes: u64,
    },
    /// Bytes read and not yet shown.
    Mjpeg {
        ahead: Vec<u8>,
    },
    Over,
}

impl Film {
    /// Opens a film.
    ///
    /// # Errors
    /// When the file is missing or is neither kind of film.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, SourceError> {
        let unreadable = |why| SourceError::Unreadable { path: path.to_owned(), why };
        let file = File::open(path).map_err(|error| {
            let missing = error.kind() == ErrorKind::NotFound;
            if missing { SourceError::PathMissing { path: path.to_owned() } } else { unreadable(failed(&error)) }
        })?;
        let mut file = BufReader::with_capacity(1 << 16, file);
        let (reel, frame_time) = begin(&mut file).map_err(unreadable)?;
        Ok(Self { path: path.to_owned(), file, reel, clock, frame_time })
    }
}

impl FrameSource for Film {
    fn next(&mut self) -> Result<Luma, SourceError> {
        self.clock.wait(self.frame_time);
        let answer = match &mut self.reel {
            Reel::Y4m { width, height, colour_bytes } => y4m_frame(&mut self.file, *width, *height, *colour_bytes),
            Reel::Mjpeg { ahead } => match mjpeg_frame(&mut self.file, ahead) {
                // One bad picture among good ones costs nothing but itself.
                Ok(Some(jpeg)) => {
                    let frame = jpeg_to_luma(&jpeg).map_err(|_| PictureError::Damaged);
                    let path = self.path.clone();
                    return frame.map_err(|why| SourceError::Unreadable { path, why });
                }
                Ok(None) => Ok(None),
                Err(why) => Err(why),
            },
            Reel::Over => Ok(None),
        };
        match answer {
            Ok(Some(frame)) => Ok(frame),
            Ok(None) => {
                self.reel = Reel::Over;
                Err(SourceError::Ended)
            }
            Err(why) => {
                self.reel = Reel::Over;
                Err(SourceError::Unreadable { path: self.path.clone(), why })
            }
        }
    }

    fn describe(&self) -> String {
        self.path.display().to_string()
    }
}

fn begin(file: &mut BufReader<File>) -> Result<(Reel, Duration), PictureError> {
    let mut beginning = Vec::new();
    file.take(Y4M_BEGINNING.len() as u64).read_to_end(&mut beginning).map_err(|error| failed(&error))?;
    file.seek(SeekFrom::Start(0)).map_err(|error| failed(&error))?;
    if beginning == Y4M_BEGINNING {
        let header = line(file, HEADER_BYTES_MAX)?.ok_or(PictureError::Damaged)?;
        return y4m(&String::from_utf8_lossy(&header));
    }
    if beginning.starts_with(&[0xFF, 0xD8]) {
        return Ok((Reel::Mjpeg { ahead: Vec::new() }, MJPEG_FRAME_TIME));
    }
    Err(PictureError::NotAPicture)
}

/// Reads the header `YUV4MPEG2 W1280 H720 F30:1 C420jpeg`.
fn y4m(header: &str) -> Result<(Reel, Duration), PictureError> {
    let (mut width, mut height, mut colours) = (0, 0, "420");
    let mut frame_time = MJPEG_FRAME_TIME;
    for word in header.split_ascii_whitespace().skip(1) {
        let (kind, value) = word.split_at_checked(1).ok_or(PictureError::Damaged)?;
        match kind {
            "W" => width = value.parse().map_err(|_| PictureError::Damaged)?,
            "H" => height = value.parse().map_err(|_| PictureError::Damaged)?,
            "F" => frame_time = time_of(value).unwrap_or(frame_time),
            "C" => colours = value,
            _ => {}
        }
    }
    let pixels = pixel_count(width, height)? as u64;
    let half = |side: u32| u64::from(side.div_ceil(2));
    let colour_bytes = match colours {
        "mono" => 0,
        "444" => pixels * 2,
        "422" => half(width) * u64::from(height) * 2,
        "420" | "420jpeg" | "420paldv" | "420mpeg2" => half(width) * half(height) * 2,
        _ => return Err(PictureError::NotAPicture),
    };
    Ok((Reel::Y4m { width, height, colour_bytes }, frame_time))
}

/// The time between frames of a rate such as `30000:1001`, if it is between 1 and 240 a second.
fn time_of(rate: &str) -> Option<Duration> {
    let (frames, seconds) = rate.split_once(':')?;
    let (frames, seconds): (u32, u32) = (frames.parse().ok()?, seconds.parse().ok()?);
    let time = Duration::from_secs(u64::from(seconds)).checked_div(frames)?;
    (Duration::from_millis(4)..=Duration::from_secs(1)).contains(&time).then_some(time)
}

fn y4m_frame(
    file: &mut BufReader<File>,
    width: u32,
    height: u32,
    colour_bytes: u64,
) -> Result<Option<Luma>, PictureError> {
    let Some(word) = line(file, FRAME_LINE_BYTES_MAX)? else { return Ok(None) };
    if !word.starts_with(b"FRAME") {
        return Err(PictureError::Damaged);
    }
    let needed = pixel_count(width, height)?;
    let mut bytes = vec![0; needed];
    file.read_exact(&mut bytes).map_err(|error| failed(&error))?;
    let skipped = io::copy(&mut file.take(colour_bytes), &mut io::sink()).map_err(|error| failed(&error))?;
    if skipped < colour_bytes {
        return Err(PictureError::Damaged);
    }
    Ok(Some(Luma::new(width, height, bytes)?))
}

/// A line without its end, or `None` at the end of the file.
fn line(file: &mut BufReader<File>, bytes_max: usize) -> Result<Option<Vec<u8>>, PictureError> {
    let mut line = Vec::new();
    for byte in file.bytes() {
        match byte.map_err(|error| failed(&error))? {
            b'\n' => return Ok(Some(line)),
            _ if line.len() == bytes_max => return Err(PictureError::Damaged),
            other => line.push(other),
        }
    }
    if line.is_empty() { Ok(None) } else { Err(PictureError::Damaged) }
}

fn mjpeg_frame(file: &mut BufReader<File>, ahead: &mut Vec<u8>) -> Result<Option<Vec<u8>>, PictureError> {
    loop {
        // Between pictures there may be anything; the next begins where a start marker is.
        let start = ahead.windows(3).position(|three| three == [0xFF, 0xD8, 0xFF]);
        ahead.drain(..start.unwrap_or_else(|| ahead.len().saturating_sub(2)));
        if let Some(length) = jpeg_length(ahead) {
            let rest = ahead.split_off(length);
            return Ok(Some(std::mem::replace(ahead, rest)));
        }
        if ahead.len() > JPEG_BYTES_MAX {
            return Err(PictureError::FileTooLarge);
        }
        let read = file.take(JPEG_CHUNK_BYTES).read_to_end(ahead).map_err(|error| failed(&error))?;
        if read == 0 {
            return if start.is_some() { Err(PictureError::Damaged) } else { Ok(None) };
        }
    }
}

fn failed(error: &io::Error) -> PictureError {
    let kind = error.kind();
    if kind == ErrorKind::UnexpectedEof { PictureError::Damaged } else { PictureError::File { kind } }
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::fs;

    use super::*;
    use crate::edge::HandClock;
    use crate::preview::preview;

    type Tested = Result<(), Box<dyn Error>>;

    type Played = (Vec<u8>, Vec<SourceError>, Duration);

    fn play(bytes: &[u8]) -> Result<Played, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("film");
        fs::write(&path, bytes)?;
        let clock = Arc::new(HandClock::default());
        let mut film = Film::open(&path, Arc::clone(&clock) as Arc<dyn Clock>)?;
        let (mut shades, mut troubles) = (Vec::new(), Vec::new());
        while !troubles.contains(&SourceError::Ended) && troubles.len() < 20 {
            match film.next() {
                Ok(frame) => shades.push(frame.bytes()[0]),
                Err(trouble) => troubles.push(trouble),
            }
        }
        Ok((shades, troubles, clock.now()))
    }

    fn y4m_of(colours: &str, colour_bytes: usize, shades: &[u8]) -> Vec<u8> {
        let mut film = format!("YUV4MPEG2 W3 H2 F10:1 Ip A1:1 {colours}\n").into_bytes();
        for shade in shades {
            film.extend(b"FRAME Ixyz\n");
            film.extend([*shade; 6]);
            film.extend(vec![128; colour_bytes]);
        }
        film
    }

    #[test]
    fn a_y4m_film_is_shown_once_at_its_own_speed() -> Tested {
        for (colours, colour_bytes) in [("C420jpeg", 4), ("", 4), ("C422", 8), ("C444", 12), ("Cmono", 0)] {
            let (shades, troubles, time) = play(&y4m_of(colours, colour_bytes, &[5, 6, 7]))?;
            assert_eq!(shades, [5, 6, 7], "{colours}");
            assert_eq!(troubles, [SourceError::Ended]);
            assert_eq!(time, Duration::from_millis(400));
        }
        Ok(())
    }

    #[test]
    fn a_y4m_film_that_is_cut_short_says_so() -> Tested {
        let film = y4m_of("C420jpeg", 4, &[5, 6]);
        let (shades, troubles, _) = play(&film[..film.len() - 3])?;
        assert_eq!(shades, [5]);
        assert!(matches!(
            troubles[..],
            [SourceError::Unreadable { why: PictureError::Damaged, .. }, SourceError::Ended]
        ));
        Ok(())
    }

    #[test]
    fn films_nobody_can_show_are_refused() -> Tested {
        for header in ["W3 H2 C420p10", "W0 H2", "W99999 H99999", "Wx H2", "\u{e9}"] {
            let film = format!("YUV4MPEG2 {header}\nFRAME\n");
            assert!(play(film.as_bytes()).is_err(), "{header}");
        }
        assert!(play(&[b'Y'; 5000]).is_err());
        assert!(play(&[Y4M_BEGINNING, &[b' '; 5000]].concat()).is_err());
        assert!(play(b"").is_err());
        Ok(())
    }

    #[test]
    fn jpeg_pictures_in_a_row_are_a_film_and_a_bad_one_is_skipped() -> Tested {
        let jpeg = |shade| Ok::<_, Box<dyn Error>>(preview(&Luma::blank(32, 32, shade)?)?.jpeg);
        let mut bad = jpeg(60)?;
        let size = bad.windows(2).position(|two| two == [0xFF, 0xC0]).ok_or("no size")?;
        bad[size + 5..size + 9].fill(0);
        let film = [jpeg(50)?, bad, b"between".to_vec(), jpeg(70)?, vec![0; 40]].concat();
        let (shades, troubles, _) = play(&film)?;
        assert_eq!(shades.len(), 2);
        assert!(shades[0].abs_diff(50) <= 2 && shades[1].abs_diff(70) <= 2, "{shades:?}");
        assert!(matches!(
            troubles[..],
            [SourceError::Unreadable { why: PictureError::Damaged, .. }, SourceError::Ended]
        ));
        Ok(())
    }

    #[test]
    fn a_missing_film_is_missed() {
        let nowhere = Film::open(Path::new("/nowhere/film.y4m"), Arc::new(HandClock::default()));
        assert!(matches!(nowhere.err(), Some(SourceError::PathMissing { .. })));
    }
}
