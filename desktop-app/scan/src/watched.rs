//! A device that may hang, kept on a thread of its own.
//!
//! A camera driver can block for ever when its camera is pulled out, and on Windows must be opened,
//! used and closed by one thread. So the device lives on its own thread, which nobody ever waits
//! for: when no frame comes in time the thread is left behind, to end when the driver lets go.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use crate::frame::Luma;
use crate::slot::{Slot, Taken};
use crate::source::{FrameSource, SourceError};

/// Left-behind threads each hold a driver's buffers. Beyond this many, another try would only add
/// one more.
const LIVING_THREADS_MAX: usize = 8;

static LIVING_THREADS: AtomicUsize = AtomicUsize::new(0);

/// Something that gives frames and may take for ever over it.
pub(crate) trait Device {
    fn grab(&mut self) -> Result<Luma, SourceError>;
    fn name(&self) -> String;
}

/// How long a device may stay silent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Until the first frame: opening a camera takes seconds on Windows.
    pub(crate) first: Duration,
    /// Between frames: a camera in a dark room still gives five a second.
    pub(crate) next: Duration,
}

#[derive(Debug)]
pub(crate) struct Watched {
    frames: Arc<Slot<Result<Luma, SourceError>>>,
    name: Arc<OnceLock<String>>,
    patience: Patience,
    seen_one: bool,
}

impl Watched {
    /// Opens a device on a thread of its own and returns at once; a failure to open is the first
    /// answer of [`FrameSource::next`].
    pub(crate) fn start<F>(patience: Patience, open: F) -> Result<Self, SourceError>
    where
        F: FnOnce() -> Result<Box<dyn Device>, SourceError> + Send + 'static,
    {
        let frames = Arc::new(Slot::new());
        let name = Arc::new(OnceLock::new());
        let tenant = Tenant::move_in(Arc::clone(&frames)).ok_or(SourceError::Stalled)?;
        let plate = Arc::clone(&name);
        thread::Builder::new()
            .name("camera".to_owned())
            .spawn(move || tenant.live(open, &plate))
            .map_err(|_| SourceError::Refused)?;
        Ok(Self { frames, name, patience, seen_one: false })
    }
}

impl FrameSource for Watched {
    fn next(&mut self) -> Result<Luma, SourceError> {
        let patience = if self.seen_one { self.patience.next } else { self.patience.first };
        match self.frames.take_within(patience) {
            Taken::Fresh(answer) => {
                self.seen_one |= answer.is_ok();
                answer
            }
            Taken::Nothing => Err(SourceError::Stalled),
            Taken::Closed => Err(SourceError::Unplugged),
        }
    }

    fn describe(&self) -> String {
        self.name.get().cloned().unwrap_or_default()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.frames.close();
    }
}

/// The thread's side. However it ends, the slot is closed and the count goes down.
struct Tenant {
    frames: Arc<Slot<Result<Luma, SourceError>>>,
}

impl Tenant {
    fn move_in(frames: Arc<Slot<Result<Luma, SourceError>>>) -> Option<Self> {
        let living = LIVING_THREADS.fetch_add(1, Ordering::SeqCst);
        let tenant = Self { frames };
        (living < LIVING_THREADS_MAX).then_some(tenant)
    }

    fn live<F>(self, open: F, plate: &OnceLock<String>)
    where
        F: FnOnce() -> Result<Box<dyn Device>, SourceError>,
    {
        let device = self.guarded(open);
        let Some(mut device) = device else { return };
        let _ = plate.set(device.name());
        while let Some(frame) = self.guarded(|| device.grab()) {
            if !self.frames.put(Ok(frame)) {
                break;
            }
        }
        // Closing an unplugged camera may panic in the driver's bindings. Had it been left to
        // unwinding, a second panic would end the program.
        let _ = catch_unwind(AssertUnwindSafe(move || drop(device)));
    }

