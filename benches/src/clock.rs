//! The stop-watch, and the time of day.

use std::time::{Duration, Instant, SystemTime};

use shared_model::time::Moment;

#[expect(clippy::disallowed_methods, reason = "statements of a benchmark are made now")]
pub fn now() -> Moment {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}

/// A laptop that was told to come back waits, and so does whoever looks now and then.
#[expect(clippy::disallowed_methods, reason = "a benchmark is about time")]
pub fn wait(time: Duration) {
    std::thread::sleep(time);
}

/// How long a deed took, and what it gave.
#[expect(clippy::disallowed_methods, reason = "a benchmark is about time")]
pub fn timed<T>(deed: impl FnOnce() -> T) -> (Duration, T) {
    let began = Instant::now();
    let value = deed();
    (began.elapsed(), value)
}

/// A deed that waits for somebody else.
#[expect(clippy::disallowed_methods, reason = "a benchmark is about time")]
pub async fn timed_waiting<T>(deed: impl Future<Output = T>) -> (Duration, T) {
    let began = Instant::now();
    let value = deed.await;
    (began.elapsed(), value)
}

/// Times of many runs of one deed.
#[derive(Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn from(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    pub fn of(runs: usize, mut deed: impl FnMut(usize) -> anyhow::Result<()>) -> anyhow::Result<Self> {
        let mut times = Self::default();
        for run in 0..runs {
            let (time, done) = timed(|| deed(run));
            done?;
            times.0.push(time);
        }
        times.0.sort_unstable();
        Ok(times)
    }

    fn at(&self, part: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index into a few thousand runs"
        )]
        let index = ((self.0.len() as f64 - 1.0) * part) as usize;
        self.0[index].as_secs_f64() * 1_000.0
    }

    /// Milliseconds.
    pub fn median(&self) -> f64 {
        self.at(0.5)
    }

    pub fn p95(&self) -> f64 {
        self.at(0.95)
    }

    pub fn p99(&self) -> f64 {
        self.at(0.99)
    }

    pub fn longest(&self) -> f64 {
        self.at(1.0)
    }
}
