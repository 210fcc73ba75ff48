//! Devices: how far each log is held, what is missing of it, and the end of one.

use std::sync::Arc;

use axum::Json;
use shared_model::ids::DeviceId;

use super::view::{DeviceLine, LogView, MissingRange, Revoke};
use crate::auth::staff::Session;
use crate::http::asked::{Nothing, SentTo};
use crate::http::fault::Failed;
use crate::http::told::Done;
use crate::office::Office;
use crate::store::rows::{DeviceStanding, LogStanding};

pub(in crate::http) async fn list(
    office: Arc<Office>,
    _: Session,
    _: Nothing,
) -> Result<Json<Vec<DeviceLine>>, Failed> {
    Ok(Json(office.store.devices().await?.into_iter().map(line).collect()))
}

pub(in crate::http) async fn revoke(
    office: Arc<Office>,
    admin: Session,
    SentTo(device, Revoke { note }): SentTo<DeviceId, Revoke>,
) -> Result<Done, Failed> {
    let known = office.store.revoke(device, office.now(), admin.staff.name, note).await?;
    if known.into_inner() { Ok(Done) } else { Err(Failed::NOT_FOUND) }
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