    /// Runs a deed of the driver's; a failure is left in the slot as the last word.
    fn guarded<T>(&self, deed: impl FnOnce() -> Result<T, SourceError>) -> Option<T> {
        let answer = catch_unwind(AssertUnwindSafe(deed)).unwrap_or(Err(SourceError::Unplugged));
        // No other program has it: a thread that hangs in its driver does.
        let own_fault = answer.as_ref().is_err_and(|error| *error == SourceError::Busy)
            && LIVING_THREADS.load(Ordering::SeqCst) > 1;
        let answer = if own_fault { Err(SourceError::Stalled) } else { answer };
        match answer {
            Ok(thing) => Some(thing),
            Err(error) => {
                self.frames.put(Err(error));
                None
            }
        }
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        self.frames.close();
        LIVING_THREADS.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    const PATIENT: Patience = Patience { first: Duration::from_secs(20), next: Duration::from_secs(20) };

    /// Gives what it is sent, hangs while nothing is sent, and panics when told to.
    struct Puppet {
        strings: Receiver<Order>,
        buried: Sender<()>,
    }

    enum Order {
        Show(u8),
        Fail(SourceError),
        Panic,
    }

    impl Device for Puppet {
        fn grab(&mut self) -> Result<Luma, SourceError> {
            match self.strings.recv() {
                Ok(Order::Show(shade)) => Luma::blank(4, 4, shade).map_err(|_| SourceError::NoUsableFormat),
                Ok(Order::Fail(error)) => Err(error),
                Ok(Order::Panic) => std::panic::panic_any("the driver's own panic"),
                Err(_) => Err(SourceError::Unplugged),
            }
        }

        fn name(&self) -> String {
            "puppet".to_owned()
        }
    }

    impl Drop for Puppet {
        fn drop(&mut self) {
            let _ = self.buried.send(());
            std::panic::panic_any("a driver that cannot even be closed");
        }
    }

    type Stage = (Result<Watched, SourceError>, Sender<Order>, Receiver<()>);

    fn stage(patience: Patience) -> Stage {
        let (pull, strings) = channel();
        let (buried, grave) = channel();
        let open = move || Ok(Box::new(Puppet { strings, buried }) as Box<dyn Device>);
        (Watched::start(patience, open), pull, grave)
    }

    #[test]
    fn a_device_that_falls_silent_is_left_behind_and_buried_when_it_wakes() -> Result<(), Box<dyn std::error::Error>> {
        let (watched, pull, grave) = stage(Patience { first: PATIENT.first, next: Duration::from_millis(5) });
        let mut watched = watched?;
        pull.send(Order::Show(7))?;
        assert_eq!(watched.next()?.bytes()[0], 7);
        assert_eq!(watched.describe(), "puppet");
        assert_eq!(watched.next(), Err(SourceError::Stalled));
        drop(watched);
        pull.send(Order::Show(8))?;
        grave.recv_timeout(PATIENT.next)?;
        Ok(())
    }

    #[test]
    fn a_failure_is_said_once_and_then_the_device_is_gone() -> Result<(), Box<dyn std::error::Error>> {
        let (watched, pull, grave) = stage(PATIENT);
        let mut watched = watched?;
        pull.send(Order::Fail(SourceError::NoUsableFormat))?;
        assert_eq!(watched.next(), Err(SourceError::NoUsableFormat));
        assert_eq!(watched.next(), Err(SourceError::Unplugged));
        grave.recv_timeout(PATIENT.next)?;
        Ok(())
    }

    #[test]
    fn a_camera_held_by_a_thread_of_ours_is_stalled_and_not_busy() -> Result<(), Box<dyn std::error::Error>> {
        let (hung, _pull, _grave) = stage(PATIENT);
        let _hung = hung?;
        let mut again = Watched::start(PATIENT, || Err(SourceError::Busy))?;
        assert_eq!(again.next(), Err(SourceError::Stalled));
        Ok(())
    }

    #[test]
    fn a_driver_that_panics_is_an_unplugged_camera() -> Result<(), Box<dyn std::error::Error>> {
        let (watched, pull, grave) = stage(PATIENT);
        pull.send(Order::Panic)?;
        assert_eq!(watched?.next(), Err(SourceError::Unplugged));
        grave.recv_timeout(PATIENT.next)?;
        Ok(())
    }

    #[test]
    fn a_camera_that_does_not_open_says_why() -> Result<(), SourceError> {
        let mut watched = Watched::start(PATIENT, || Err(SourceError::PermissionDenied))?;
        assert_eq!(watched.next(), Err(SourceError::PermissionDenied));
        assert_eq!(watched.next(), Err(SourceError::Unplugged));
        assert_eq!(watched.describe(), "");
        Ok(())
    }
}
