//! What a laptop's folder must be good for.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, bail, ensure};
use field_client::Laptop;
use field_client::desk::view::{DoseAnswer, GiveDose};
use field_client::store::Store;
use shared_model::citizen::{Register, RegisterValue};
use shared_model::ids::{CitizenId, StatementId};
use shared_model::record::{DoseState, Record};

use super::{Contents, Keys};
use crate::promise::{self, Promise};
use crate::stories::{campaign, first_start};
use crate::sweep::Left;
use crate::town;

/// Of contents that nobody has seen, one in so many is looked at thoroughly; and of all disks, one in so many.
const THOROUGH_OF_NEW: u64 = 4;
const THOROUGH_OF_ALL: u64 = 48;

/// Looks at one disk after the other of an enrolled laptop.
#[derive(Default)]
pub struct Enrolled {
    pub keys: Keys,
    contents: Contents,
    looked_at: AtomicU64,
}

impl Enrolled {
    /// Tells whether it was looked at beyond opening it.
    pub fn look(&self, left: &Left<'_>) -> anyhow::Result<bool> {
        let thorough = left.is_one_in(THOROUGH_OF_ALL);
        let store = Store::open(left.folder, &self.keys.of(left.folder)?).context("the store does not open")?;
        let is_new = self.contents.is_new(left.folder, "store.db", left.image, left.promises.len());
        drop(store);
        if !is_new && !thorough {
            return Ok(false);
        }
        left.again()?;
        let looked_at = self.looked_at.fetch_add(1, Ordering::Relaxed);
        let thorough = thorough || looked_at.is_multiple_of(THOROUGH_OF_NEW);
        laptop(left.folder, left.promises, &self.keys, thorough).map(|_| true)
    }
}

/// Opens an enrolled laptop and looks at everything. `thorough` draws every record and asks for a new dose.
pub fn laptop(folder: &Path, promises: &[Promise], keys: &Keys, thorough: bool) -> anyhow::Result<Laptop> {
    let key = keys.of(folder)?;
    let mut laptop = Laptop::open(folder, &key, town::edge()).context("the store does not open")?;
    let flaws = laptop.flaws()?;
    ensure!(flaws.is_empty(), "the store is not sound: {flaws:?}");
    let cards = kept(&laptop, promises, thorough)?;
    if let Some(card) = cards.filter(|_| thorough) {
        one_more_dose(&mut laptop, card)?;
    }
    Ok(laptop)
}

/// Every promised statement is here, and the newest record, or every one, says what the screens said.
/// Gives the card that was spoken of last.
pub fn kept(laptop: &Laptop, promises: &[Promise], every_record: bool) -> anyhow::Result<Option<CitizenId>> {
    for statement in promises.iter().filter_map(Promise::on_laptop) {
        ensure!(laptop.holds(statement)?, "what was promised is gone: {statement}");
    }
    let cards = promise::by_card(promises);
    // Drawing a record takes longer than everything else here.
    let drawn = if every_record { 0 } else { cards.len().saturating_sub(1) };
    for (card, about) in &cards[drawn..] {
        let record = laptop.merged(*card)?.record;
        about.iter().try_for_each(|promise| says(&record, promise))?;
    }
    Ok(cards.last().map(|(card, _)| *card))
}

fn says(record: &Record, promise: &Promise) -> anyhow::Result<()> {
    let dose = |dose: &StatementId| record.history.dose(*dose).with_context(|| format!("the record lost dose {dose}"));
    match promise {
        Promise::Registered { .. } => ensure!(record.name().is_some(), "the record has lost its name"),
        Promise::Saved { dose: statement, .. } => drop(dose(statement)?),
        Promise::Corrected { dose: statement, lot, .. } => {
            ensure!(dose(statement)?.lot.as_str() == lot, "the correction of {statement} is gone");
        }
        Promise::Withdrawn { dose: statement, .. } => {
            ensure!(dose(statement)?.state == DoseState::Withdrawn, "the withdrawal of {statement} is gone");
        }
        Promise::Edited { phone, .. } => {
            let shown = record.fields.get(&Register::Phone).map(|field| &field.shown.value);
            let is_shown = matches!(shown, Some(RegisterValue::Phone(shown)) if shown.as_str() == phone);
            ensure!(is_shown, "the phone number is gone");
        }
        Promise::CodeSent
        | Promise::Enrolled
        | Promise::Learned { .. }
        | Promise::Received { .. }
        | Promise::InNation { .. }
        | Promise::Rows(_) => {}
    }
    Ok(())
}

/// Whatever happened, work goes on.
pub fn one_more_dose(laptop: &mut Laptop, card: CitizenId) -> anyhow::Result<StatementId> {
    let draft = first_start::draft(card, 3, "FK9999");
    let checked = laptop.check_dose(&draft, card)?;
    let in_spite_of = checked.findings.into_iter().map(|finding| finding.code).collect();
    match laptop.give_dose(&GiveDose { draft, in_spite_of }, card)? {
        DoseAnswer::Saved { statement, .. } => Ok(campaign::statement(&statement)),
        DoseAnswer::LookAgain { checked } => bail!("no dose can be recorded any more: {checked:?}"),
    }
}
