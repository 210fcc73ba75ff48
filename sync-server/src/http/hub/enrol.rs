//! A hub joins the campaign with a one-time code that was made for one. Asking the same again gets the same answer.

use std::sync::Arc;

use shared_model::certificate::{HubCertificate, Signed};
use shared_model::envelope::PublicKey;
use shared_model::limits;
use shared_model::sync::hub::{HubEnrol, HubEnrolled};
use shared_model::sync::message::refusal;
use shared_model::text;
use shared_model::time::{MS_PER_DAY, Moment};
use stick::Recipients;

use crate::auth::code;
use crate::http::access::Passer;
use crate::http::asked::Message;
use crate::http::told::Said;
use crate::http::wire::Refused;
use crate::keys::Campaign;
use crate::office::{Office, stick_of};
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
    let stick = asked.stick.filter(|stick| is_recipient(stick));
    let (not_before_ms, not_after_ms) = (0, 0);
    let certificate =
        HubCertificate { hub: asked.hub, key: asked.key, name, site, areas, not_before_ms, not_after_ms, stick };
    let certificate = certify(campaign, certificate, now);
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

/// Whether sticks can be sealed to it.
fn is_recipient(text: &str) -> bool {
    text.len() <= limits::STICK_RECIPIENT_BYTES_MAX && Recipients::parse([text]).is_ok()
}

/// One that lasts longer, for a hub that is known; with what sticks for it are sealed to, as it says so itself.
pub(super) fn renewed(campaign: &Campaign, hub: &DeviceRow, says: Option<String>, now: Moment) -> Renewed {
    let known = stick_of(hub, PublicKey::of(&campaign.key));
    let stick = says.filter(|stick| is_recipient(stick)).or_else(|| known.clone());
    let has_new_stick = stick != known;
    let certificate = HubCertificate {
        hub: hub.device,
        key: hub.key,
        name: hub.name.clone(),
        site: hub.site.clone(),
        areas: hub.hub_areas.clone().unwrap_or_default(),
        not_before_ms: 0,
        not_after_ms: 0,
        stick,
    };
    Renewed { certificate: certify(campaign, certificate, now).1, has_new_stick }
}

pub(super) struct Renewed {
    pub certificate: Signed,
    /// Laptops are to be told of it.
    pub has_new_stick: bool,
}
