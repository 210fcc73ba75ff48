//! Who may read this laptop's sticks, as the campaign last said; and this laptop's own key for those that come home.

use rusqlite::Connection;
use shared_model::certificate::Signed;
use shared_model::envelope::PublicKey;
use shared_model::sync::recipients::{AskRecipients, StickRecipients};
use shared_model::time::{MS_PER_HOUR, Moment};
use stick::Identity;
use zeroize::Zeroizing;

use crate::laptop::Laptop;
use crate::store::{StoreError, setting};
use crate::sync::courier::Courier;
use crate::sync::road::Road;
use crate::sync::run::Holder;

const LIST: &str = "stick_recipients";
const ASKED: &str = "stick_recipients_asked_ms";
const IDENTITY: &str = "stick_identity";

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
