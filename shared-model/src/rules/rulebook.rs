//! All bundles a node holds, and which of them rules a day.

use super::bundle::Bundle;
use crate::ids::RulesId;
use crate::time::Date;

/// Bundles by the day they begin to hold, then version, then id: the same order on every node.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rulebook {
    bundles: Vec<Bundle>,
}

impl Rulebook {
    pub fn of(bundles: impl IntoIterator<Item = Bundle>) -> Self {
        let mut bundles: Vec<Bundle> = bundles.into_iter().collect();
        bundles.sort_by_key(|bundle| (bundle.valid_from(), bundle.version(), bundle.id()));
        bundles.dedup_by_key(|bundle| bundle.id());
        Self { bundles }
    }

    /// The same book with one more bundle; one that is in it already changes nothing.
    pub fn with(self, bundle: Bundle) -> Self {
        Self::of(self.bundles.into_iter().chain([bundle]))
    }

    /// The bundle that began to hold last, on that day or before it.
    pub fn in_force(&self, on: Date) -> Option<&Bundle> {
        self.bundles.iter().rev().find(|bundle| bundle.valid_from() <= on)
    }

    pub fn by_id(&self, id: RulesId) -> Option<&Bundle> {
        self.bundles.iter().find(|bundle| bundle.id() == id)
    }

    pub fn bundles(&self) -> &[Bundle] {
        &self.bundles
    }
}
