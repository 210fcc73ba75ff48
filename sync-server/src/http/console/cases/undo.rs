//! ⑬ A settlement taken back: a withdrawal, which is a statement too.

use std::sync::Arc;

use axum::Json;
use shared_model::ids::{CaseId, StatementId};
use shared_model::statement::{Statement, WithdrawReason, Withdrawn};
use shared_model::view::CaseView;

use super::settle::subject_of;
use crate::auth::staff::Session;
use crate::http::asked::SentTo;
use crate::http::console::view::Undo;
use crate::http::fault::Failed;
use crate::national::{case, say};
use crate::office::Office;

pub(in crate::http) async fn undo(
    office: Arc<Office>,
    admin: Session,
    SentTo(id, Undo { settlement, note }): SentTo<CaseId, Undo>,
) -> Result<Json<CaseView>, Failed> {
    let target = StatementId::parse(&settlement).map_err(|_| Failed::MALFORMED)?;

    let console = office.console.lock().await;
    let row = office.store.case(id).await?.ok_or(Failed::NOT_FOUND)?;
    if row.settlement != Some(target) {
        return Err(Failed::STALE);
    }
    let subject = subject_of(&row).ok_or(Failed::NOT_FOUND)?;
    let withdrawn = Withdrawn { target, reason: WithdrawReason::SettlementUndone, note };
    say::say(&office, &admin.staff, subject, Statement::Withdrawn(withdrawn), vec![target]).await?;
    drop(console);

    let row = office.store.case(id).await?.ok_or(Failed::NOT_FOUND)?;
    Ok(Json(case::view(&office, &row).await?))
}
