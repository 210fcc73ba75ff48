//! ⑫ The queue, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, Request, State};
use serde::Deserialize;
use shared_model::conflict::ConflictKind;
use shared_model::ids::CaseId;
use shared_model::time::Moment;
use shared_model::view::CaseStatus;

use crate::http::console::view::CaseList;
use crate::http::console::{Failed, parted, to_look};
use crate::national::case;
use crate::office::Office;
use crate::store::rows::{CaseQuery, CaseRow};

const PAGE: usize = 50;

#[derive(Deserialize)]
pub(crate) struct Asked {
    status: Option<CaseStatus>,
    kind: Option<String>,
    after: Option<String>,
}

pub(crate) async fn list(
    State(office): State<Arc<Office>>,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    request: Request,
) -> Result<Json<CaseList>, Failed> {
    let (parts, _) = parted(request);
    to_look(&office, &parts).await?;
    let Query(asked) = asked.map_err(|_| Failed::MALFORMED)?;
    let kind = asked.kind.as_deref().filter(|code| !code.is_empty()).map(kind_of).transpose()?;
    let after = asked.after.as_deref().filter(|place| !place.is_empty()).map(read_place).transpose()?;
    let mut page = office.store.cases(CaseQuery { status: asked.status, kind, after, max: PAGE + 1 }).await?;
    let more = page.cases.len() > PAGE;
    page.cases.truncate(PAGE);
    let next = if more { page.cases.last().map(place) } else { None };
    let cases = case::lines(&office, &page.cases).await?;
    Ok(Json(CaseList { cases, open: page.open, sent_back: page.sent_back, settled: page.settled, next }))
}

fn kind_of(code: &str) -> Result<ConflictKind, Failed> {
    ConflictKind::KNOWN.into_iter().find(|kind| kind.code() == code).ok_or(Failed::MALFORMED)
}

fn place(case: &CaseRow) -> String {
    format!("{}-{}", case.raised_at.0, case.conflict.id)
}

fn read_place(text: &str) -> Result<(Moment, CaseId), Failed> {
    let (at, id) = text.rsplit_once('-').ok_or(Failed::MALFORMED)?;
    Ok((Moment(at.parse().map_err(|_| Failed::MALFORMED)?), CaseId::parse(id).map_err(|_| Failed::MALFORMED)?))
}
