//! Doubts about an envelope rather than about what it says: a log with two ends, a time that cannot be.

use super::{Conflict, ConflictKind};
use crate::ids::{CitizenId, StatementId};
use crate::limits;
use crate::time::{ClockEvidence, Date, Moment};

/// Two statements at one position of a log: a cloned disk or a restored backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fork {
    pub first: StatementId,
    pub second: StatementId,
}

pub fn cloned_device(fork: Fork) -> Conflict {
    Conflict::new(ConflictKind::ClonedDevice, [fork.first, fork.second], [], None)
}

/// When a dose is said to have been given, and what there is to judge that by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimedTime {
    pub statement: StatementId,
    pub citizen: CitizenId,
    pub given_at: Moment,
    pub evidence: ClockEvidence,
    /// When this node first held the statement, by its own clock.
    pub received_at: Moment,
    pub born: Option<Date>,
    /// The first day on which any rules of the campaign were in force.
    pub campaign_from: Option<Date>,
}

/// A dose before the campaign, before its receiver was born, after it was received, or by a clock known to be days off.
pub fn implausible_time(claim: &ClaimedTime) -> Option<Conflict> {
    let day = claim.given_at.campaign_date();
    let wrong = claim.campaign_from.is_some_and(|from| day < from)
        || claim.born.is_some_and(|born| day < born)
        || claim.given_at.ms_since(claim.received_at) > limits::CLAIM_LEAD_MS_MAX
        || claim.evidence.offset_ms.is_some_and(|offset| {
            offset.checked_abs().is_none_or(|offset| offset >= limits::CLOCK_OFFSET_MS_IMPLAUSIBLE)
        });
    wrong.then(|| Conflict::new(ConflictKind::ImplausibleTime, [claim.statement], [claim.citizen], None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{MS_PER_DAY, MS_PER_HOUR};

    fn claim() -> ClaimedTime {
        let now = Date::new(2021, 9, 30).unwrap().starts_at().plus_ms(9 * MS_PER_HOUR);
        ClaimedTime {
            statement: StatementId([1; 32]),
            citizen: CitizenId([1; 16]),
            given_at: now,
            evidence: ClockEvidence::default(),
            received_at: now.plus_ms(MS_PER_HOUR),
            born: Date::new(1990, 5, 1).ok(),
            campaign_from: Date::new(2021, 3, 8).ok(),
        }
    }

    #[test]
    fn an_ordinary_morning_raises_nothing() {
        assert_eq!(implausible_time(&claim()), None);
    }

    #[test]
    fn a_late_report_is_not_a_wrong_clock() {
        let received_at = claim().received_at.plus_ms(40 * MS_PER_DAY);
        assert_eq!(implausible_time(&ClaimedTime { received_at, ..claim() }), None);
    }

    #[test]
    fn a_laptop_years_off_is_noticed_either_way() {
        let shifted =
            |years: i64| ClaimedTime { given_at: claim().given_at.plus_ms(years * 365 * MS_PER_DAY), ..claim() };
        assert!(implausible_time(&shifted(-10)).is_some());
        assert!(implausible_time(&shifted(10)).is_some());
        let evidence = ClockEvidence { offset_ms: Some(i64::MIN), ..ClockEvidence::default() };
        assert!(implausible_time(&ClaimedTime { evidence, ..claim() }).is_some());
    }
}
