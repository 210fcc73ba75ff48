//! A camera that is watched and read until somebody stops it.
//!
//! Two threads: one waits for frames, shows a preview of some and leaves the latest for the other,
//! which has it read. A frame that comes while an earlier one is being read takes the place of any
//! other that waits, so what is read is never older than one frame.

use std::fmt;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing::{info, warn};

use crate::debounce::Debounce;
use crate::decode::Symbols;
use crate::edge::{Clock, SteadyClock};
use crate::frame::Luma;
use crate::preview::{Preview, preview};
use crate::read::{Corners, ReadOutcome, ScanRead, ScannedText, Symbology};
use crate::slot::{Slot, Taken};
use crate::source::{FrameSource, Outlook, SourceError};
use crate::text::NotText;
use crate::worker::{FrameLost, Guard, WorkerProgram};

/// Events waiting for whoever listens. A preview that does not fit is dropped; anything else waits.
const EVENTS_WAITING_MAX: usize = 8;

/// After a lost frame the next is not read at once, so that a code which kills every reader does
/// not have the laptop start processes without end.
const BREATH_AFTER_LOSS: Duration = Duration::from_millis(250);

/// How often the reading thread looks up to see whether it is still wanted.
const LOOK_UP_EVERY: Duration = Duration::from_millis(500);

/// What a scanner does and how patiently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannerSettings {
    pub symbols: Symbols,
    /// The program that reads frames in a process of its own; without one, a thread does.
    pub worker: Option<WorkerProgram>,
    /// A frame that takes longer than this to read is given up together with its reader.
    pub frame_time_max: Duration,
    /// For how long a code must be out of view before it is reported again.
    pub unseen_before_news: Duration,
    /// How long to wait before opening a source that failed.
    pub retry_every: Duration,
    /// The shortest time between previews.
    pub preview_every: Duration,
}

impl Default for ScannerSettings {
    /// A second for a frame: one of 1280 by 720 takes 5 to 50 ms on a desktop's processor, three times
    /// that on an old clinic laptop, and a photograph has ten times the pixels. A shorter limit would
    /// now and then kill a healthy reader on a laptop busy with something else; a longer one would be
    /// felt by the person holding the card.
    fn default() -> Self {
        Self {
            symbols: Symbols::default(),
            worker: None,
            frame_time_max: Duration::from_secs(1),
            unseen_before_news: Duration::from_millis(2500),
            retry_every: Duration::from_secs(2),
            preview_every: Duration::from_millis(66),
        }
    }
}

/// What a scanner has to say.
#[derive(Debug, Clone, PartialEq)]
pub enum ScanEvent {
    /// What the camera sees.
    Preview(Preview),
    /// A code has come into view.
    Read { text: ScannedText, corners: Corners, frame_ms: u32, symbology: Symbology },
    /// A code is in view, or may be, and cannot be read.
    Unreadable { why: UnreadableWhy, corners: Option<Corners> },
    /// There are no frames, or one picture is missing. Said once until it changes.
    Trouble(SourceError),
    /// Frames come again after trouble.
    Back,
}

/// Why a code in view has no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnreadableWhy {
    /// It holds bytes that are no text.
    NotText(NotText),
    /// Reading the frame failed, and whoever read it has been replaced.
    FrameLost(FrameLost),
}

/// Opens the source, again and again if need be.
pub type OpenSource = Box<dyn FnMut() -> Result<Box<dyn FrameSource>, SourceError> + Send>;

/// A running scanner. To drop it is to stop it; nobody waits for its threads.
pub struct Scanner {
    shared: Arc<Shared>,
}

