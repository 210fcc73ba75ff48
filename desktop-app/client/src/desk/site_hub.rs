//! This laptop as the hub of its site: joined once, started and stopped, and begun again at every unlock.

use shared_model::{limits, text};
use zeroize::Zeroizing;

use super::view::{Failure, JoinSiteHub, SiteHubPhase, SiteHubView};
use super::{Desk, commands::Answer};
use crate::edge::draw;
use crate::laptop::Laptop;
use crate::site_hub::{HubKey, Serving, Standing};
use crate::store::{StoreError, hub, setting};

const KEY: &str = "site_hub_key";
/// It serves whenever the laptop is open.
const ON: &str = "site_hub_on";
/// Its address on this laptop, among those of hubs.
const HERE: &str = "site_hub_here";

impl Desk {
    pub fn site_hub(&self) -> Answer<SiteHubView> {
        let wanted = self.with(|laptop| Ok(setting::get_cbor::<bool>(laptop.store.read(), ON)?))?;
        let Some(hub) = &self.site_hub else { return Ok(SiteHubView::of(SiteHubPhase::Unavailable)) };
        let (phase, detail) = match hub.serving() {
            Serving::Yes { nearby, .. } => return Ok(serving(nearby, hub.standing())),
            Serving::Broke(why) => (SiteHubPhase::Broke, Some(why)),
            Serving::No if !hub.has_joined() => (SiteHubPhase::Never, None),
            // It should, and could not when the laptop was opened.
            Serving::No if wanted == Some(true) => (SiteHubPhase::Broke, None),
            Serving::No => (SiteHubPhase::Stopped, None),
        };
        Ok(SiteHubView { detail, ..SiteHubView::of(phase) })
    }

    /// Spends the code, and begins to serve. Also begins anew where the hub that was here can't be opened.
    pub fn site_hub_join(&self, args: JoinSiteHub) -> Answer<SiteHubView> {
        let name = text::tidy(&args.name, limits::NAME_CHARS_MAX).map_err(|_| Failure::code("bad_request"))?;
        let hub = self.site_hub.as_ref().ok_or_else(|| Failure::code("bad_request"))?;
        let (key, campaign, nation) = self.with(|laptop| {
            let key = key_of(laptop)?;
            Ok((key, laptop.membership.campaign_key, laptop.seed.server_url.clone()))
        })?;
        hub.join(key, campaign, &nation, args.code.trim(), &name)?;
        self.site_hub_start()
    }

    pub fn site_hub_start(&self) -> Answer<SiteHubView> {
        self.with(|laptop| Ok(remember(laptop, ON, true)?))?;
        self.begin_site_hub()?;
        self.worker.wake();
        self.site_hub()
    }

    pub fn site_hub_stop(&self) -> Answer<SiteHubView> {
        self.with(|laptop| {
            remember(laptop, ON, false)?;
            Ok(let_go_of_address(laptop)?)
        })?;
        if let Some(hub) = &self.site_hub {
            hub.stop();
        }
        self.site_hub()
    }

    /// Where somebody wants it to serve whenever the laptop is open; what goes wrong is shown where it is looked after.
    pub(super) fn resume_site_hub(&self) {
        let wanted = self.with(|laptop| Ok(setting::get_cbor::<bool>(laptop.store.read(), ON)?));
        if wanted.is_ok_and(|wanted| wanted == Some(true))
            && let Err(wrong) = self.begin_site_hub()
        {
            tracing::warn!(code = wrong.code, "the hub on this laptop does not serve");
        }
    }

    fn begin_site_hub(&self) -> Answer<()> {
        let hub = self.site_hub.as_ref().ok_or_else(|| Failure::code("bad_request"))?;
        let key = self.with(key_of)?;
        hub.start(key)?;
        let (Serving::Yes { here, .. }, Some(standing)) = (hub.serving(), hub.standing()) else { return Ok(()) };
        self.with(|laptop| {
            let_go_of_address(laptop)?;
            let kept = laptop.store.transact(|conn| {
                hub::note_own(conn, standing.hub)?;
                hub::add_address(conn, &here)?;
                setting::put(conn, HERE, here.as_bytes())
            })?;
            let () = kept.into_inner();
            Ok(())
        })
    }
}

/// Drawn when it is first wanted, and durable before anything lies under it.
fn key_of(laptop: &mut Laptop) -> Result<HubKey, Failure> {
    if let Some(known) = setting::get(laptop.store.read(), KEY)?.map(Zeroizing::new) {
        let key = <[u8; 32]>::try_from(known.as_slice()).map_err(|_| Failure::code("store_damaged"))?;
        return Ok(Zeroizing::new(key));
    }
    let key = Zeroizing::new(draw::<32>(laptop.edge.as_ref()).map_err(|_| Failure::code("other"))?);
    let kept = laptop.store.transact(|conn| setting::put(conn, KEY, key.as_slice()))?;
    let () = kept.into_inner();
    Ok(key)
}

fn remember(laptop: &mut Laptop, name: &str, value: bool) -> Result<(), StoreError> {
    laptop.store.transact(|conn| setting::put_cbor(conn, name, &value)).map(|kept| kept.into_inner())
}

/// Its port may be another one the next time.
fn let_go_of_address(laptop: &mut Laptop) -> Result<(), StoreError> {
    let kept = laptop.store.transact(|conn| {
        let Some(here) = setting::get(conn, HERE)?.and_then(|bytes| String::from_utf8(bytes).ok()) else {
            return Ok(());
        };
        setting::remove(conn, HERE)?;
        hub::remove_address(conn, &here)
    })?;
    let () = kept.into_inner();
    Ok(())
}

fn serving(nearby: Vec<String>, standing: Option<Standing>) -> SiteHubView {
    let view = SiteHubView { addresses: nearby, ..SiteHubView::of(SiteHubPhase::Serving) };
    let Some(Standing { name, areas, waiting, last_contact_ms, .. }) = standing else { return view };
    SiteHubView { name, areas, waiting, last_contact_ms, ..view }
}

impl SiteHubView {
    fn of(phase: SiteHubPhase) -> Self {
        Self {
            phase,
            name: String::new(),
            areas: Vec::new(),
            addresses: Vec::new(),
            waiting: 0,
            last_contact_ms: None,
            detail: None,
        }
    }
}
