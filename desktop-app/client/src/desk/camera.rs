//! ① The camera as a screen sees it: pictures to look at, texts that were read, and what is wrong.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use base64::Engine;
use field_scan::{
    Film, FrameSource, OpenSource, Pictures, PicturesPace, ScanEvent, Scanner, ScannerSettings, SourceError,
    SteadyClock, WorkerProgram,
};

use super::view::{CameraRead, CameraState, CameraView};

/// Where frames come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CameraFrom {
    Webcam,
    /// A folder of pictures, one picture, or a film.
    Path(PathBuf),
}

/// How the camera of a desk is made.
#[derive(Debug, Clone)]
pub struct CameraMaker {
    pub from: CameraFrom,
    /// The program that decodes in a process of its own.
    pub worker: Option<WorkerProgram>,
}

/// An answer to "what is next" comes at the latest after this time.
const NEXT_WAIT: Duration = Duration::from_millis(500);
/// Texts kept for a screen that looks away for a moment.
const READS_MAX: usize = 8;

#[derive(Default)]
struct Seen {
    seq: u64,
    state: Option<CameraState>,
    trouble: Option<&'static str>,
    preview: Option<Arc<Vec<u8>>>,
    reads: VecDeque<CameraRead>,
    /// Counts starts, so that a listener of an earlier scanner falls silent.
    turn: u64,
}

#[derive(Default)]
struct Shared {
    seen: Mutex<Seen>,
    news: Condvar,
}

pub struct CameraDesk {
    maker: CameraMaker,
    scanner: Mutex<Option<Scanner>>,
    shared: Arc<Shared>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl CameraDesk {
    pub fn new(maker: CameraMaker) -> Self {
        Self { maker, scanner: Mutex::default(), shared: Arc::default() }
    }

    /// Starts the camera. A screen that comes up while it runs hears again of the card in view.
    pub fn start(&self) {
        let mut scanner = locked(&self.scanner);
        if let Some(running) = &*scanner {
            running.forget_seen();
            return;
        }
        let turn = self.shared.tell(|seen| {
            seen.state = Some(CameraState::Starting);
            seen.trouble = None;
            seen.preview = None;
            seen.reads.clear();
            seen.turn += 1;
        });
        let settings = ScannerSettings { worker: self.maker.worker.clone(), ..ScannerSettings::default() };
        match Scanner::start(open_source(&self.maker.from), settings) {
            Ok((started, events)) => {
                let shared = self.shared.clone();
                thread::spawn(move || {
                    for event in events {
                        shared.hear(event, turn);
                    }
                });
                *scanner = Some(started);
            }
            Err(_) => {
                self.shared.tell(|seen| {
                    seen.state = Some(CameraState::Trouble);
                    seen.trouble = Some("refused");
                });
            }
        }
    }

    pub fn stop(&self) {
        if let Some(scanner) = locked(&self.scanner).take() {
            scanner.stop();
        }
        self.shared.tell(|seen| {
            seen.state = Some(CameraState::Off);
            seen.turn += 1;
            seen.preview = None;
            seen.reads.clear();
        });
    }

    pub fn retry(&self) {
        match &*locked(&self.scanner) {
            Some(scanner) => scanner.retry(),
            None => return,
        }
        self.shared.tell(|seen| seen.state = Some(CameraState::Starting));
    }

    pub fn now(&self) -> CameraView {
        self.view(&locked(&self.shared.seen), 0)
    }

    /// Waits for something newer than `after`, for half a second at most.
    pub fn next(&self, after: u64) -> CameraView {
        let seen = locked(&self.shared.seen);
        let (seen, _) = self
            .shared
            .news
            .wait_timeout_while(seen, NEXT_WAIT, |seen| seen.seq <= after)
            .unwrap_or_else(PoisonError::into_inner);
        self.view(&seen, after)
    }

    fn view(&self, seen: &Seen, after: u64) -> CameraView {
        CameraView {
            seq: seen.seq,
            state: seen.state.unwrap_or(CameraState::Off),
            trouble: seen.trouble.map(ToOwned::to_owned),
            source: match &self.maker.from {
                CameraFrom::Webcam => "webcam".to_owned(),
                CameraFrom::Path(_) => "pictures".to_owned(),
            },
            preview: seen
                .preview
                .as_ref()
                .map(|jpeg| base64::engine::general_purpose::STANDARD.encode(jpeg.as_slice())),
            reads: seen.reads.iter().filter(|read| read.seq > after).cloned().collect(),
        }
    }
}

impl Shared {
    fn tell(&self, change: impl FnOnce(&mut Seen)) -> u64 {
        let mut seen = locked(&self.seen);
        change(&mut seen);
        seen.seq += 1;
        self.news.notify_all();
        seen.turn
    }