impl Scanner {
    /// Starts to scan, and returns at once.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn start(open: OpenSource, settings: ScannerSettings) -> io::Result<(Self, Receiver<ScanEvent>)> {
        Self::start_by(Arc::new(SteadyClock::start()), open, settings)
    }

    /// Starts to scan by another clock.
    ///
    /// # Errors
    /// As [`Scanner::start`].
    pub fn start_by(
        clock: Arc<dyn Clock>,
        open: OpenSource,
        settings: ScannerSettings,
    ) -> io::Result<(Self, Receiver<ScanEvent>)> {
        let (events, heard) = sync_channel(EVENTS_WAITING_MAX);
        let shared = Arc::new(Shared::new());
        let scanner = Self { shared: Arc::clone(&shared) };
        let mut watcher = Watcher {
            shared: Arc::clone(&shared),
            clock: Arc::clone(&clock),
            settings: settings.clone(),
            events: events.clone(),
            trouble: None,
            last_preview: None,
        };
        let reading = Reading { shared, clock, settings, events };
        thread::Builder::new().name("scan read".to_owned()).spawn(move || reading.run())?;
        thread::Builder::new().name("scan watch".to_owned()).spawn(move || watcher.run(open))?;
        Ok((scanner, heard))
    }

    /// Opens the source now if it is waiting to be opened again.
    pub fn retry(&self) {
        self.shared.ask(|wishes| wishes.retry = true);
    }

    /// Reports what is in view once more, for a screen that has just come up.
    pub fn forget_seen(&self) {
        self.shared.ask(|wishes| wishes.forget = true);
    }

    /// Stops scanning. A camera that hangs is left to its driver.
    pub fn stop(&self) {
        self.shared.stop();
    }
}

impl Drop for Scanner {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Scanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scanner").finish_non_exhaustive()
    }
}

/// What the two threads and the caller have in common.
struct Shared {
    frames: Slot<Arc<Luma>>,
    wishes: Mutex<Wishes>,
    wished: Condvar,
}

#[derive(Debug, Default)]
struct Wishes {
    stop: bool,
    retry: bool,
    forget: bool,
}

impl Shared {
    fn new() -> Self {
        Self { frames: Slot::new(), wishes: Mutex::default(), wished: Condvar::new() }
    }

    fn ask(&self, wish: impl FnOnce(&mut Wishes)) {
        wish(&mut self.wishes());
        self.wished.notify_all();
    }

    fn wishes(&self) -> MutexGuard<'_, Wishes> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        self.ask(|wishes| wishes.stop = true);
        self.frames.close();
    }

    fn stopped(&self) -> bool {
        self.wishes().stop
    }

    /// Waits to open a source again: until asked to, or for this long, or without end.
    fn wait_for_retry(&self, time: Option<Duration>) {
        let idle = |wishes: &mut Wishes| !wishes.stop && !wishes.retry;
        let mut wishes = match time {
            Some(time) => {
                let waited = self.wished.wait_timeout_while(self.wishes(), time, idle);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => self.wished.wait_while(self.wishes(), idle).unwrap_or_else(PoisonError::into_inner),
        };
        wishes.retry = false;
    }
}

/// However one of the threads ends, the other ends as well, and whoever listens hears it.
impl Drop for Watcher {
    fn drop(&mut self) {
        self.shared.stop();
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.shared.stop();
    }
}

/// Nobody listens any more, or somebody has said stop.
struct Unwanted;

/// The thread that waits for frames.
struct Watcher {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    settings: ScannerSettings,
    events: SyncSender<ScanEvent>,
    trouble: Option<SourceError>,
    last_preview: Option<Duration>,
}

impl Watcher {
    fn run(&mut self, mut open: OpenSource) {
        while !self.shared.stopped() {
            let error = match open() {
                Ok(source) => self.watch(source),
                Err(error) => Ok(error),
            };
            let Ok(error) = error else { break };
            if self.shared.stopped() || self.say_trouble(error.clone()).is_err() {
                break;
            }
            let time = match error.outlook() {
                Outlook::GoesOn | Outlook::MayComeBack => Some(self.settings.retry_every),
                Outlook::Over => None,
            };
            self.shared.wait_for_retry(time);
        }
    }

    /// Watches a source until it fails, or until it is no longer wanted.
    fn watch(&mut self, mut source: Box<dyn FrameSource>) -> Result<SourceError, Unwanted> {
        while !self.shared.stopped() {
            match source.next() {
                Ok(frame) => self.show(frame, source.as_ref())?,
                Err(error) if error.outlook() == Outlook::GoesOn => {
                    self.events.send(ScanEvent::Trouble(error)).map_err(|_| Unwanted)?;
                }
                Err(error) => return Ok(error),
            }
        }
        Err(Unwanted)
    }

