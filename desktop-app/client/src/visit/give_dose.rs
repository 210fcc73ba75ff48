//! ⑥ A dose: checked against the rules, looked at twice, said, and on disk.

use shared_model::dose::{BodySite, DoseGiven, LotNumber, ProductCode, Route, Source};
use shared_model::ids::{CitizenId, StatementId};
use shared_model::limits;
use shared_model::merge::Merged;
use shared_model::rules::{Due, Finding, ProposedDose, Severity, due, findings};
use shared_model::statement::{Statement, Subject};
use shared_model::time::Date;
use shared_model::view::{FindingView, finding_view, person_facts};

use super::open_record::OpenRecordError;
use crate::desk::view::{Checked, DoseAnswer, DoseDraft, DoseSheet, FieldProblem, GiveDose, LotView, ProductView};
use crate::laptop::{Laptop, SayError};
use crate::store::{Durable, dose};

#[derive(Debug, thiserror::Error)]
pub enum GiveDoseError {
    #[error("some fields can't be taken")]
    Fields(Vec<FieldProblem>),
    #[error("no rules on this laptop")]
    NoRules,
    #[error(transparent)]
    Open(#[from] OpenRecordError),
    #[error(transparent)]
    Say(#[from] SayError),
}

const LOTS_SHOWN: usize = 9;

impl Laptop {
    /// What the screen offers before anything is chosen.
    pub fn dose_sheet(&self, card: CitizenId) -> Result<DoseSheet, GiveDoseError> {
        let merged = self.known(card)?;
        let rules = self.rules_today().ok_or(GiveDoseError::NoRules)?;
        let (number, fitting) = match due(&merged.record.history, &person_facts(&merged.record), rules, self.today()) {
            Due::First { products } => (1, products),
            Due::Next { number, products, .. } => (number, products),
            Due::Complete { extra: Some(extra) } => (extra.number, extra.products),
            Due::Complete { extra: None } | Due::Unclear { .. } => {
                let last = merged.record.history.given().map(|dose| dose.number).max().unwrap_or(0);
                (last.saturating_add(1), Vec::new())
            }
        };
        let lots: Vec<LotView> = dose::recent_lots(self.store.read(), self.device(), LOTS_SHOWN)
            .map_err(SayError::from)?
            .into_iter()
            .map(|(product, lot, expiry)| LotView { product, lot, expiry })
            .collect();
        // The product at hand, where it fits; otherwise the one that fits first.
        let at_hand = lots.iter().find(|lot| fitting.iter().any(|product| product.as_str() == lot.product));
        let proposed = at_hand.map(|lot| lot.product.clone()).or_else(|| match number {
            1 => None,
            _ => fitting.first().map(ToString::to_string),
        });
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        for product in rules.products() {
            let shown =
                ProductView { code: product.code.to_string(), name: product.name.clone(), doses: product.doses.value };
            if fitting.contains(&product.code) { first.push(shown) } else { rest.push(shown) }
        }
        first.append(&mut rest);
        Ok(DoseSheet {
            citizen: card.to_string(),
            products: first,
            lots,
            proposed_product: proposed,
            proposed_number: number,
            body_sites: ["left_arm", "right_arm", "left_thigh", "right_thigh"].map(ToOwned::to_owned).to_vec(),
            routes: ["im", "sc", "id", "po"].map(ToOwned::to_owned).to_vec(),
        })
    }

    /// ⑤ What is worth saying about a draft before the needle.
    pub fn check_dose(&self, draft: &DoseDraft, card: CitizenId) -> Result<Checked, GiveDoseError> {
        let merged = self.known(card)?;
        Ok(match read_draft(draft, self.today()) {
            Ok(proposed) => Checked { findings: self.advice(&merged, &proposed)?, problems: Vec::new() },
            Err(problems) => Checked { findings: Vec::new(), problems },
        })
    }

    fn advice(&self, merged: &Merged, proposed: &ProposedDose) -> Result<Vec<FindingView>, GiveDoseError> {
        let rules = self.rules_today().ok_or(GiveDoseError::NoRules)?;
        let person = person_facts(&merged.record);
        let found: Vec<Finding> = findings(&merged.record.history, &person, proposed, rules, self.today());
        Ok(found.iter().map(|finding| finding_view(finding, rules)).collect())
    }

    /// Says the dose unless something on screen has not been confirmed.
    pub fn give_dose(&mut self, args: &GiveDose, card: CitizenId) -> Result<DoseAnswer, GiveDoseError> {
        let merged = self.known(card)?;
        let proposed = read_draft(&args.draft, self.today()).map_err(GiveDoseError::Fields)?;
        let findings = self.advice(&merged, &proposed)?;
        let unconfirmed = |finding: &&FindingView| {
            finding.severity == Severity::Stop.code() && !args.in_spite_of.contains(&finding.code)
        };
        if findings.iter().any(|finding| unconfirmed(&finding)) {
            return Ok(DoseAnswer::LookAgain { checked: Checked { findings, problems: Vec::new() } });
        }
        let seen = seen_doses(&merged);
        let now = self.now();
        let statement = Statement::DoseGiven(DoseGiven {
            product: proposed.product,
            lot: proposed.lot,
            number: proposed.number,
            given_at_ms: now.0,
            body_site: BodySite::from_code(&args.draft.body_site),
            route: Route::from_code(&args.draft.route),
            site: self.membership.site.clone(),
            session: None,
            lot_expiry: proposed.lot_expiry,
            source: Source::Typed,
            in_spite_of: findings.into_iter().map(|finding| finding.code).collect(),
        });
        let saved = self.say(Subject::Citizen(card), statement, seen, Vec::new())?;
        Ok(answer(saved, now.0))
    }
}

/// Only what is durable is saved.
fn answer(saved: Durable<StatementId>, now_ms: i64) -> DoseAnswer {
    DoseAnswer::Saved {
        statement: saved.into_inner().to_string(),
        undo_until_ms: now_ms.saturating_add(limits::UNDO_WINDOW_MS),
        now_ms,
    }
}

/// The doses of this person known here, newest first where there are more than a statement may name.
fn seen_doses(merged: &Merged) -> Vec<StatementId> {
    let mut seen: Vec<StatementId> =
        merged.record.history.doses.iter().rev().take(limits::SEEN_MAX).map(|dose| dose.statement).collect();
    seen.sort_unstable();
    seen
}

fn read_draft(draft: &DoseDraft, today: Date) -> Result<ProposedDose, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let mut problem = |register: &str, problem: &str| {
        problems.push(FieldProblem { register: register.to_owned(), problem: problem.to_owned() });
    };
    let product = ProductCode::parse(&draft.product);
    if product.is_err() {
        problem("product", "choice");
    }
    let lot = LotNumber::parse(&draft.lot);
    if let Err(wrong) = &lot {
        use shared_model::dose::NotALotNumber as Wrong;
        problem(
            "lot",
            match wrong {
                Wrong::Empty => "empty",
                Wrong::TooLong { .. } => "too_long",
                Wrong::Alphabet => "alphabet",
            },
        );
    }
    let lot_expiry = match draft.lot_expiry.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(text) => {
            let date = Date::parse_iso(text).ok();
            if date.is_none() {
                problem("lot_expiry", "date");
            }
            date
        }
    };
    if !(1..=20).contains(&draft.number) {
        problem("number", "choice");
    }
    for (register, code) in [("body_site", &draft.body_site), ("route", &draft.route)] {
        if code.is_empty() || code.len() > limits::CODE_CHARS_MAX {
            problem(register, "choice");
        }
    }
    match (product, lot) {
        (Ok(product), Ok(lot)) if problems.is_empty() => {
            Ok(ProposedDose { product, lot, lot_expiry, number: draft.number, on: today })
        }
        _ => Err(problems),
    }
}
