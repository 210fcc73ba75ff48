//! Doses of one person given without knowledge of each other that cannot all be right.

use super::{Conflict, ConflictKind};
use crate::dose::Source;
use crate::limits;
use crate::planted::{Bug, is_alive};
use crate::record::{Dose, History};
use crate::rules::{ClashReason, Rulebook, clash};

/// How two doses clash.
pub type DoseClash = ConflictKind;

/// One conflict a pair, of the strongest kind that fits. A dose whose author had seen the
/// other one was a decision, and no conflict.
pub fn dose_clashes(history: &History, rules: &Rulebook) -> Vec<Conflict> {
    let given: Vec<&Dose> = history.given().collect();
    let mut conflicts = Vec::new();
    for (at, one) in given.iter().enumerate() {
        for other in &given[at + 1..] {
            if let Some(kind) = kind_of_clash(one, other, rules)
                && !is_alive(Bug::ClashDropped)
            {
                let involved = [one.statement, other.statement];
                conflicts.push(Conflict::new(kind, involved, [one.citizen, other.citizen], None));
            }
        }
    }
    conflicts
}

fn kind_of_clash(one: &Dose, other: &Dose, rules: &Rulebook) -> Option<DoseClash> {
    let knew = one.seen.contains(&other.statement) || other.seen.contains(&one.statement);
    if knew && !is_alive(Bug::SeenIgnored) {
        return None;
    }
    if look_like_one_injection(one, other) {
        return Some(ConflictKind::SameDoseTwice);
    }
    let later = one.given_on().max(other.given_on());
    clash(one, other, rules.in_force(later)).map(|reason| match reason {
        ClashReason::TooMany => ConflictKind::TooManyDoses,
        ClashReason::TooSoon => ConflictKind::TooSoon,
        ClashReason::Mixed => ConflictKind::MixedProducts,
    })
}

/// Same product and lot within hours, at one site or with one side written down afterwards.
fn look_like_one_injection(one: &Dose, other: &Dose) -> bool {
    let afterwards = |dose: &Dose| matches!(dose.source, Source::Paper | Source::Slip);
    let moments = [one, other].map(|dose| {
        // A slip or a paper carries the table's own time; a live dose is corrected by its clock's evidence.
        if afterwards(dose) { dose.given_at } else { dose.evidence.corrected(dose.given_at) }
    });
    one.product == other.product
        && one.lot == other.lot
        && one.number == other.number
        && moments[0].ms_since(moments[1]).unsigned_abs() <= limits::SAME_INJECTION_MS_MAX.unsigned_abs()
        && (one.site == other.site || afterwards(one) || afterwards(other))
}
