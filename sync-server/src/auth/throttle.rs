//! Whoever guesses waits longer each time.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use shared_model::time::{MS_PER_MINUTE, MS_PER_SECOND, Moment};

/// Mistakes that cost nothing.
const FREE: u32 = 5;
const WAIT_MS_MAX: i64 = 15 * MS_PER_MINUTE;
/// Mistakes are forgotten after this long without another.
const FORGOTTEN_MS: i64 = 60 * MS_PER_MINUTE;
/// Names remembered at one time; a flood of new ones pushes the oldest out.
const NAMES_MAX: usize = 10_000;

#[derive(Debug, Default)]
pub struct Throttle(Mutex<BTreeMap<String, Mistakes>>);

#[derive(Debug, Clone, Copy)]
struct Mistakes {
    count: u32,
    last: Moment,
}

impl Mistakes {
    fn free_again(self) -> Moment {
        match self.count.checked_sub(FREE) {
            None => self.last,
            Some(over) => self.last.plus_ms((MS_PER_SECOND << over.min(16)).min(WAIT_MS_MAX)),
        }
    }
}

/// Where a guesser sits: an address, or with IPv6 the network that is handed out as one.
pub fn place(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).to_string(),
    }
}

impl Throttle {
    /// Seconds until this name may try again; `None` when it may now.
    pub fn wait_s(&self, name: &str, now: Moment) -> Option<u32> {
        let mistakes = *self.lock().get(name)?;
        let left = mistakes.free_again().ms_since(now);
        (left > 0 && mistakes.count >= FREE).then(|| u32::try_from(left / MS_PER_SECOND + 1).unwrap_or(u32::MAX))
    }

    pub fn mistake(&self, name: &str, now: Moment) {
        let mut names = self.lock();
        names.retain(|_, mistakes| now.ms_since(mistakes.last) < FORGOTTEN_MS);
        if names.len() >= NAMES_MAX
            && let Some(oldest) = names.iter().min_by_key(|(_, mistakes)| mistakes.last).map(|(name, _)| name.clone())
        {
            names.remove(&oldest);
        }
        let mistakes = names.entry(name.to_owned()).or_insert(Mistakes { count: 0, last: now });
        *mistakes = Mistakes { count: mistakes.count.saturating_add(1), last: now };
    }

    pub fn right(&self, name: &str) {
        self.lock().remove(name);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Mistakes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_an_address_or_a_network() {
        let place = |text: &str| place(text.parse().unwrap());
        assert_eq!(place("192.0.2.7"), "192.0.2.7");
        assert_eq!(place("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(place("2001:db8:1:2:3:4:5:6"), place("2001:db8:1:2:aaaa::1"));
        assert_ne!(place("2001:db8:1:2::1"), place("2001:db8:1:3::1"));
    }

    #[test]
    fn guessing_slows_down_and_being_right_is_forgiven() {
        let throttle = Throttle::default();
        let now = Moment(0);
        for _ in 0..FREE {
            assert_eq!(throttle.wait_s("an", now), None);
            throttle.mistake("an", now);
        }
        assert!(throttle.wait_s("an", now).is_some());
        assert_eq!(throttle.wait_s("binh", now), None);
        assert_eq!(throttle.wait_s("an", now.plus_ms(2 * MS_PER_SECOND)), None);
        throttle.right("an");
        assert_eq!(throttle.wait_s("an", now), None);
    }
}
