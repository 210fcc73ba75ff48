//! A hub joins the campaign with a one-time code that was made for one. Asking the same again gets the same answer.

use std::sync::Arc;

use shared_model::certificate::{HubCertificate, Signed};
use shared_model::limits;
use shared_model::sync::hub::{HubEnrol, HubEnrolled};
use shared_model::sync::message::refusal;
use shared_model::text;
use shared_model::time::{MS_PER_DAY, Moment};

use crate::auth::code;
use crate::http::access::Passer;
use crate::http::asked::Message;
use crate::http::told::Said;
use crate::http::wire::Refused;
use crate::keys::Campaign;
use crate::office::Office;
use crate::store::rows::{DeviceRow, EnrolOutcome, Enrolment};

/// A hub that is not heard of for this long asks for no laptop's trust any more: the next hello renews it.
const CERTIFICATE_LIFE_MS: i64 = 90 * MS_PER_DAY;

pub(in crate::http) async fn enrol(
    office: Arc<Office>,
    Passer { folds, from }: Passer,
    Message(asked): Message<HubEnrol>,
) -> Result<Said<HubEnrolled>, Refused> {
    let campaign = office.keys.nation().ok_or(Refused::of(refusal::NOT_AT_A_HUB))?;
    let now = office.now();
    let throttled_as = format!("enrolment {from}");
    if let Some(seconds) = office.throttle.wait_s(&throttled_as, now) {
        return Err(Refused::busy(seconds));
    }
    let name = text::tidy(&asked.name, limits::NAME_CHARS_MAX).map_err(|_| Refused::of(refusal::MALFORMED))?;
    if asked.code.len() > limits::CODE_CHARS_MAX {
        return Err(Refused::of(refusal::MALFORMED));
    }
    let hash = code::hash(&office.keys.secret, &asked.code);
    let code = office.store.enrolment_code(hash).await?;
    let Some((site, areas)) = code.and_then(|code| Some((code.site, code.hub_areas?))) else {
        office.throttle.mistake(&throttled_as, now);
        return Err(Refused::of(refusal::CODE_UNKNOWN));
    };
    let certificate = certify(
        campaign,
        HubCertificate { hub: asked.hub, key: asked.key, name, site, areas, not_before_ms: 0, not_after_ms: 0 },
        now,
    );
    let device = DeviceRow::of_hub(&certificate.0, certificate.1, now);
    let enrolment = Enrolment { code: Some(hash), device, author: None, at: now };
    match office.store.enrol(enrolment).await?.into_inner() {
        EnrolOutcome::Enrolled { device: certificate, .. } => {
            tracing::info!(hub = %asked.hub, "a hub joined");
            let message = HubEnrolled {
                campaign_name: office.campaign_name.clone(),
                campaign_key: office.keys.campaign_public(),
                certificate,
                rules: office.signed_rules().into_iter().map(|(_, signed)| signed).collect(),
                now_ms: office.now().0,
            };
            Ok(Said { folds, message })
        }
        EnrolOutcome::CodeUnknown => {
            office.throttle.mistake(&throttled_as, now);
            Err(Refused::of(refusal::CODE_UNKNOWN))
        }
        EnrolOutcome::CodeExpired => Err(Refused::of(refusal::CODE_EXPIRED)),
    }
}

/// The campaign's word for a hub, from yesterday on.
fn certify(campaign: &Campaign, certificate: HubCertificate, now: Moment) -> (HubCertificate, Signed) {
    let (not_before_ms, not_after_ms) = (now.plus_ms(-MS_PER_DAY).0, now.plus_ms(CERTIFICATE_LIFE_MS).0);
    let certificate = HubCertificate { not_before_ms, not_after_ms, ..certificate };
    let signed = Signed::make(&certificate, &campaign.key);
    (certificate, signed)
}

/// One that lasts longer, for a hub that is known.
pub(super) fn renewed(campaign: &Campaign, hub: &DeviceRow, now: Moment) -> Signed {
    let certificate = HubCertificate {
        hub: hub.device,
        key: hub.key,
        name: hub.name.clone(),
        site: hub.site.clone(),
        areas: hub.hub_areas.clone().unwrap_or_default(),
        not_before_ms: 0,
        not_after_ms: 0,
    };
    certify(campaign, certificate, now).1
}
