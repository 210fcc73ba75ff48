//! ⑫ The queue, newest first.

use std::sync::Arc;

use axum::Json;
use serde::Deserialize;
use serde_json::json;
use shared_model::conflict::ConflictKind;
use shared_model::ids::CaseId;
use shared_model::time::Moment;
use shared_model::view::CaseStatus;

use crate::auth::staff::Session;
use crate::http::asked::{Queried, Questions};
use crate::http::console::view::CaseList;
use crate::http::fault::Failed;
use crate::http::openapi::draft::Draft;
use crate::national::case;
use crate::office::Office;
use crate::store::rows::{CaseQuery, CaseRow};

const PAGE: usize = 50;

#[derive(Deserialize)]
pub(in crate::http) struct WhichCases {
    status: Option<CaseStatus>,
    kind: Option<String>,
    after: Option<String>,
}

impl Questions for WhichCases {
    fn describe(draft: &mut Draft<'_>) {
        let statuses = draft.of::<CaseStatus>();
        draft.query("status", "Only those.", statuses);
        let kinds: Vec<_> =
            std::iter::once("").chain(ConflictKind::KNOWN.into_iter().map(ConflictKind::code)).collect();
        draft.query("kind", "Only these; empty for all.", json!({ "type": "string", "enum": kinds }));
        let place = json!({ "type": "string", "pattern": "^(-?[0-9]{1,18}-[0-9a-fA-F]{64})?$" });
        draft.query("after", "`next` of the page before; empty for the first page.", place);
    }
}

pub(in crate::http) async fn list(
    office: Arc<Office>,
    _: Session,
    Queried(asked): Queried<WhichCases>,
) -> Result<Json<CaseList>, Failed> {
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
