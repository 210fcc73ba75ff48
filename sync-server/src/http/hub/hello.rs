//! Which logs a hub holds and how far; back come receipts for its laptops, the feeds of its areas, rules, and who ended.

use std::sync::Arc;

use shared_model::certificate::Signed;
use shared_model::limits;
use shared_model::sync::hub::{HubAnswer, HubHello};
use shared_model::sync::message::{Receipt, refusal};
use shared_model::time::Moment;

use super::enrol::renewed;
use crate::auth::device::Caller;
use crate::http::asked::Message;
use crate::http::device::hello::feeds_of;
use crate::http::told::Said;
use crate::http::wire::Refused;
use crate::office::Office;
use crate::store::rows::{HubContact, HubContactNoted};

pub(in crate::http) async fn hello(
    office: Arc<Office>,
    Caller { device: hub, folds }: Caller,
    Message(hello): Message<HubHello>,
) -> Result<Said<Signed>, Refused> {
    let campaign = office.keys.nation().ok_or(Refused::of(refusal::NOT_AT_A_HUB))?;
    if hello.hub != hub.device {
        return Err(Refused::of(refusal::UNKNOWN_DEVICE));
    }
    if hello.logs.len() > limits::HUB_LOGS_MAX || hello.logs.iter().any(|log| log.epoch == 0) {
        return Err(Refused::of(refusal::MALFORMED));
    }
    let now = office.now();
    let contact = HubContact {
        hub: hub.device,
        logs: hello.logs,
        at: now,
        wall: Moment(hello.wall_ms),
        nonce: hello.nonce,
        last_nonce: hello.last_nonce.map(Into::into),
    };
    let HubContactNoted { has_twin, logs, strangers, ended } =
        office.store.note_hub_contact(contact).await?.into_inner();
    if has_twin {
        tracing::warn!(hub = %hub.device, "two machines call themselves this hub");
    }
    let mut receipts = Vec::with_capacity(logs.len());
    for (log, held, fresh_epoch) in logs {
        let quarantined = office.store.notices(log.device, Some(log.epoch), limits::HUB_NOTICES_MAX).await?;
        let receipt = Receipt {
            device: log.device,
            epoch: log.epoch,
            held,
            national_to: held.seq,
            quarantined,
            now_ms: now.0,
            fresh_epoch,
            nonce: hello.nonce,
            national: None,
        };
        receipts.push(Signed::make(&receipt, &campaign.key));
    }
    let renewed = renewed(campaign, &hub, hello.stick, now);
    if renewed.has_new_stick {
        office.store.put_certificate(hub.device, renewed.certificate.clone()).await?;
    }
    let rules = office.signed_rules().into_iter().filter(|(id, _)| !hello.rules.contains(id));
    let answer = HubAnswer {
        hub: hub.device,
        nonce: hello.nonce,
        now_ms: now.0,
        certificate: renewed.certificate,
        receipts,
        strangers,
        feeds: office.store.feed_heads(feeds_of(&hub)).await?,
        rules: rules.map(|(_, signed)| signed).collect(),
        ended,
        has_twin,
    };
    Ok(Said { folds, message: Signed::make(&answer, &campaign.key) })
}
