//! A disk that fails at every operation in turn: once, and from then on for ever. Nothing that was called saved
//! is lost, nothing is called saved that is not, and when the disk is well again work goes on.

use std::path::Path;

use anyhow::{Context, ensure};
use field_client::Laptop;
use field_client::desk::view::{DoseAnswer, DoseDraft, GiveDose};
use shared_model::ids::{CitizenId, StatementId};

use crate::check::{self, Keys};
use crate::disk::lay_out;
use crate::journal::{self, Fault, Plan};

/// What a run of faults found.
#[derive(Debug, Default)]
pub struct Found {
    pub runs: u64,
    /// Deeds that were refused because the disk failed.
    pub refused: u64,
    pub broken: Vec<String>,
}

/// Doses given in each run.
const DOSES: u8 = 3;

pub fn sweep(laptop: &Path, card: CitizenId, keys: &Keys, bench: &Path) -> anyhow::Result<Found> {
    let image = crate::disk::Disk::of(laptop, crate::disk::Names::WithTheNextSync)?.after(crate::disk::Lost::Nothing);
    let mut found = Found::default();
    // As many operations as a run without faults has.
    lay_out(&image, bench)?;
    journal::begin(bench, None);
    work(bench, card, keys).context("without a fault")?;
    let operations = journal::end().len();
    for at in 0..operations {
        for fault in Fault::ALL {
            for for_ever in [false, true] {
                lay_out(&image, bench)?;
                journal::begin(bench, Some(Plan { at, for_ever, fault }));
                let worked = work(bench, card, keys);
                journal::mend();
                let _ = journal::end();
                found.runs += 1;
                let outcome = worked.and_then(|saved| {
                    found.refused += u64::from(DOSES) - saved.len() as u64;
                    look(bench, card, &saved, keys)
                });
                if let Err(error) = outcome {
                    found
                        .broken
                        .push(format!("{fault:?} at operation {at} of {operations}, for ever: {for_ever}: {error:#}"));
                }
            }
        }
    }
    std::fs::remove_dir_all(bench)?;
    Ok(found)
}

/// Opens the laptop and gives doses; gives those that were called saved. A refusal is an answer, not a failure.
fn work(folder: &Path, card: CitizenId, keys: &Keys) -> anyhow::Result<Vec<StatementId>> {
    let key = keys.of(folder)?;
    let mut saved = Vec::new();
    let Ok(mut laptop) = Laptop::open(folder, &key, check::edge()) else { return Ok(saved) };
    for number in 0..DOSES {
        let draft = DoseDraft {
            citizen: card.to_string(),
            product: "pfizer".to_owned(),
            lot: format!("FAULT{number}"),
            lot_expiry: Some("2022-12-31".to_owned()),
            number: 3,
            body_site: "left_arm".to_owned(),
            route: "im".to_owned(),
        };
        let Ok(checked) = laptop.check_dose(&draft, card) else { continue };
        let in_spite_of = checked.findings.into_iter().map(|finding| finding.code).collect();
        if let Ok(DoseAnswer::Saved { statement, .. }) = laptop.give_dose(&GiveDose { draft, in_spite_of }, card) {
            saved.push(StatementId::parse(&statement).ok().context("a statement's id")?);
        }
    }
    Ok(saved)
}

fn look(folder: &Path, card: CitizenId, saved: &[StatementId], keys: &Keys) -> anyhow::Result<()> {
    let key = keys.of(folder)?;
    let mut laptop = Laptop::open(folder, &key, check::edge()).context("the store does not open again")?;
    let flaws = laptop.flaws()?;
    ensure!(flaws.is_empty(), "the store is not sound: {flaws:?}");
    let record = laptop.merged(card)?.record;
    for statement in saved {
        ensure!(record.history.dose(*statement).is_some(), "a dose that was called saved is gone: {statement}");
    }
    check::one_more_dose(&mut laptop, card)
}

impl Found {
    pub fn print(&self, what: &str) {
        use std::io::Write as _;
        let mut out = std::io::stdout().lock();
        let _ =
            writeln!(out, "  {what}: {} runs, {} doses refused, {} broken", self.runs, self.refused, self.broken.len());
        for line in self.broken.iter().take(5) {
            let _ = writeln!(out, "    {line}");
        }
    }
}
