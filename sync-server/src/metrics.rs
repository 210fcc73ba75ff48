//! Figures for whoever watches the server. Labels are codes, never ids or names.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

type Coded = Family<Vec<(&'static str, String)>, Counter>;

pub struct Metrics {
    registry: Registry,
    pub entries_kept: Counter,
    pub entries_quarantined: Counter,
    pub entries_sent: Counter,
    pub forks: Counter,
    pub refusals: Coded,
    /// Right, wrong and unknown names cost the same, and are counted the same.
    pub passwords_hashed: Counter,
    pub projector_behind: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("so_tiem");
        let (entries_kept, entries_quarantined, entries_sent) =
            (Counter::default(), Counter::default(), Counter::default());
        let forks = Counter::default();
        let refusals = Coded::default();
        let passwords_hashed = Counter::default();
        let projector_behind = Gauge::default();
        registry.register("entries_kept", "Log entries acknowledged", entries_kept.clone());
        registry.register("entries_quarantined", "Log entries kept and not believed", entries_quarantined.clone());
        registry.register("entries_sent", "Feed entries sent to devices", entries_sent.clone());
        registry.register("forks", "Pushes that did not fit their log", forks.clone());
        registry.register("refusals", "Requests refused whole, by code", refusals.clone());
        registry.register("passwords_hashed", "Passwords stretched", passwords_hashed.clone());
        registry.register("projector_behind", "Entries received and not yet in the record", projector_behind.clone());
        Self {
            registry,
            entries_kept,
            entries_quarantined,
            entries_sent,
            forks,
            refusals,
            passwords_hashed,
            projector_behind,
        }
    }
}

impl Metrics {
    pub fn refused(&self, code: &str) {
        self.refusals.get_or_create(&vec![("code", code.to_owned())]).inc();
    }

    /// `None` only if a metric cannot be written as text.
    pub fn as_text(&self) -> Option<String> {
        let mut text = String::new();
        encode(&mut text, &self.registry).ok().map(|()| text)
    }
}
