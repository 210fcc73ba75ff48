//! What this laptop knows about its own clock, kept with every statement it makes.

use minicbor::{Decode, Encode};
use rusqlite::Connection;
use shared_model::time::{ClockEvidence, Hlc, Moment};

use crate::edge::Edge;
use crate::store::{StoreError, setting};

const STATE: &str = "clock";

/// A wall clock that steps back by less is being set by a time service.
const BACKWARDS_MS_TOLERATED: i64 = 2_000;

#[derive(Clone, Copy, Default, Encode, Decode)]
#[cbor(map)]
struct ClockState {
    #[n(0)]
    hlc: u64,
    /// Server time minus own time at the last contact.
    #[n(1)]
    offset_ms: Option<i64>,
    /// The monotonic clock at that contact, and the run of the app it belongs to.
    #[n(2)]
    contact_monotonic_ms: Option<u64>,
    #[cbor(n(3), with = "minicbor::bytes")]
    contact_run: [u8; 16],
    /// The latest wall time seen since that contact.
    #[n(4)]
    latest_wall_ms: i64,
    #[n(5)]
    went_backwards: bool,
}

/// The stamps of one statement.
pub struct Stamp {
    pub hlc: Hlc,
    pub evidence: ClockEvidence,
}

/// Names this run of the app: the monotonic clock means nothing in another one.
pub type Run = [u8; 16];

/// Draws the next stamp, in the caller's transaction.
pub fn stamp(conn: &Connection, edge: &dyn Edge, run: Run) -> Result<Stamp, StoreError> {
    let mut state: ClockState = setting::get_cbor(conn, STATE)?.unwrap_or_default();
    let now = edge.now();
    let hlc = Hlc(state.hlc).tick(now);
    state.hlc = hlc.0;
    if now.0 < state.latest_wall_ms.saturating_sub(BACKWARDS_MS_TOLERATED) {
        state.went_backwards = true;
    }
    state.latest_wall_ms = state.latest_wall_ms.max(now.0);
    setting::put_cbor(conn, STATE, &state)?;
    let contact_age_s = match state.contact_monotonic_ms {
        Some(at) if state.contact_run == run => Some(edge.monotonic_ms().saturating_sub(at) / 1_000),
        _ => None,
    };
    let evidence = ClockEvidence { offset_ms: state.offset_ms, contact_age_s, went_backwards: state.went_backwards };
    Ok(Stamp { hlc, evidence })
}

/// A signed server time was heard.
pub fn heard_server(
    conn: &Connection,
    edge: &dyn Edge,
    run: Run,
    server: Moment,
    at: Moment,
) -> Result<(), StoreError> {
    let mut state: ClockState = setting::get_cbor(conn, STATE)?.unwrap_or_default();
    state.offset_ms = Some(server.ms_since(at));
    state.contact_monotonic_ms = Some(edge.monotonic_ms());
    state.contact_run = run;
    state.latest_wall_ms = at.0;
    state.went_backwards = false;
    setting::put_cbor(conn, STATE, &state)
}

/// Stamps of others pull the clock forward, by a little at most.
pub fn heard_stamp(conn: &Connection, remote: Hlc, wall: Moment) -> Result<(), StoreError> {
    let mut state: ClockState = setting::get_cbor(conn, STATE)?.unwrap_or_default();
    let observed = Hlc(state.hlc).observe(remote, wall);
    if observed.0 != state.hlc {
        state.hlc = observed.0;
        setting::put_cbor(conn, STATE, &state)?;
    }
    Ok(())
}

pub fn offset_ms(conn: &Connection) -> Result<Option<i64>, StoreError> {
    Ok(setting::get_cbor::<ClockState>(conn, STATE)?.and_then(|state| state.offset_ms))
}
