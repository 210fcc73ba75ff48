//! A laptop joins the campaign with a one-time code. Asking the same again gets the same answer.

use std::sync::Arc;

use shared_model::certificate::{AuthorCertificate, DeviceCertificate, Signed};
use shared_model::envelope::Authority;
use shared_model::limits;
use shared_model::sync::message::{Enrol, Enrolled, refusal};
use shared_model::text;
use shared_model::time::{MS_PER_DAY, Moment};

use crate::auth::code;
use crate::http::access::Passer;
use crate::http::asked::Message;
use crate::http::told::Said;
use crate::http::wire::Refused;
use crate::keys::Campaign;
use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::{AuthorRow, CodeRow, DeviceRow, EnrolOutcome, Enrolment};

/// A campaign and the year after it.
pub(crate) const CERTIFICATE_LIFE_MS: i64 = 3 * 365 * MS_PER_DAY;

#[derive(Debug, thiserror::Error)]
enum EnrolError {
    #[error("names or numbers beyond their limits")]
    BeyondLimits,
    #[error("no such code, or another device used it")]
    CodeUnknown,
    #[error("the code has run out")]
    CodeExpired,
    #[error("too many wrong codes")]
    Wait(u32),
    #[error("only the nation lets laptops in")]
    NotAtAHub,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<EnrolError> for Refused {
    fn from(wrong: EnrolError) -> Self {
        match wrong {
            EnrolError::BeyondLimits => Self::of(refusal::MALFORMED),
            EnrolError::CodeUnknown => Self::of(refusal::CODE_UNKNOWN),
            EnrolError::CodeExpired => Self::of(refusal::CODE_EXPIRED),
            EnrolError::Wait(seconds) => Self::busy(seconds),
            EnrolError::NotAtAHub => Self::of(refusal::NOT_AT_A_HUB),
            EnrolError::Store(wrong) => wrong.into(),
        }
    }
}

pub(in crate::http) async fn enrol(
    office: Arc<Office>,
    Passer { folds, from }: Passer,
    Message(asked): Message<Enrol>,
) -> Result<Said<Enrolled>, Refused> {
    // Wrong codes are counted by where they come from, so that a guesser keeps nobody else out.
    let message = take_in(&office, asked, &format!("enrolment {from}")).await?;
    Ok(Said { folds, message })
}

async fn take_in(office: &Office, asked: Enrol, throttled_as: &str) -> Result<Enrolled, EnrolError> {
    let campaign = office.keys.nation().ok_or(EnrolError::NotAtAHub)?;
    let now = office.now();
    if let Some(seconds) = office.throttle.wait_s(throttled_as, now) {
        return Err(EnrolError::Wait(seconds));
    }
    let name = |given: &str| text::tidy(given, limits::NAME_CHARS_MAX).map_err(|_| EnrolError::BeyondLimits);
    let (device_name, author_name) = (name(&asked.device_name)?, name(&asked.author_name)?);
    if asked.code.len() > limits::CODE_CHARS_MAX {
        return Err(EnrolError::BeyondLimits);
    }
    let hash = code::hash(&office.keys.secret, &asked.code);
    let Some(code) = office.store.enrolment_code(hash).await? else {
        office.throttle.mistake(throttled_as, now);
        return Err(EnrolError::CodeUnknown);
    };
    let enrolment = certify(campaign, &asked, &code, device_name, author_name, now);
    match office.store.enrol(enrolment).await?.into_inner() {
        EnrolOutcome::Enrolled { device, author: Some(author), epoch } => {
            tracing::info!(device = %asked.device, author = %asked.author, "a device joined");
            Ok(Enrolled {
                campaign_name: office.campaign_name.clone(),
                campaign_key: office.keys.campaign_public(),
                citizen_key: *campaign.citizen,
                device,
                author,
                epoch,
                rules: office.signed_rules().into_iter().map(|(_, signed)| signed).collect(),
                now_ms: office.now().0,
                stick_recipients: office.stick_recipients(&code.area).await?,
            })
        }
        EnrolOutcome::Enrolled { author: None, .. } | EnrolOutcome::CodeUnknown => {
            office.throttle.mistake(throttled_as, now);
            Err(EnrolError::CodeUnknown)
        }
        EnrolOutcome::CodeExpired => Err(EnrolError::CodeExpired),
    }
}

/// What the campaign would say of this device and this person, should the code let them in.
fn certify(
    campaign: &Campaign,
    asked: &Enrol,
    code: &CodeRow,
    device_name: String,
    author_name: String,
    now: Moment,
) -> Enrolment {
    let (not_before_ms, not_after_ms) = (now.plus_ms(-MS_PER_DAY).0, now.plus_ms(CERTIFICATE_LIFE_MS).0);
    let device = DeviceCertificate {
        device: asked.device,
        key: asked.device_key,
        name: device_name,
        site: code.site.clone(),
        area: code.area.clone(),
        not_before_ms,
        not_after_ms,
    };
    let author = AuthorCertificate {
        author: asked.author,
        device: asked.device,
        key: asked.author_key,
        name: author_name,
        authority: Authority::Team,
        not_before_ms,
        not_after_ms,
    };
    let (signed_device, signed_author) = (Signed::make(&device, &campaign.key), Signed::make(&author, &campaign.key));
    Enrolment {
        code: Some(code.hash),
        device: DeviceRow::of(&device, signed_device, now, false),
        author: Some(AuthorRow::of(&author, signed_author)),
        at: now,
    }
}
