//! Registers of a citizen corrected; the edit names what was on screen.

use shared_model::citizen::RegisterValue;
use shared_model::dose::Source;
use shared_model::ids::{CitizenId, StatementId};
use shared_model::limits;
use shared_model::statement::{CitizenEdited, Statement, Subject};
use shared_model::view::{ValueView, read_value};

use super::open_record::OpenRecordError;
use crate::desk::view::FieldProblem;
use crate::laptop::{Laptop, SayError};
use crate::store::Durable;

#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error("some fields can't be taken")]
    Fields(Vec<FieldProblem>),
    #[error(transparent)]
    Open(#[from] OpenRecordError),
    #[error(transparent)]
    Say(#[from] SayError),
}

impl Laptop {
    /// Says what changed. Nothing changed: nothing said.
    pub fn edit_citizen(
        &mut self,
        card: CitizenId,
        views: &[ValueView],
    ) -> Result<Option<Durable<StatementId>>, EditError> {
        let today = self.today();
        let (mut values, mut problems) = (Vec::new(), Vec::new());
        for view in views {
            match read_value(view, today) {
                Ok(value) => values.push(value),
                Err(problem) => {
                    problems.push(FieldProblem { register: view.register.clone(), problem: problem.code().to_owned() })
                }
            }
        }
        if !problems.is_empty() {
            return Err(EditError::Fields(problems));
        }
        let record = self.known(card)?.record;
        // A value that stands undisputed need not be said again; one in dispute is a vote.
        values.retain(|value: &RegisterValue| {
            record
                .fields
                .get(&value.register())
                .is_none_or(|field| field.shown.value != *value || !field.others.is_empty())
        });
        if values.is_empty() {
            return Ok(None);
        }
        let mut based_on: Vec<StatementId> = values
            .iter()
            .filter_map(|value| record.fields.get(&value.register()))
            .flat_map(|field| field.standing.iter().copied())
            .collect();
        based_on.sort_unstable();
        based_on.dedup();
        based_on.truncate(limits::BASED_ON_MAX);
        let statement = Statement::CitizenEdited(CitizenEdited { values, source: Source::Typed, scan: None });
        Ok(Some(self.say(Subject::Citizen(card), statement, Vec::new(), based_on)?))
    }
}