    fn show(&mut self, frame: Luma, source: &dyn FrameSource) -> Result<(), Unwanted> {
        if self.trouble.take().is_some() {
            info!(source = %source.describe(), "frames again");
            self.events.send(ScanEvent::Back).map_err(|_| Unwanted)?;
        }
        let frame = Arc::new(frame);
        self.shared.frames.put(Arc::clone(&frame));
        let now = self.clock.now();
        if self.last_preview.is_none_or(|last| now.saturating_sub(last) >= self.settings.preview_every) {
            self.last_preview = Some(now);
            match preview(&frame) {
                // A listener that is behind wants the next preview, not this one.
                Ok(preview) => drop(self.events.try_send(ScanEvent::Preview(preview))),
                Err(error) => warn!(%error, "no preview"),
            }
        }
        Ok(())
    }

    fn say_trouble(&mut self, error: SourceError) -> Result<(), Unwanted> {
        if self.trouble.as_ref() == Some(&error) {
            return Ok(());
        }
        warn!(%error, "no frames");
        self.trouble = Some(error.clone());
        self.events.send(ScanEvent::Trouble(error)).map_err(|_| Unwanted)
    }
}

/// The thread that has frames read.
struct Reading {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    settings: ScannerSettings,
    events: SyncSender<ScanEvent>,
}

/// What counts as the same when it is seen again.
#[derive(Debug, PartialEq)]
enum InView {
    Text(ScannedText),
    Unreadable(UnreadableWhy),
}

impl Reading {
    fn run(&self) {
        let settings = &self.settings;
        let mut guard = Guard::new(settings.worker.clone(), settings.symbols, settings.frame_time_max);
        let mut view = Debounce::new(settings.unseen_before_news);
        while !self.shared.stopped() {
            let frame = match self.shared.frames.take_within(LOOK_UP_EVERY) {
                Taken::Fresh(frame) => frame,
                Taken::Nothing => continue,
                Taken::Closed => break,
            };
            if std::mem::take(&mut self.shared.wishes().forget) {
                view.forget();
            }
            if self.read(&frame, &mut guard, &mut view).is_err() {
                break;
            }
        }
    }

    fn read(&self, frame: &Arc<Luma>, guard: &mut Guard, view: &mut Debounce<InView>) -> Result<(), Unwanted> {
        let began = self.clock.now();
        let answer = guard.decode(frame);
        let now = self.clock.now();
        let frame_ms = u32::try_from(now.saturating_sub(began).as_millis()).unwrap_or(u32::MAX);
        match answer {
            Ok(reads) => {
                for read in &reads {
                    self.say(&ScanRead::from(read), frame_ms, now, view)?;
                }
            }
            Err(lost) => {
                let why = UnreadableWhy::FrameLost(lost);
                warn!(%lost, frame_ms, "a frame was lost");
                if view.is_news(InView::Unreadable(why), now) {
                    self.send(ScanEvent::Unreadable { why, corners: None })?;
                }
                self.clock.wait(BREATH_AFTER_LOSS);
            }
        }
        Ok(())
    }

    fn say(&self, read: &ScanRead, frame_ms: u32, now: Duration, view: &mut Debounce<InView>) -> Result<(), Unwanted> {
        let (corners, symbology) = (read.corners, read.symbology);
        let (thing, event) = match &read.outcome {
            ReadOutcome::Text(text) => {
                let event = ScanEvent::Read { text: text.clone(), corners, frame_ms, symbology };
                (InView::Text(text.clone()), event)
            }
            ReadOutcome::Unreadable(why) => {
                let why = UnreadableWhy::NotText(*why);
                (InView::Unreadable(why), ScanEvent::Unreadable { why, corners: Some(corners) })
            }
        };
        if view.is_news(thing, now) { self.send(event) } else { Ok(()) }
    }

    fn send(&self, event: ScanEvent) -> Result<(), Unwanted> {
        self.events.send(event).map_err(|_| Unwanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scanner_can_be_stopped_from_any_thread() {
        fn shared_between_threads<T: Send + Sync>() {}
        shared_between_threads::<Scanner>();
    }

    #[test]
    fn waiting_for_a_retry_ends_when_asked_and_when_stopped() {
        let shared = Shared::new();
        shared.ask(|wishes| wishes.retry = true);
        shared.wait_for_retry(None);
        assert!(!shared.wishes().retry, "a wish is granted once");
        shared.wait_for_retry(Some(Duration::ZERO));
        shared.ask(|wishes| wishes.stop = true);
        shared.wait_for_retry(None);
        assert!(shared.stopped());
    }
}
