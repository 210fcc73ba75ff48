//! ⑫ Cases for eyes: the line in the queue, and both stories side by side.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::dose::DoseField;
use shared_model::ids::StatementId;
use shared_model::record::{SettlementState, Standing, answers};
use shared_model::settlement::Answer;
use shared_model::statement::{Settled, Statement};
use shared_model::view::{
    self, AnswerView, CaseLine, CaseStatus, CaseView, DoseView, SettlementView, SideView, ValueView,
};

use super::acquaintance::{self, Met};
use super::record::{self, Portrait};
use crate::intake::apply;
use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::{CaseRow, Kept};

/// The rows of the queue. What is in dispute is said in the words of the statements themselves.
pub async fn lines(office: &Office, rows: &[CaseRow]) -> Result<Vec<CaseLine>, StoreError> {
    let cards: BTreeSet<_> = rows.iter().filter_map(|row| row.conflict.citizens.first().copied()).collect();
    let names = office.store.citizen_names(cards).await?;
    let ids: BTreeSet<_> = rows.iter().flat_map(|row| row.conflict.involved.iter().copied()).collect();
    let kept = office.store.statements(ids.into_iter().collect()).await?;
    let met = acquaintance::met(office, kept.iter()).await?;
    let by_id: BTreeMap<StatementId, &Kept> = kept.iter().map(|kept| (kept.said.id, kept)).collect();
    let line = |row: &CaseRow| {
        let sides: Vec<&Kept> = row.conflict.involved.iter().filter_map(|id| by_id.get(id).copied()).collect();
        let citizen = row.conflict.citizens.first();
        let mut sites: Vec<String> = sides.iter().map(|kept| site_of(kept, &met)).collect();
        sites.sort_unstable();
        sites.dedup();
        CaseLine {
            id: row.conflict.id.to_string(),
            kind: row.conflict.kind.code().to_owned(),
            status: row.status,
            citizen: citizen.map(ToString::to_string),
            citizen_name: citizen.and_then(|card| names.get(card).cloned()).unwrap_or_default(),
            summary: sides.iter().map(|kept| summary_of(office, row, kept)).collect(),
            sites,
            raised_at_ms: row.raised_at.0,
        }
    };
    Ok(rows.iter().map(line).collect())
}

fn site_of(kept: &Kept, met: &Met) -> String {
    if let Statement::DoseGiven(dose) = &kept.said.body.statement {
        dose.site.clone()
    } else {
        view::who_of_header(&kept.said.header, met).site
    }
}

/// Product, number and lot of a dose; the value of the register in dispute; no sentence.
fn summary_of(office: &Office, row: &CaseRow, kept: &Kept) -> String {
    let texts: Vec<String> = if let Statement::DoseGiven(dose) = &kept.said.body.statement {
        let known = office.rules_today().and_then(|rules| rules.product(&dose.product));
        let product = known.map_or_else(|| dose.product.to_string(), |product| product.name.clone());
        vec![product, dose.number.to_string(), dose.lot.to_string()]
    } else {
        values_of(row, kept, None).into_iter().map(|value| value.text).collect()
    };
    texts.join(" · ")
}

/// One case with everything an admin needs to answer it.
pub async fn view(office: &Office, row: &CaseRow) -> Result<CaseView, StoreError> {
    let sides = office.store.statements(row.conflict.involved.clone()).await?;
    let mut portraits: Vec<Portrait> = Vec::new();
    for card in &row.conflict.citizens {
        if !portraits.iter().any(|portrait| portrait.record.cards.contains(card)) {
            portraits.extend(record::portrait(office, *card).await?);
        }
    }
    let about_device = match row.device {
        Some(device) => office.store.about_device(device).await?,
        None => Vec::new(),
    };
    let everyone = portraits.iter().flat_map(|portrait| portrait.testimony.kept.values());
    let met = acquaintance::met(office, everyone.chain(&sides).chain(&about_device)).await?;
    let open = matches!(row.status, CaseStatus::Open | CaseStatus::SentBack);
    Ok(CaseView {
        id: row.conflict.id.to_string(),
        kind: row.conflict.kind.code().to_owned(),
        status: row.status,
        raised_at_ms: row.raised_at.0,
        register: view::register_of_key(row.conflict.key.as_deref()),
        sides: sides.iter().map(|kept| side(office, row, kept, &portraits, &met)).collect(),
        citizens: portraits.iter().map(|portrait| record::view_of(office, portrait, &met)).collect(),
        settlements: settlements(row, &portraits, &about_device, &met),
        answers: if open { answers(&row.conflict).iter().map(answer_view).collect() } else { Vec::new() },
    })
}

