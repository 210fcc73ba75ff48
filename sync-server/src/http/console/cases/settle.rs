//! ⑬ An admin's answer becomes a statement and goes the way of all statements.

use std::sync::Arc;

use axum::Json;
use shared_model::ids::{CaseId, StatementId};
use shared_model::record::answers;
use shared_model::statement::{Settled, Statement, Subject};
use shared_model::view::{CaseStatus, CaseView};

use crate::auth::staff::Session;
use crate::http::asked::SentTo;
use crate::http::console::view::Settle;
use crate::http::fault::Failed;
use crate::national::{case, say};
use crate::office::Office;
use crate::store::rows::CaseRow;

pub(in crate::http) async fn settle(
    office: Arc<Office>,
    admin: Session,
    SentTo(id, asked): SentTo<CaseId, Settle>,
) -> Result<Json<CaseView>, Failed> {
    // One at a time: whoever comes second finds the case answered.
    let console = office.console.lock().await;
    let row = office.store.case(id).await?.ok_or(Failed::NOT_FOUND)?;
    if !matches!(row.status, CaseStatus::Open | CaseStatus::SentBack) {
        return Err(Failed::STALE);
    }
    let settled = settled(&row, asked)?;
    let subject = subject_of(&row).ok_or(Failed::NOT_FOUND)?;
    let mut known = row.conflict.involved.clone();
    known.extend(row.settlement);
    say::say(&office, &admin.staff, subject, Statement::Settled(settled), known).await?;
    drop(console);

    let row = office.store.case(id).await?.ok_or(Failed::NOT_FOUND)?;
    Ok(Json(case::view(&office, &row).await?))
}

/// The answer that was chosen, if it is one of those offered.
fn settled(row: &CaseRow, asked: Settle) -> Result<Settled, Failed> {
    let names = asked.names.as_deref().filter(|text| !text.is_empty()).map(StatementId::parse);
    let names = names.transpose().map_err(|_| Failed::NOT_OFFERED)?;
    let answer = answers(&row.conflict)
        .into_iter()
        .find(|offered| offered.code() == asked.answer && offered.names() == names)
        .ok_or(Failed::NOT_OFFERED)?;
    let conflict = &row.conflict;
    Ok(Settled {
        case: conflict.id,
        kind: conflict.kind,
        involved: conflict.involved.clone(),
        citizens: conflict.citizens.clone(),
        key: conflict.key.clone(),
        answer,
        note: asked.note,
    })
}

/// A settlement is about the citizen, or about the device where no citizen is concerned.
pub(super) fn subject_of(row: &CaseRow) -> Option<Subject> {
    let citizen = row.conflict.citizens.first().map(|citizen| Subject::Citizen(*citizen));
    citizen.or_else(|| row.device.map(Subject::Device))
}
