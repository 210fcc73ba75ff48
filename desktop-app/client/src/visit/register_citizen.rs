//! A walk-in or a scanned card enters the register.

use shared_model::citizen::{Register, RegisterValue};
use shared_model::dose::Source;
use shared_model::ids::CitizenId;
use shared_model::limits;
use shared_model::scanned::{Scanned, understand};
use shared_model::statement::{CitizenEdited, Statement, Subject};
use shared_model::view::{CitizenLine, FormProblem, RegistrationForm, read_value};

use crate::desk::view::{FieldProblem, Register as RegisterArgs, Registered};
use crate::edge::draw;
use crate::laptop::{Laptop, SayError};
use crate::store::{StoreError, citizen};

impl Laptop {
    pub fn register(&mut self, args: &RegisterArgs) -> Result<Registered, SayError> {
        let values = match self.read_form(&args.form) {
            Ok(values) => values,
            Err(problems) => return Ok(Registered::Refused { problems }),
        };
        let scanned = self.card_of_scan(&args.form);
        if let Some(card) = scanned
            && self.line(card)?.is_some()
        {
            return Ok(Registered::Citizen { citizen: card.to_string() });
        }
        if !args.in_spite_of_lookalikes {
            let lines = self.lookalikes(&values)?;
            if !lines.is_empty() {
                return Ok(Registered::Lookalikes { lines });
            }
        }
        // Only a scanned national card names its holder; everybody else gets an id by chance.
        let card = match scanned {
            Some(card) => card,
            None => CitizenId(draw(self.edge.as_ref())?),
        };
        let scan = args.form.scan.clone().filter(|scan| scan.chars().count() <= limits::SCAN_CHARS_MAX);
        let source = if scan.is_some() { Source::Scanned } else { Source::Typed };
        let statement = Statement::CitizenEdited(CitizenEdited { values, source, scan });
        let saved = self.say(Subject::Citizen(card), statement, Vec::new(), Vec::new())?;
        let _ = saved.into_inner();
        Ok(Registered::Citizen { citizen: card.to_string() })
    }

    /// Every field that is filled in, or every problem there is; a name, a birth date and a sex must be there.
    fn read_form(&self, form: &RegistrationForm) -> Result<Vec<RegisterValue>, Vec<FieldProblem>> {
        let today = self.today();
        let (mut values, mut problems): (Vec<RegisterValue>, Vec<FieldProblem>) = (Vec::new(), Vec::new());
        let needed = [Register::Name, Register::Birth, Register::Sex];
        for view in &form.values {
            match read_value(view, today) {
                Ok(value) if values.iter().all(|known| known.register() != value.register()) => values.push(value),
                Ok(_) => {}
                Err(FormProblem::Empty) if needed.iter().all(|register| register.code() != view.register) => {}
                Err(problem) => {
                    problems.push(FieldProblem { register: view.register.clone(), problem: problem.code().to_owned() })
                }
            }
        }
        for register in needed {
            let there = values.iter().any(|value| value.register() == register)
                || problems.iter().any(|problem| problem.register == register.code());
            if !there {
                problems.push(FieldProblem {
                    register: register.code().to_owned(),
                    problem: FormProblem::Empty.code().to_owned(),
                });
            }
        }
        if problems.is_empty() { Ok(values) } else { Err(problems) }
    }

    /// The id of the card that was scanned, read again from the scan itself: a form can't claim a card it does not carry.
    fn card_of_scan(&self, form: &RegistrationForm) -> Option<CitizenId> {
        match understand(form.scan.as_deref()?) {
            Scanned::ChipCard(card) => Some(CitizenId::of_scanned_card(&self.membership.citizen_key(), &card.number)),
            Scanned::Insurance(_) | Scanned::OwnCode(_) | Scanned::Unknown(_) => None,
        }
    }

    /// People with one of these identifiers, or with the same name and year of birth.
    fn lookalikes(&self, values: &[RegisterValue]) -> Result<Vec<CitizenLine>, StoreError> {
        let identifiers: Vec<RegisterValue> =
            values.iter().filter(|value| value.identifier().is_some()).cloned().collect();
        let mut lines = self.holders_of(&identifiers)?;
        let name = values.iter().find_map(|value| match value {
            RegisterValue::Name(name) => Some(name.search_key()),
            _ => None,
        });
        let year = values.iter().find_map(|value| match value {
            RegisterValue::Birth(birth) => Some(birth.date.to_string()[..4].to_owned()),
            _ => None,
        });
        if let (Some(name), Some(year)) = (name, year) {
            let words: Vec<&str> = name.split(' ').collect();
            for line in self.lines(citizen::with_words(self.store.read(), &words, 50)?)? {
                let same_name = shared_model::text::search_key(&line.name) == name;
                if same_name && line.birth.starts_with(&year) && lines.iter().all(|other| other.id != line.id) {
                    lines.push(line);
                }
            }
        }
        Ok(lines)
    }
}
