//! A laptop at work on a failing disk, and one that is given a new app on one.

use std::path::Path;

use anyhow::ensure;
use field_client::Laptop;
use field_client::desk::view::{DoseAnswer, GiveDose, Register, Registered};
use shared_model::ids::{CitizenId, StatementId};
use shared_model::view::{RegistrationForm, ValueView};

use super::Trial;
use crate::check::{self, Keys};
use crate::image::Image;
use crate::journal::{Op, Recorder};
use crate::promise::Promise;
use crate::stories::{Story, campaign, first_start};
use crate::town;

/// Opens a laptop, and where `everything` is asked for registers, gives, corrects, withdraws and locks.
pub struct AtWork<'a> {
    pub name: &'static str,
    pub opening: &'static str,
    pub image: Image,
    pub promised: Vec<Promise>,
    pub everything: bool,
    pub keys: &'a Keys,
}

impl<'a> AtWork<'a> {
    /// Someone's laptop at the end of a story.
    pub fn after(story: &Story, image: Image, keys: &'a Keys) -> Self {
        let promised = promised(&story.ops);
        Self { name: "a laptop on a failing disk", opening: "opening", image, promised, everything: true, keys }
    }

    /// A laptop that is to take the upgrade of this story.
    pub fn upgrading(story: &Story, keys: &'a Keys) -> Self {
        let before = story.ops.iter().position(|op| matches!(op, Op::Chapter(_))).unwrap_or(0);
        let (image, promised) = (story.start.clone(), promised(&story.ops[..before]));
        Self { name: "an upgrade on a failing disk", opening: "upgrading", image, promised, everything: false, keys }
    }

    fn first(&self) -> Option<(CitizenId, StatementId)> {
        self.promised.iter().find_map(|promise| match promise {
            Promise::Saved { citizen, dose } => Some((*citizen, *dose)),
            _ => None,
        })
    }

    fn somebody(&self) -> Option<CitizenId> {
        self.first().map(|(citizen, _)| citizen)
    }

    fn a_dose(&self) -> Option<StatementId> {
        self.first().map(|(_, dose)| dose)
    }
}

fn promised(ops: &[Op]) -> Vec<Promise> {
    let told = ops.iter().filter_map(|op| match op {
        Op::Promise(promise) => Some(promise.clone()),
        _ => None,
    });
    told.collect()
}

impl Trial for AtWork<'_> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn image(&self) -> &Image {
        &self.image
    }

    fn promised(&self) -> &[Promise] {
        &self.promised
    }

    fn work(&self, folder: &Path, recorder: &Recorder) -> anyhow::Result<u64> {
        let key = self.keys.of(folder)?;
        recorder.chapter(self.opening);
        let Ok(mut laptop) = Laptop::open(folder, &key, town::edge()) else { return Ok(1) };
        if !self.everything {
            // What comes after an upgrade is a laptop at work.
            recorder.mend();
            return Ok(0);
        }
        let mut refused = 0;
        recorder.chapter("registering");
        match registers(&mut laptop) {
            Some(citizen) => recorder.promise(Promise::Registered { citizen }),
            None => refused += 1,
        }
        let Some(citizen) = self.somebody() else { return Ok(refused) };
        recorder.chapter("giving");
        let dose = gives(&mut laptop, citizen, "FAULT1");
        match dose {
            Some(dose) => recorder.promise(Promise::Saved { citizen, dose }),
            None => refused += 1,
        }
        if let Some(dose) = dose {
            recorder.chapter("correcting");
            match laptop.correct_dose(dose, "lot", "FAULT9", "") {
                Ok(_) => recorder.promise(Promise::Corrected { citizen, dose, lot: "FAULT9".to_owned() }),
                Err(_) => refused += 1,
            }
        }
        // Where the new dose was refused, the one of before is taken back.
        if let Some(dose) = dose.or(self.a_dose()) {
            recorder.chapter("withdrawing");
            match laptop.withdraw_dose(dose, "mistake", "") {
                Ok(_) => recorder.promise(Promise::Withdrawn { citizen, dose }),
                Err(_) => refused += 1,
            }
        }
        recorder.chapter("locking");
        refused += u64::from(laptop.lock().is_err());
        Ok(refused)
    }

    fn look(&self, folder: &Path, promises: &[Promise], goes_on: bool) -> anyhow::Result<()> {
        let key = self.keys.of(folder)?;
        let mut laptop = Laptop::open(folder, &key, town::edge())?;
        let flaws = laptop.flaws()?;
        ensure!(flaws.is_empty(), "the store is not sound: {flaws:?}");
        check::kept(&laptop, promises, true)?;
        match self.somebody().filter(|_| goes_on) {
            Some(card) => check::one_more_dose(&mut laptop, card).map(drop),
            None => Ok(()),
        }
    }
}

/// Somebody without a card, typed in.
fn registers(laptop: &mut Laptop) -> Option<CitizenId> {
    let fields = [("name", "Phạm Thị Ngọc"), ("birth", "1988-03-02"), ("sex", "female")];
    let value = |(register, text): (&str, &str)| ValueView {
        register: register.to_owned(),
        text: text.to_owned(),
        ..ValueView::default()
    };
    let values = fields.map(value).to_vec();
    let form = RegistrationForm { values, source: "typed".to_owned(), ..RegistrationForm::default() };
    match laptop.register(&Register { form, in_spite_of_lookalikes: true }) {
        Ok(Registered::Citizen { citizen }) => Some(campaign::id(&citizen)),
        _ => None,
    }
}

fn gives(laptop: &mut Laptop, card: CitizenId, lot: &str) -> Option<StatementId> {
    let draft = first_start::draft(card, 3, lot);
    let checked = laptop.check_dose(&draft, card).ok()?;
    let in_spite_of = checked.findings.into_iter().map(|finding| finding.code).collect();
    match laptop.give_dose(&GiveDose { draft, in_spite_of }, card) {
        Ok(DoseAnswer::Saved { statement, .. }) => Some(campaign::statement(&statement)),
        _ => None,
    }
}
