//! A folder of pictures shown one after another, or a single picture shown for ever.
//!
//! The folder is read anew for every frame. A picture that appears, or is replaced, is shown at
//! once, as if somebody held up a card; one that disappears is put down. An empty folder shows a
//! blank wall.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::edge::Clock;
use crate::frame::Luma;
use crate::pictures::picture::{PictureError, open_picture};
use crate::source::{FrameSource, SourceError};

/// More pictures than anyone rehearses with; the rest is not looked at.
const PICTURES_MAX: usize = 1000;

/// How fast pictures follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PicturesPace {
    /// The time between frames.
    pub frame: Duration,
    /// How long each picture is shown.
    pub picture: Duration,
}

impl Default for PicturesPace {
    fn default() -> Self {
        Self { frame: Duration::from_micros(66_667), picture: Duration::from_secs(1) }
    }
}

/// Pictures from a folder, in the order of their names, over and over; or one picture.
pub struct Pictures {
    path: PathBuf,
    pace: PicturesPace,
    clock: Arc<dyn Clock>,
    known: Listing,
    shown: Option<Shown>,
    /// Pictures that could not be read, and what they looked like then.
    bad: BTreeMap<PathBuf, Bad>,
}

/// A picture's size and the time it was last written: another one means another picture.
type Stamp = (u64, Option<SystemTime>);
type Listing = BTreeMap<PathBuf, Stamp>;

struct Shown {
    path: PathBuf,
    /// Nothing until its turn has come and it has been opened.
    open: Option<Open>,
}

struct Open {
    frame: Luma,
    frames_left: u128,
}

struct Bad {
    stamp: Stamp,
    reported: bool,
}

impl Pictures {
    /// Shows the folder, or the one picture, at this path.
    pub fn new(path: &Path, pace: PicturesPace, clock: Arc<dyn Clock>) -> Self {
        let (known, bad) = (Listing::new(), BTreeMap::new());
        Self { path: path.to_owned(), pace, clock, known, shown: None, bad }
    }

    /// Where to look for what comes next: a picture that has just arrived goes first, then the one
    /// whose turn it is.
    fn turn(&mut self, listing: &Listing) {
        let arrived = listing.iter().find(|(path, stamp)| self.known.get(*path) != Some(*stamp));
        let arrived = arrived.map(|(path, _)| path.clone());
        let shown = self.shown.take();
        self.known.clone_from(listing);
        self.bad.retain(|path, bad| listing.get(path) == Some(&bad.stamp));
        self.shown = match (arrived, shown) {
            (Some(path), _) => Some(Shown::waiting(path)),
            (None, Some(shown)) if shown.goes_on() && listing.contains_key(&shown.path) => Some(shown),
            (None, shown) => after(listing, shown.as_ref().map(|shown| &*shown.path)).map(Shown::waiting),
        };
    }
}

impl Shown {
    fn waiting(path: PathBuf) -> Self {
        Self { path, open: None }
    }

    fn goes_on(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.frames_left > 0)
    }
}

impl FrameSource for Pictures {
    fn next(&mut self) -> Result<Luma, SourceError> {
        self.clock.wait(self.pace.frame);
        let listing = list(&self.path)?;
        self.turn(&listing);
        // Every picture is tried at most once a frame, so a folder of bad ones is a blank wall.
        for _ in 0..listing.len() {
            let Some(shown) = &mut self.shown else { break };
            if let Some(open) = &mut shown.open {
                open.frames_left = open.frames_left.saturating_sub(1);
                return Ok(open.frame.clone());
            }
            let path = shown.path.clone();
            if !self.bad.get(&path).is_some_and(|bad| bad.reported) {
                match open_picture(&path) {
                    Ok(frame) => {
                        self.bad.remove(&path);
                        let frames = self.pace.picture.as_nanos() / self.pace.frame.as_nanos().max(1);
                        shown.open = Some(Open { frame: frame.clone(), frames_left: frames.max(1) - 1 });
                        return Ok(frame);
                    }
                    Err(why) => self.give_second_look(&path, &listing, why)?,
                }
            }
            self.shown = after(&listing, Some(&path)).map(Shown::waiting);
        }
        Ok(Luma::wall())
    }

    fn describe(&self) -> String {
        self.path.display().to_string()
    }
}

impl Pictures {
    /// A picture may be half copied when it is first seen. Only one that cannot be read twice, and
    /// has not changed in between, is complained of; and then once.
    fn give_second_look(&mut self, path: &Path, listing: &Listing, why: PictureError) -> Result<(), SourceError> {
        let stamp = listing.get(path).copied().unwrap_or_default();
        match self.bad.get_mut(path) {
            Some(bad) => {
                bad.reported = true;
                self.shown = after(listing, Some(path)).map(Shown::waiting);
                Err(SourceError::Unreadable { path: path.to_owned(), why })
            }
            None => {
                self.bad.insert(path.to_owned(), Bad { stamp, reported: false });
                Ok(())
            }
        }
    }
}

/// The picture after this one, or the first.
fn after(listing: &Listing, path: Option<&Path>) -> Option<PathBuf> {
    let later = path.and_then(|path| listing.range::<Path, _>((Bound::Excluded(path), Bound::Unbounded)).next());
    later.or_else(|| listing.iter().next()).map(|(path, _)| path.clone())
}

