//! A device shows certificates of the campaign's: to a hub that has not heard of it, or to a nation put back to a copy
//! from before it was enrolled. The campaign's signature is the only reason to take it in.

use std::sync::Arc;

use shared_model::certificate::{AuthorCertificate, DeviceCertificate, Signed};
use shared_model::limits;
use shared_model::sync::message::{Introduce, Introduced, refusal};

use crate::http::access::Passer;
use crate::http::asked::Message;
use crate::http::told::Said;
use crate::http::wire::Refused;
use crate::office::Office;
use crate::store::rows::{AuthorRow, DeviceRow};

pub(in crate::http) async fn introduce(
    office: Arc<Office>,
    Passer { folds, from }: Passer,
    Message(Introduce { devices, authors }): Message<Introduce>,
) -> Result<Said<Introduced>, Refused> {
    let now = office.now();
    let throttled_as = format!("introduction {from}");
    if let Some(seconds) = office.throttle.wait_s(&throttled_as, now) {
        return Err(Refused::busy(seconds));
    }
    if devices.len().max(authors.len()) > limits::CERTIFICATES_MAX {
        return Err(Refused::of(refusal::TOO_LARGE));
    }
    let campaign = office.keys.campaign_public();
    // The console is one of us, and nobody's guest.
    let console = office.keys.console_device();
    let device = |signed: Signed| {
        let certificate: DeviceCertificate = signed.open(campaign).ok()?;
        (certificate.device != console).then(|| DeviceRow::of(&certificate, signed, now, false))
    };
    let author = |signed: Signed| {
        let certificate: AuthorCertificate = signed.open(campaign).ok()?;
        (certificate.device != console).then(|| AuthorRow::of(&certificate, signed))
    };
    let genuine: Option<(Vec<_>, Vec<_>)> =
        devices.into_iter().map(device).collect::<Option<_>>().zip(authors.into_iter().map(author).collect());
    let Some((devices, authors)) = genuine else {
        // Each costs a signature to check: whoever brings false ones waits.
        office.throttle.mistake(&throttled_as, now);
        return Err(Refused::of(refusal::NOT_SIGNED));
    };
    let fresh = office.store.introduce(devices, authors).await?.into_inner();
    Ok(Said { folds, message: Introduced { fresh } })
}
