//! The server's only clock and dice. Everything else is handed a moment and drawn bytes.

use shared_model::time::Moment;

/// The operating system gave no random bytes: nothing may be signed or handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no random bytes")]
pub struct NoDice;

/// Where time and chance come in. Tests hand in a pretend one.
pub trait Edge: Send + Sync + 'static {
    fn now(&self) -> Moment;

    fn fill_random(&self, bytes: &mut [u8]) -> Result<(), NoDice>;
}

/// The machine's own.
#[derive(Debug, Clone, Copy, Default)]
pub struct Machine;

impl Edge for Machine {
    #[expect(clippy::disallowed_methods, reason = "the one place where this server reads the clock")]
    fn now(&self) -> Moment {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Moment(since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where this server rolls dice")]
    fn fill_random(&self, bytes: &mut [u8]) -> Result<(), NoDice> {
        getrandom::fill(bytes).map_err(|_| NoDice)
    }
}

/// `N` drawn bytes.
pub(crate) fn draw<const N: usize>(edge: &dyn Edge) -> Result<[u8; N], NoDice> {
    let mut bytes = [0; N];
    edge.fill_random(&mut bytes)?;
    Ok(bytes)
}
