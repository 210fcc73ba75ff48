//! A place for exactly one thing: whoever takes it gets the latest, and what came before is gone.
//!
//! A camera is faster than a decoder now and then. A queue between them would show the past.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Slot<T> {
    inside: Mutex<Inside<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct Inside<T> {
    latest: Option<T>,
    closed: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken<T> {
    Fresh(T),
    /// Nothing came within the time.
    Nothing,
    /// Nothing will come any more.
    Closed,
}

impl<T> Slot<T> {
    pub(crate) fn new() -> Self {
        Self { inside: Mutex::new(Inside { latest: None, closed: false }), changed: Condvar::new() }
    }

    /// Leaves a thing in place of what lies there; false when nobody will take it any more.
    pub(crate) fn put(&self, thing: T) -> bool {
        let mut inside = self.lock();
        if inside.closed {
            return false;
        }
        inside.latest = Some(thing);
        self.changed.notify_all();
        true
    }

    /// Takes the latest thing, waiting for one at most this long. What was left before the slot was
    /// closed can still be taken.
    pub(crate) fn take_within(&self, time: Duration) -> Taken<T> {
        let waited =
            self.changed.wait_timeout_while(self.lock(), time, |inside| inside.latest.is_none() && !inside.closed);
        let (mut inside, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match inside.latest.take() {
            Some(thing) => Taken::Fresh(thing),
            None if inside.closed => Taken::Closed,
            None => Taken::Nothing,
        }
    }

    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Inside<T>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn only_the_latest_is_taken() {
        let slot = Slot::new();
        assert_eq!(slot.take_within(Duration::ZERO), Taken::Nothing);
        assert!(slot.put(1));
        assert!(slot.put(2));
        assert_eq!(slot.take_within(LONG), Taken::Fresh(2));
        assert_eq!(slot.take_within(Duration::ZERO), Taken::Nothing);
    }

    #[test]
    fn what_was_left_before_closing_is_still_there() {
        let slot = Slot::new();
        assert!(slot.put("last"));
        slot.close();
        assert!(!slot.put("too late"));
        assert_eq!(slot.take_within(LONG), Taken::Fresh("last"));
        assert_eq!(slot.take_within(LONG), Taken::Closed);
    }

    #[test]
    fn closing_wakes_whoever_waits() {
        let slot = Slot::<u8>::new();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| slot.take_within(LONG));
            slot.close();
            assert!(matches!(waiting.join(), Ok(Taken::Closed)));
        });
    }
}
