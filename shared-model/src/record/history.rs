//! The plain reading of a person's doses: what rules, screens and certificates look at.

use crate::dose::{BodySite, LotNumber, ProductCode, Route, Source};
use crate::envelope::Authority;
use crate::ids::{AuthorId, CitizenId, DeviceId, SessionId, StatementId};
use crate::time::{ClockEvidence, Date, Hlc, Moment};

/// Where a dose stands after everything said about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DoseState {
    /// It counts.
    Given,
    /// Taken back by the team or by an admin.
    Withdrawn,
    /// Settled to be the same injection as another statement, which counts in its place.
    EchoOf(StatementId),
}

/// One dose with its amendments applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dose {
    pub statement: StatementId,
    /// The card it was written on, which may be one of several linked cards.
    pub citizen: CitizenId,
    pub product: ProductCode,
    pub lot: LotNumber,
    pub lot_expiry: Option<Date>,
    pub number: u8,
    pub given_at: Moment,
    pub body_site: BodySite,
    pub route: Route,
    pub site: String,
    pub session: Option<SessionId>,
    pub source: Source,
    pub in_spite_of: Vec<String>,
    pub state: DoseState,
    pub author: AuthorId,
    pub authority: Authority,
    pub device: DeviceId,
    pub hlc: Hlc,
    pub evidence: ClockEvidence,
    /// The doses of this person its author's laptop knew.
    pub seen: Vec<StatementId>,
    /// Codes of the fields that an amendment changed.
    pub amended: Vec<&'static str>,
}

impl Dose {
    pub fn counts(&self) -> bool {
        self.state == DoseState::Given
    }

    pub fn given_on(&self) -> Date {
        self.given_at.campaign_date()
    }
}

/// All doses of one person, in the order they were most likely given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    pub doses: Vec<Dose>,
}

impl History {
    /// Sorted by day given, then number, then statement id: the same on every node.
    pub fn of(mut doses: Vec<Dose>) -> Self {
        doses.sort_by_key(|dose| (dose.given_at, dose.number, dose.statement));
        Self { doses }
    }

    /// The doses that count.
    pub fn given(&self) -> impl Iterator<Item = &Dose> + Clone {
        self.doses.iter().filter(|dose| dose.counts())
    }

    pub fn dose(&self, statement: StatementId) -> Option<&Dose> {
        self.doses.iter().find(|dose| dose.statement == statement)
    }
}
