//! The laptop's only clock and dice.

use shared_model::time::Moment;

/// Where time and chance come from. Tests hand in pretend ones and replay whole weeks.
pub trait Edge: Send + Sync {
    /// The wall clock, right or wrong.
    fn now(&self) -> Moment;
    /// Milliseconds that only go forward while this process lives.
    fn monotonic_ms(&self) -> u64;
    /// Bytes nobody can foretell.
    fn dice(&self, bytes: &mut [u8]) -> Result<(), NoDice>;
}

/// The operating system gave no random bytes; nothing secret can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoDice;

/// Draws an array of dice.
pub fn draw<const N: usize>(edge: &dyn Edge) -> Result<[u8; N], NoDice> {
    let mut bytes = [0; N];
    edge.dice(&mut bytes)?;
    Ok(bytes)
}

/// The machine's own clock and dice.
pub struct Machine {
    started: std::time::Instant,
}

impl Machine {
    #[expect(clippy::disallowed_methods, reason = "this file is the edge")]
    pub fn new() -> Self {
        Self { started: std::time::Instant::now() }
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl Edge for Machine {
    #[expect(clippy::disallowed_methods, reason = "this file is the edge")]
    fn now(&self) -> Moment {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    #[expect(clippy::disallowed_methods, reason = "this file is the edge")]
    fn dice(&self, bytes: &mut [u8]) -> Result<(), NoDice> {
        getrandom::fill(bytes).map_err(|_| NoDice)
    }
}
