//! Who may read this laptop's sticks: whom the campaign last named, and the hubs that were met; and this laptop's own
//! key for those that come home.

use rusqlite::Connection;
use shared_model::certificate::{HubCertificate, Signed};
use shared_model::envelope::PublicKey;
use shared_model::limits;
use shared_model::sync::recipients::{AskRecipients, StickRecipient, StickRecipients};
use shared_model::time::{MS_PER_DAY, MS_PER_HOUR, Moment};
use stick::{Identity, Recipients};
use zeroize::Zeroizing;

use crate::laptop::Laptop;
use crate::store::{StoreError, hub, setting};
use crate::sync::courier::Courier;
use crate::sync::road::Road;
use crate::sync::run::Holder;

const LIST: &str = "stick_recipients";
const ASKED: &str = "stick_recipients_asked_ms";
const IDENTITY: &str = "stick_identity";
const HUBS: &str = "stick_hubs";

/// A list lives for years; a new hub should be on it within a day.
const ASK_EVERY_MS: i64 = 12 * MS_PER_HOUR;

/// Keeps a list of the campaign. One issued earlier than the list held, or by somebody else, changes nothing.
pub fn keep(conn: &Connection, signed: &Signed, campaign: PublicKey, now: Moment) -> Result<(), StoreError> {
    setting::put_cbor(conn, ASKED, &now.0)?;
    let Ok(list) = StickRecipients::open(signed, campaign) else { return Ok(()) };
    match held(conn, campaign)? {
        Some(held) if held.issued_ms > list.issued_ms => Ok(()),
        _ => setting::put_cbor(conn, LIST, signed),
    }
}

pub fn held(conn: &Connection, campaign: PublicKey) -> Result<Option<StickRecipients>, StoreError> {
    let signed: Option<Signed> = setting::get_cbor(conn, LIST)?;
    Ok(signed.and_then(|signed| StickRecipients::open(&signed, campaign).ok()))
}

/// Remembers a hub that showed itself, so that sticks are sealed to it too. The newest certificates stay: an old one may be
/// shown by anybody, and names a key that the hub may have given up.
pub fn met(conn: &Connection, signed: &Signed, campaign: PublicKey) -> Result<(), StoreError> {
    let Ok(hub) = signed.open::<HubCertificate>(campaign) else { return Ok(()) };
    let mut known = met_hubs(conn, campaign)?;
    // A hub's certificate is renewed with each of its syncs: one of the same day says nothing new.
    let is_known = |one: &HubCertificate| {
        let lasts = one.not_after_ms.saturating_add(MS_PER_DAY) > hub.not_after_ms;
        one.hub == hub.hub && one.stick == hub.stick && lasts
    };
    let is_newer = |one: &HubCertificate| one.hub == hub.hub && one.not_after_ms > hub.not_after_ms;
    if known.iter().any(|(one, _)| is_known(one) || is_newer(one)) {
        return Ok(());
    }
    known.retain(|(one, _)| one.hub != hub.hub);
    known.push((hub, signed.clone()));
    known.sort_by_key(|(one, _)| std::cmp::Reverse((one.not_after_ms, one.hub)));
    known.truncate(limits::STICK_RECIPIENTS_MAX);
    let signed: Vec<Signed> = known.into_iter().map(|(_, signed)| signed).collect();
    setting::put_cbor(conn, HUBS, &signed)
}

/// Hubs that were met and not ended since.
fn met_hubs(conn: &Connection, campaign: PublicKey) -> Result<Vec<(HubCertificate, Signed)>, StoreError> {
    let known: Vec<Signed> = setting::get_cbor(conn, HUBS)?.unwrap_or_default();
    let known = known.into_iter().filter_map(|signed| Some((signed.open::<HubCertificate>(campaign).ok()?, signed)));
    let mut hubs = Vec::new();
    for (hub, signed) in known {
        if !hub::is_ended(conn, hub.hub)? {
            hubs.push((hub, signed));
        }
    }
    Ok(hubs)
}

/// Whom a stick is sealed to now: those on the list, then hubs that were met.
pub(super) fn readers(conn: &Connection, campaign: PublicKey, now: Moment) -> Result<Vec<StickRecipient>, StoreError> {
    let mut list = held(conn, campaign)?.unwrap_or(StickRecipients { recipients: Vec::new(), issued_ms: 0 });
    for (hub, _) in met_hubs(conn, campaign)? {
        let HubCertificate { hub: node, name, not_after_ms, stick, .. } = hub;
        let Some(recipient) = stick.filter(|text| Recipients::parse([text.as_str()]).is_ok()) else { continue };
        if list.recipients.iter().all(|one| one.node != node) {
            list.recipients.push(StickRecipient { node, name, recipient, not_after_ms });
        }
    }
    let mut ended = Vec::new();
    for one in &list.recipients {
        if hub::is_ended(conn, one.node)? {
            ended.push(one.node);
        }
    }
    list.recipients.retain(|one| !ended.contains(&one.node));
    list.recipients.truncate(limits::STICK_RECIPIENTS_MAX);
    Ok(list.in_force(now).into_iter().cloned().collect())
}

/// Asks for the list where that is due. Whatever goes wrong, the list held serves until the next time.
pub fn refresh(holder: &Holder, road: &mut dyn Road) {
    let due = |laptop: &mut Laptop| {
        let asked: Option<i64> = setting::get_cbor(laptop.store.read(), ASKED).ok().flatten();
        // A clock that was put back asks too.
        let is_due = asked.is_none_or(|asked| !(0..ASK_EVERY_MS).contains(&laptop.now().ms_since(Moment(asked))));
        is_due.then(|| laptop.seed.clone())
    };
    let Some(seed) = with(holder, due).flatten() else { return };
    let Ok(signed) =
        Courier::new(road, seed.device, seed.device_key()).ask::<Signed>("/device/stick-recipients", &AskRecipients {})
    else {
        return;
    };
    let kept = with(holder, |laptop| {
        let (campaign, now) = (laptop.campaign_key(), laptop.now());
        laptop.store.transact(|conn| keep(conn, &signed, campaign, now)).map(|_| ())
    });
    if let Some(Err(error)) = kept {
        tracing::warn!(%error, "the list of those who read sticks was not kept");
    }
}

fn with<T>(holder: &Holder, deed: impl FnOnce(&mut Laptop) -> T) -> Option<T> {
    holder.lock().unwrap_or_else(std::sync::PoisonError::into_inner).as_mut().map(deed)
}

/// The key that opens return sticks; drawn when first wanted, in the caller's transaction.
pub(super) fn identity(conn: &Connection) -> Result<Identity, StoreError> {
    let Some(text) = setting::get(conn, IDENTITY)?.map(Zeroizing::new) else {
        let drawn = Identity::draw();
        setting::put(conn, IDENTITY, drawn.to_text().as_bytes())?;
        return Ok(drawn);
    };
    let text = std::str::from_utf8(&text).map_err(|_| StoreError::Nonsense { table: "setting" })?;
    Identity::parse(text).map_err(|_| StoreError::Nonsense { table: "setting" })
}
