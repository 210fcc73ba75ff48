//! The room's only clock. Everything else is told the time, so that tests need not wait for it.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;
use std::time::{Duration, Instant};

/// A steady clock: it never goes back and knows no calendar.
pub trait Clock: Send + Sync {
    /// Time since a fixed moment that only this clock knows.
    fn now(&self) -> Duration;

    /// Lets this much time pass.
    fn wait(&self, time: Duration);
}

/// The laptop's own steady clock.
#[derive(Debug)]
pub struct SteadyClock {
    started: Instant,
}

impl SteadyClock {
    /// A clock that begins at zero.
    #[expect(clippy::disallowed_methods, reason = "the one place where this room asks for the time")]
    #[must_use]
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where this room lets time pass")]
    fn wait(&self, time: Duration) {
        thread::sleep(time);
    }
}

/// A clock moved by hand: waiting on it takes no time.
#[derive(Debug, Default)]
pub struct HandClock {
    reading: Mutex<Duration>,
}

impl HandClock {
    /// Moves the hands forward.
    pub fn advance(&self, time: Duration) {
        *self.reading.lock().unwrap_or_else(PoisonError::into_inner) += time;
    }
}

impl Clock for HandClock {
    fn now(&self) -> Duration {
        *self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, time: Duration) {
        self.advance(time);
        thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_moves_both_clocks_forward() {
        let steady = SteadyClock::start();
        let before = steady.now();
        steady.wait(Duration::from_millis(1));
        assert!(steady.now() >= before + Duration::from_millis(1));

        let hand = HandClock::default();
        hand.wait(Duration::from_secs(3600));
        assert_eq!(hand.now(), Duration::from_secs(3600));
    }
}
