//! Devices: how far each log is held, what is missing of it, and the end of one.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use shared_model::ids::DeviceId;
use shared_model::limits;

use super::view::{DeviceLine, LogView, MissingRange, Revoke};
use super::{Failed, json, parted, to_act, to_look};
use crate::office::Office;
use crate::store::rows::{DeviceStanding, LogStanding};

pub(super) async fn list(State(office): State<Arc<Office>>, request: Request) -> Result<Json<Vec<DeviceLine>>, Failed> {
    let (parts, _) = parted(request);
    to_look(&office, &parts).await?;
    Ok(Json(office.store.devices().await?.into_iter().map(line).collect()))
}

pub(super) async fn revoke(
    State(office): State<Arc<Office>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<StatusCode, Failed> {
    let (parts, request) = parted(request);
    let session = to_act(&office, &parts).await?;
    let device = DeviceId::parse(&id).map_err(|_| Failed::NOT_FOUND)?;
    let Revoke { note } = json(request).await?;
    if note.chars().count() > limits::NOTE_CHARS_MAX {
        return Err(Failed::MALFORMED);
    }
    let known = office.store.revoke(device, office.now(), session.staff.name, note).await?;
    if known.into_inner() { Ok(StatusCode::NO_CONTENT) } else { Err(Failed::NOT_FOUND) }
}

fn line(standing: DeviceStanding) -> DeviceLine {
    let DeviceStanding { device, people, logs, forked, quarantined } = standing;
    DeviceLine {
        id: device.device.to_string(),
        name: device.name,
        site: device.site,
        area: device.area,
        people,
        enrolled_at_ms: device.enrolled_at.0,
        last_contact_ms: device.last_contact.map(|at| at.0),
        clock_offset_ms: device.clock_offset_ms,
        logs: logs.iter().map(|log| log_view(log, forked.contains(&log.epoch))).collect(),
        quarantined,
        revoked: device.revoked_at.is_some(),
        is_console: device.is_console,
    }
}

/// A log is held without a hole, so what is missing is its end.
fn log_view(log: &LogStanding, forked: bool) -> LogView {
    let (durable_to, claimed_head) = (log.head.seq, log.claimed_head);
    let missing = if claimed_head > durable_to {
        vec![MissingRange { from: durable_to + 1, to: claimed_head }]
    } else {
        Vec::new()
    };
    LogView { epoch: log.epoch, durable_to, claimed_head, missing, forked }
}
