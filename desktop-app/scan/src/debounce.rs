//! A card held up for ten seconds is one card.

use std::time::Duration;

/// Codes remembered at once. More are never in view together; the one unseen for longest goes.
const REMEMBERED_MAX: usize = 64;

/// Remembers what is in view. A thing is new when it has not been seen for a while, however long it
/// was seen before: someone who takes the card away and holds it up again means it.
#[derive(Debug)]
pub(crate) struct Debounce<K> {
    window: Duration,
    seen: Vec<(K, Duration)>,
}

impl<K: PartialEq> Debounce<K> {
    pub(crate) fn new(window: Duration) -> Self {
        Self { window, seen: Vec::new() }
    }

    /// Whether this is news at this time.
    pub(crate) fn is_news(&mut self, thing: K, now: Duration) -> bool {
        self.seen.retain(|(_, last)| now.saturating_sub(*last) < self.window);
        if let Some((_, last)) = self.seen.iter_mut().find(|(known, _)| *known == thing) {
            *last = now;
            return false;
        }
        if self.seen.len() == REMEMBERED_MAX {
            let oldest = self.seen.iter().enumerate().min_by_key(|(_, (_, last))| *last);
            let oldest = oldest.map_or(0, |(at, _)| at);
            self.seen.swap_remove(oldest);
        }
        self.seen.push((thing, now));
        true
    }

    /// Makes everything in view news again.
    pub(crate) fn forget(&mut self) {
        self.seen.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_card_is_news_once_while_it_stays_and_again_when_it_returns() {
        let mut view = Debounce::new(at(2500));
        assert!(view.is_news("card", at(0)));
        assert!((1..100).all(|tenth| !view.is_news("card", at(tenth * 100))));
        assert!(!view.is_news("card", at(9900 + 2499)));
        assert!(view.is_news("card", at(9900 + 2499 + 2500)));
    }

    #[test]
    fn two_cards_in_turn_are_two_pieces_of_news() {
        let mut view = Debounce::new(at(2500));
        let news = (0..20).filter(|turn| view.is_news(turn % 2, at(turn * 100)));
        assert_eq!(news.count(), 2);
    }

    #[test]
    fn what_is_forgotten_is_news() {
        let mut view = Debounce::new(at(2500));
        assert!(view.is_news("card", at(0)));
        view.forget();
        assert!(view.is_news("card", at(1)));
    }

    #[test]
    fn a_wall_of_codes_does_not_fill_the_memory() {
        let mut view = Debounce::new(at(2500));
        assert!((0..10_000).all(|code| view.is_news(code, at(code / 100))));
        assert_eq!(view.seen.len(), REMEMBERED_MAX);
        assert!(!view.is_news(9_999, at(101)));
    }
}