fn side(office: &Office, row: &CaseRow, kept: &Kept, portraits: &[Portrait], met: &Met) -> SideView {
    let said = &kept.said;
    let (scan, source) = match &said.body.statement {
        Statement::CitizenEdited(edited) => (edited.scan.clone(), Some(edited.source.code().to_owned())),
        Statement::DoseGiven(dose) => (None, Some(dose.source.code().to_owned())),
        Statement::DoseAmended(_)
        | Statement::Withdrawn(_)
        | Statement::Linked(_)
        | Statement::Settled(_)
        | Statement::Unknown { .. } => (None, None),
    };
    let portrait = said
        .header
        .subject
        .citizen()
        .and_then(|card| portraits.iter().find(|portrait| portrait.record.cards.contains(&card)));
    SideView {
        statement: said.id.to_string(),
        kind: kind_code(&said.body.statement).to_owned(),
        who: view::who_of_header(&said.header, met),
        received_at_ms: kept.received_at.0,
        position: kept.position.to_string(),
        // A dose's card was scanned when its holder was registered.
        scan: scan.or_else(|| portrait.and_then(|portrait| scan_on(kept, portrait))),
        source,
        dose: dose_view(office, kept, portrait, met),
        values: values_of(row, kept, portrait),
        citizen: said.header.subject.citizen().map(|card| card.to_string()),
    }
}

/// What the same laptop's camera read when this person stood before it.
fn scan_on(kept: &Kept, portrait: &Portrait) -> Option<String> {
    let same_laptop = |other: &&Kept| other.said.header.device == kept.said.header.device;
    portrait.testimony.kept.values().filter(same_laptop).find_map(|other| {
        if let Statement::CitizenEdited(edited) = &other.said.body.statement { edited.scan.clone() } else { None }
    })
}

fn dose_view(office: &Office, kept: &Kept, portrait: Option<&Portrait>, met: &Met) -> Option<DoseView> {
    let drawn = portrait.and_then(|portrait| portrait.record.history.dose(kept.said.id).cloned());
    let dose = drawn.or_else(|| apply::plain_dose(&kept.said))?;
    Some(view::dose_view(&dose, office.rules_today(), met))
}

/// The values a statement gave: of the register in dispute, or all of them where none is.
fn values_of(row: &CaseRow, kept: &Kept, portrait: Option<&Portrait>) -> Vec<ValueView> {
    let register = view::register_of_key(row.conflict.key.as_deref());
    let in_dispute = |value: &ValueView| register.as_ref().is_none_or(|register| *register == value.register);
    match &kept.said.body.statement {
        Statement::CitizenEdited(edited) => edited.values.iter().map(view::value_view).filter(in_dispute).collect(),
        Statement::DoseAmended(amended) => vec![field_view(&amended.field)],
        // A value chosen earlier stands under the settlement that chose it.
        Statement::Settled(_) => portrait
            .into_iter()
            .flat_map(|portrait| portrait.record.fields.values())
            .flat_map(|field| [&field.shown].into_iter().chain(&field.others))
            .filter(|vote| vote.statement == kept.said.id)
            .map(|vote| view::value_view(&vote.value))
            .filter(in_dispute)
            .collect(),
        Statement::DoseGiven(_) | Statement::Withdrawn(_) | Statement::Linked(_) | Statement::Unknown { .. } => {
            Vec::new()
        }
    }
}

fn field_view(field: &DoseField) -> ValueView {
    let text = match field {
        DoseField::Lot(lot) => lot.to_string(),
        DoseField::Product(product) => product.to_string(),
        DoseField::Number(number) => number.to_string(),
        DoseField::GivenAt(ms) => ms.to_string(),
        DoseField::BodySite(site) => site.code().to_owned(),
    };
    ValueView { register: field.code().to_owned(), text, ..ValueView::default() }
}

fn kind_code(statement: &Statement) -> &'static str {
    match statement {
        Statement::CitizenEdited(_) => "citizen_edited",
        Statement::DoseGiven(_) => "dose_given",
        Statement::DoseAmended(_) => "dose_amended",
        Statement::Withdrawn(_) => "withdrawn",
        Statement::Linked(_) => "linked",
        Statement::Settled(_) => "settled",
        Statement::Unknown { .. } => "unknown",
    }
}

fn settlements(row: &CaseRow, portraits: &[Portrait], about_device: &[Kept], met: &Met) -> Vec<SettlementView> {
    let mut seen = BTreeSet::new();
    let mut views = Vec::new();
    for portrait in portraits {
        for state in portrait.record.settlements.get(&row.conflict.id).into_iter().flatten() {
            if let (true, Some(kept)) = (seen.insert(state.statement), portrait.testimony.kept.get(&state.statement)) {
                views.push(settlement_view(state, kept, met));
            }
        }
    }
    let by_id = about_device.iter().map(|kept| (kept.said.id, &kept.said)).collect();
    let standing = Standing::of(&by_id);
    for kept in about_device {
        if let Statement::Settled(settled) = &kept.said.body.statement
            && settled.case == row.conflict.id
        {
            let stands = standing.stands(kept.said.id);
            views.push(settlement_view(&state_of(kept, settled, stands), kept, met));
        }
    }
    views
}

fn state_of(kept: &Kept, settled: &Settled, stands: bool) -> SettlementState {
    SettlementState { statement: kept.said.id, settled: settled.clone(), stands }
}

fn settlement_view(state: &SettlementState, kept: &Kept, met: &Met) -> SettlementView {
    SettlementView {
        statement: state.statement.to_string(),
        answer: answer_view(&state.settled.answer),
        note: state.settled.note.clone(),
        who: view::who_of_header(&kept.said.header, met),
        undone: !state.stands,
    }
}

fn answer_view(answer: &Answer) -> AnswerView {
    AnswerView { code: answer.code().to_owned(), names: answer.names().map(|id| id.to_string()) }
}