fn list(path: &Path) -> Result<Listing, SourceError> {
    let missing = |_| SourceError::PathMissing { path: path.to_owned() };
    if fs::metadata(path).map_err(missing)?.is_file() {
        return Ok(Listing::from_iter(stamped(path)));
    }
    let entries = fs::read_dir(path).map_err(missing)?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let pictures = paths.filter(|path| looks_like_a_picture(path));
    Ok(pictures.filter_map(|path| stamped(&path)).take(PICTURES_MAX).collect())
}

fn stamped(path: &Path) -> Option<(PathBuf, Stamp)> {
    let about = fs::metadata(path).ok()?;
    about.is_file().then(|| (path.to_owned(), (about.len(), about.modified().ok())))
}

fn looks_like_a_picture(path: &Path) -> bool {
    let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
    let kinds = ["png", "jpg", "jpeg"];
    let kind = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    !hidden && kinds.iter().any(|known| kind.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use tempfile::TempDir;

    use super::*;
    use crate::edge::HandClock;
    use crate::rehearsal::write_png;

    type Tested = Result<(), Box<dyn Error>>;

    /// Three frames a picture.
    fn pictures(folder: &TempDir) -> Pictures {
        let pace = PicturesPace { frame: Duration::from_millis(100), picture: Duration::from_millis(300) };
        Pictures::new(folder.path(), pace, Arc::new(HandClock::default()))
    }

    fn show(folder: &TempDir, name: &str, shade: u8) -> Tested {
        write_png(&folder.path().join(name), &Luma::blank(8, 8, shade)?)
    }

    fn shades(pictures: &mut Pictures, frames: usize) -> Vec<u8> {
        let seen = (0..frames).map(|_| pictures.next());
        seen.filter_map(|frame| Some(frame.ok()?.bytes()[0])).collect()
    }

    #[test]
    fn pictures_follow_each_other_by_name_over_and_over() -> Tested {
        let folder = tempfile::tempdir()?;
        show(&folder, "b.png", 20)?;
        show(&folder, "a.png", 10)?;
        show(&folder, ".hidden.png", 99)?;
        fs::write(folder.path().join("notes.txt"), "not shown")?;
        let seen = shades(&mut pictures(&folder), 8);
        assert_eq!(seen, [10, 10, 10, 20, 20, 20, 10, 10]);
        Ok(())
    }

    #[test]
    fn an_empty_folder_is_a_blank_wall_until_a_card_is_held_up_and_after() -> Tested {
        let folder = tempfile::tempdir()?;
        let mut pictures = pictures(&folder);
        let wall = Luma::wall().bytes()[0];
        assert_eq!(shades(&mut pictures, 2), [wall, wall]);
        show(&folder, "card.png", 50)?;
        assert_eq!(shades(&mut pictures, 4), [50, 50, 50, 50]);
        fs::remove_file(folder.path().join("card.png"))?;
        assert_eq!(shades(&mut pictures, 2), [wall, wall]);
        Ok(())
    }

    #[test]
    fn what_arrives_is_shown_at_once() -> Tested {
        let folder = tempfile::tempdir()?;
        show(&folder, "b.png", 20)?;
        let mut pictures = pictures(&folder);
        assert_eq!(shades(&mut pictures, 1), [20]);
        show(&folder, "a.png", 10)?;
        assert_eq!(shades(&mut pictures, 5), [10, 10, 10, 20, 20]);
        write_png(&folder.path().join("b.png"), &Luma::blank(9, 9, 33)?)?;
        assert_eq!(shades(&mut pictures, 1), [33]);
        Ok(())
    }

    #[test]
    fn a_damaged_picture_is_reported_once_and_the_others_go_on() -> Tested {
        let folder = tempfile::tempdir()?;
        show(&folder, "b.png", 20)?;
        let path = folder.path().join("a.png");
        fs::write(&path, &b"\x89PNG\r\n\x1a\n and no more"[..])?;
        let mut pictures = pictures(&folder);
        let mut reports = Vec::new();
        let mut seen = Vec::new();
        for _ in 0..20 {
            match pictures.next() {
                Ok(frame) => seen.push(frame.bytes()[0]),
                Err(report) => reports.push(report),
            }
        }
        let why = PictureError::Damaged;
        assert_eq!(reports, [SourceError::Unreadable { path, why }]);
        assert_eq!(seen, [20; 19]);

        show(&folder, "a.png", 11)?;
        assert_eq!(shades(&mut pictures, 1), [11]);
        Ok(())
    }

    #[test]
    fn a_half_copied_picture_is_given_time() -> Tested {
        let folder = tempfile::tempdir()?;
        show(&folder, "whole.png", 70)?;
        let whole = fs::read(folder.path().join("whole.png"))?;
        fs::remove_file(folder.path().join("whole.png"))?;
        let mut pictures = pictures(&folder);
        let path = folder.path().join("card.png");
        for length in [10, 30, 50] {
            fs::write(&path, &whole[..length])?;
            assert_eq!(pictures.next()?, Luma::wall());
        }
        fs::write(&path, &whole)?;
        assert_eq!(shades(&mut pictures, 1), [70]);
        Ok(())
    }

    #[test]
    fn one_picture_is_shown_for_ever_and_a_missing_one_is_missed() -> Tested {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("card.png");
        let clock = Arc::new(HandClock::default());
        let mut picture = Pictures::new(&path, PicturesPace::default(), clock);
        assert_eq!(picture.next(), Err(SourceError::PathMissing { path }));
        show(&folder, "card.png", 5)?;
        assert_eq!(shades(&mut picture, 40), [5; 40]);
        Ok(())
    }
}
