//! ⑬ A settlement taken back: a withdrawal, which is a statement too.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use shared_model::ids::{CaseId, StatementId};
use shared_model::statement::{Statement, WithdrawReason, Withdrawn};
use shared_model::view::CaseView;

use super::STALE;
use super::settle::subject_of;
use crate::http::console::view::Undo;
use crate::http::console::{Failed, json, parted, to_act};
use crate::national::{case, say};
use crate::office::Office;

pub(crate) async fn undo(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<CaseView>, Failed> {
    let (parts, request) = parted(request);
    let session = to_act(&office, &parts).await?;
    let id = CaseId::parse(&id).map_err(|_| Failed::NOT_FOUND)?;
    let Undo { settlement, note } = json(request).await?;
    let target = StatementId::parse(&settlement).map_err(|_| Failed::MALFORMED)?;

    let console = office.console.lock().await;
    let row = office.store.case(id).await?.ok_or(Failed::NOT_FOUND)?;
    if row.settlement != Some(target) {
        return Err(STALE);
    }
    let subject = subject_of(&row).ok_or(Failed::NOT_FOUND)?;
    let withdrawn = Withdrawn { target, reason: WithdrawReason::SettlementUndone, note };
    say::say(&office, &session.staff, subject, Statement::Withdrawn(withdrawn), vec![target]).await?;
    drop(console);

    let row = office.store.case(id).await?.ok_or(Failed::NOT_FOUND)?;
    Ok(Json(case::view(&office, &row).await?))
}