    fn hear(&self, event: ScanEvent, turn: u64) {
        let mut seen = locked(&self.seen);
        if seen.turn != turn {
            return;
        }
        seen.seq += 1;
        let seq = seen.seq;
        match event {
            ScanEvent::Preview(preview) => {
                seen.preview = Some(Arc::new(preview.jpeg));
                seen.state = Some(CameraState::Live);
                seen.trouble = None;
            }
            ScanEvent::Read { text, corners, .. } => {
                let corners = corners.map(|point| (point.x, point.y)).to_vec();
                seen.remember(CameraRead { seq, text: text.into_string(), unreadable: false, corners });
            }
            ScanEvent::Unreadable { corners, .. } => {
                let corners =
                    corners.map(|corners| corners.map(|point| (point.x, point.y)).to_vec()).unwrap_or_default();
                seen.remember(CameraRead { seq, text: String::new(), unreadable: true, corners });
            }
            // One picture of a folder that can't be opened stops nothing.
            ScanEvent::Trouble(SourceError::Unreadable { .. }) => seen.trouble = Some("unreadable_picture"),
            ScanEvent::Trouble(error) => {
                seen.state = Some(CameraState::Trouble);
                seen.trouble = Some(trouble_code(&error));
                seen.preview = None;
            }
            ScanEvent::Back => {
                seen.state = Some(CameraState::Live);
                seen.trouble = None;
            }
        }
        self.news.notify_all();
    }
}

impl Seen {
    fn remember(&mut self, read: CameraRead) {
        if self.reads.len() == READS_MAX {
            self.reads.pop_front();
        }
        self.reads.push_back(read);
    }
}

fn open_source(from: &CameraFrom) -> OpenSource {
    match from.clone() {
        CameraFrom::Webcam => Box::new(open_webcam),
        CameraFrom::Path(path) => Box::new(move || open_path(&path)),
    }
}

#[cfg(feature = "webcam")]
fn open_webcam() -> Result<Box<dyn FrameSource>, SourceError> {
    field_scan::Camera::open(field_scan::CameraChoice::default()).map(|camera| Box::new(camera) as Box<dyn FrameSource>)
}

#[cfg(not(feature = "webcam"))]
fn open_webcam() -> Result<Box<dyn FrameSource>, SourceError> {
    Err(SourceError::NoCamera)
}

fn open_path(path: &Path) -> Result<Box<dyn FrameSource>, SourceError> {
    let clock = Arc::new(SteadyClock::start());
    let film = path
        .extension()
        .and_then(|end| end.to_str())
        .is_some_and(|end| ["y4m", "mjpeg", "mjpg"].contains(&end.to_ascii_lowercase().as_str()));
    if film {
        return Ok(Box::new(Film::open(path, clock)?));
    }
    Ok(Box::new(Pictures::new(path, PicturesPace::default(), clock)))
}

fn trouble_code(error: &SourceError) -> &'static str {
    match error {
        SourceError::NoCamera => "no_camera",
        SourceError::Busy => "busy",
        SourceError::PermissionDenied => "permission",
        SourceError::Unplugged => "unplugged",
        SourceError::Stalled => "stalled",
        SourceError::NoUsableFormat => "no_usable_format",
        SourceError::Refused => "refused",
        SourceError::PathMissing { .. } => "path_missing",
        SourceError::Unreadable { .. } => "unreadable_picture",
        SourceError::Ended => "ended",
    }
}
