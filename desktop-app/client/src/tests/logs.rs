//! Logs carry ids and causes, never names.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::bench::{Bench, PIN};
use super::plaintext::{NUMBER, canaries, morning};

/// Everything that is logged, at whichever level, as text.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0, "{field}={value:?}").unwrap();
    }
}

impl Subscriber for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Line(&mut self.0.lock().unwrap()));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn hits(log: &str) -> Vec<&'static str> {
    let is_in = |canary: &[u8]| log.as_bytes().windows(canary.len()).any(|window| window == canary);
    canaries().into_iter().filter(|(_, canary)| is_in(canary)).map(|(form, _)| form).collect()
}

#[test]
fn no_line_of_the_log_tells_a_name_a_number_a_note_or_the_pin() {
    let listener = Listener::default();
    tracing::subscriber::with_default(listener.clone(), || {
        let bench = Bench::enrolled(21);
        morning(&bench);
        bench.desk.lock().unwrap();
        bench.unlock("111111").unwrap_err();
        bench.unlock(PIN).unwrap();
        bench.sql(|conn| conn.pragma_update(None, "query_only", true).unwrap());
        bench.registers(&[("name", "Trương Nguyệt Phượng"), ("birth", "1990-05-01"), ("sex", "female")]).unwrap_err();
        let damaged = bench.after_a_power_cut("damaged");
        std::fs::write(damaged.folder.join("store.db"), b"").unwrap();
        damaged.unlock(PIN).unwrap_err();
    });
    let log = listener.0.lock().unwrap().clone();
    assert!(log.contains("the store can't be written to"), "nothing was heard: {log}");
    assert_eq!(hits(&log), [""; 0], "{log}");
    assert!(!hits(&format!("{log} {NUMBER}")).is_empty());
}
