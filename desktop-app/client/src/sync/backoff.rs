//! When to try again: soon at first, then ever later, and never all laptops at once.

/// The longest wait between tries. A network that comes back is noticed within this time.
const WAIT_MS_MAX: u64 = 5 * 60 * 1_000;
const WAIT_MS_MIN: u64 = 5 * 1_000;

/// Milliseconds until the next try after so many failures in a row; `dice` spreads laptops over half of it.
pub fn wait_ms(failures: u32, asked_for_s: Option<u32>, dice: u64) -> u64 {
    let doubled = WAIT_MS_MIN.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(WAIT_MS_MAX);
    let asked = u64::from(asked_for_s.unwrap_or(0)).saturating_mul(1_000).min(WAIT_MS_MAX);
    let wait = doubled.max(asked);
    wait + dice % (wait / 2 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_bounded() {
        assert_eq!(wait_ms(1, None, 0), 5_000);
        assert_eq!(wait_ms(2, None, 0), 10_000);
        assert!(wait_ms(u32::MAX, Some(u32::MAX), u64::MAX) <= WAIT_MS_MAX + WAIT_MS_MAX / 2);
    }

    #[test]
    fn a_busy_server_is_given_the_time_it_asks_for() {
        assert!(wait_ms(1, Some(90), 0) >= 90_000);
    }
}
