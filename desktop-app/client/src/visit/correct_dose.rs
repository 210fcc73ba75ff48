//! One field of a dose said to be otherwise. The first statement stays as it was.

use shared_model::dose::{BodySite, DoseField, LotNumber, ProductCode};
use shared_model::ids::{CitizenId, StatementId};
use shared_model::limits;
use shared_model::statement::{DoseAmended, Statement, Subject};

use super::withdraw::{WithdrawError, note_of};
use crate::laptop::Laptop;
use crate::store::{Durable, envelope};

#[derive(Debug, thiserror::Error)]
pub enum CorrectDoseError {
    #[error("not a value this field can have")]
    Value,
    #[error(transparent)]
    Withdraw(#[from] WithdrawError),
}

impl Laptop {
    pub fn correct_dose(
        &mut self,
        dose: StatementId,
        field: &str,
        value: &str,
        note: &str,
    ) -> Result<(CitizenId, Durable<StatementId>), CorrectDoseError> {
        let field = read_field(field, value).ok_or(CorrectDoseError::Value)?;
        let note = note_of(note).ok_or(WithdrawError::Reason)?;
        let card = self.own_dose(dose)?;
        let based_on = self.amendments_of(card, dose, field.code())?;
        let statement = Statement::DoseAmended(DoseAmended { dose, field, note });
        let saved = self.say(Subject::Citizen(card), statement, Vec::new(), based_on).map_err(WithdrawError::from)?;
        Ok((card, saved))
    }

    /// What this laptop has seen said about that field: the dose and its amendments, newest last.
    fn amendments_of(
        &self,
        card: CitizenId,
        dose: StatementId,
        field: &str,
    ) -> Result<Vec<StatementId>, WithdrawError> {
        let mut seen = vec![dose];
        for said in envelope::said_about(self.store.read(), &[card])? {
            if let Statement::DoseAmended(amended) = &said.body.statement
                && amended.dose == dose
                && amended.field.code() == field
            {
                seen.push(said.id);
            }
        }
        seen.truncate(limits::BASED_ON_MAX);
        Ok(seen)
    }
}

fn read_field(field: &str, value: &str) -> Option<DoseField> {
    match field {
        "lot" => LotNumber::parse(value).ok().map(DoseField::Lot),
        "product" => ProductCode::parse(value).ok().map(DoseField::Product),
        "number" => value.trim().parse().ok().filter(|number| (1..=20).contains(number)).map(DoseField::Number),
        "body_site" => Some(DoseField::BodySite(BodySite::from_code(value)))
            .filter(|_| !value.is_empty() && value.len() <= limits::CODE_CHARS_MAX),
        _ => None,
    }
}
