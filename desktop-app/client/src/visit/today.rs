//! The day on this laptop: people, doses, and where copies of them lie.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::dose::ProductCode;
use shared_model::view::dose_view;

use super::open_record::OpenRecordError;
use crate::desk::view::{ProductCount, TodayLine, TodayView};
use crate::laptop::Laptop;
use crate::store::{dose, log};

/// What one screen can list; the counts are of all.
const LINES_MAX: usize = 200;

impl Laptop {
    pub fn day(&self) -> Result<TodayView, OpenRecordError> {
        let date = self.today();
        let conn = self.store.read();
        let given = dose::between(conn, self.device(), date.starts_at(), date.plus_days(1).starts_at())?;
        let mut by_product: BTreeMap<&str, u32> = BTreeMap::new();
        let mut people = BTreeSet::new();
        for dose in given.iter().filter(|dose| dose.counts) {
            *by_product.entry(&dose.product).or_default() += 1;
            people.insert(dose.citizen);
        }
        let doses = by_product.values().sum();
        let mut lines = Vec::new();
        for one in given.iter().take(LINES_MAX) {
            let merged = self.merged(one.citizen)?;
            if let Some(dose) = merged.record.history.dose(one.statement) {
                lines.push(TodayLine {
                    citizen: one.citizen.to_string(),
                    citizen_name: merged.record.name().map(|name| name.as_str().to_owned()).unwrap_or_default(),
                    dose: dose_view(dose, self.rules_today(), self),
                });
            }
        }
        let copies = log::count_copies(conn)?;
        let total = u32::try_from(given.len()).unwrap_or(u32::MAX);
        Ok(TodayView {
            date: date.to_string(),
            people: u32::try_from(people.len()).unwrap_or(u32::MAX),
            doses,
            withdrawn: total.saturating_sub(doses),
            here_only: copies.here_only,
            at_hub: copies.at_hub,
            at_nation: copies.at_nation,
            by_product: by_product
                .into_iter()
                .map(|(product, doses)| ProductCount {
                    product: product.to_owned(),
                    product_name: self.product_name(product),
                    doses,
                })
                .collect(),
            lines,
        })
    }

    fn product_name(&self, code: &str) -> String {
        ProductCode::parse(code)
            .ok()
            .and_then(|code| Some(self.rules_today()?.product(&code)?.name.clone()))
            .unwrap_or_else(|| code.to_owned())
    }
}
