//! When a filter is written, and which: a delta each night, and a base when deltas cost more than a new base does.

use shared_model::limits;
use shared_model::time::{Date, MS_PER_HOUR, Moment};

use crate::store::rows::PriorStanding;

/// Before this hour of the campaign's day, teams of the evening are still bringing their logs in.
const NIGHT_BEGINS_MS: i64 = 2 * MS_PER_HOUR;
/// Deltas of more than a quarter of their base are a quarter too much for every laptop that begins afresh.
const BASE_SHARE_MAX: u64 = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    Base,
    Delta,
}

/// `now` is nothing for somebody who wants what has come in at once, whatever the hour.
pub(super) fn due(standing: &PriorStanding, files_are_there: bool, now: Option<Moment>) -> Option<Due> {
    let Some((base, deltas)) = standing.current.split_first() else {
        return standing.someone_is_held.then_some(Due::Base);
    };
    if !files_are_there {
        return Some(Due::Base);
    }
    let last = deltas.last().unwrap_or(base);
    let is_new = standing.wants_base || last.to_lseq < standing.projected_to;
    if !is_new || now.is_some_and(|now| night(now) == night(last.built_at)) {
        return None;
    }
    let changed: u64 = deltas.iter().map(|delta| delta.citizens).sum();
    let is_heavy = changed.saturating_mul(BASE_SHARE_MAX) > base.citizens;
    if standing.wants_base || is_heavy || deltas.len() >= limits::PRIOR_DELTAS_MAX {
        Some(Due::Base)
    } else {
        Some(Due::Delta)
    }
}

/// Another night is another filter, also after the clock was put back.
fn night(at: Moment) -> Date {
    at.plus_ms(-NIGHT_BEGINS_MS).campaign_date()
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use shared_model::certificate::Signed;
    use shared_model::ids::PriorId;
    use shared_model::sync::message::FetchedWord;
    use shared_model::time::MS_PER_DAY;

    use super::*;
    use crate::store::rows::PriorRow;

    fn evening() -> Moment {
        Date::new(2021, 9, 30).unwrap().starts_at().plus_ms(22 * MS_PER_HOUR)
    }

    fn filter(number: u32, citizens: u64) -> PriorRow {
        let word = FetchedWord { citizens: Vec::new(), statements: Vec::new() };
        PriorRow {
            id: PriorId([0; 32]),
            number,
            base: None,
            built_at: evening(),
            after_lseq: 0,
            to_lseq: 10,
            citizens,
            bytes: 0,
            salt: [0; 16],
            manifest: Signed::make(&word, &SigningKey::from_bytes(&[1; 32])),
            files: Vec::new(),
        }
    }

    fn standing(citizens: &[u64]) -> PriorStanding {
        PriorStanding {
            number_last: 1,
            current: citizens.iter().zip(1..).map(|(citizens, number)| filter(number, *citizens)).collect(),
            projected_to: 11,
            wants_base: false,
            someone_is_held: true,
        }
    }

    #[test]
    fn the_first_dose_asks_for_a_base_and_nothing_asks_for_nothing() {
        assert_eq!(due(&standing(&[]), true, Some(evening())), Some(Due::Base));
        assert_eq!(due(&PriorStanding { someone_is_held: false, ..standing(&[]) }, true, None), None);
    }

    #[test]
    fn a_delta_is_written_once_a_night() {
        let standing = standing(&[1_000]);
        for (hours, wanted) in [(0, None), (3, None), (4, Some(Due::Delta)), (20, Some(Due::Delta))] {
            assert_eq!(due(&standing, true, Some(evening().plus_ms(hours * MS_PER_HOUR))), wanted, "{hours}");
        }
        assert_eq!(due(&standing, true, None), Some(Due::Delta));
        assert_eq!(due(&standing, true, Some(evening().plus_ms(-400 * MS_PER_DAY))), Some(Due::Delta));
        let nothing_new = PriorStanding { projected_to: 10, ..standing };
        assert_eq!(due(&nothing_new, true, None), None);
    }

    #[test]
    fn seven_deltas_or_heavy_ones_or_a_record_drawn_again_or_lost_files_ask_for_a_base() {
        assert_eq!(due(&standing(&[1_000, 1, 1, 1, 1, 1, 1]), true, None), Some(Due::Delta));
        assert_eq!(due(&standing(&[1_000, 1, 1, 1, 1, 1, 1, 1]), true, None), Some(Due::Base));
        assert_eq!(due(&standing(&[1_000, 200, 50]), true, None), Some(Due::Delta));
        assert_eq!(due(&standing(&[1_000, 200, 51]), true, None), Some(Due::Base));
        let again = PriorStanding { wants_base: true, projected_to: 10, ..standing(&[1_000]) };
        assert_eq!(due(&again, true, None), Some(Due::Base));
        assert_eq!(due(&standing(&[1_000]), false, Some(evening())), Some(Due::Base));
    }
}
