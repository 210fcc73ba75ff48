//! Hubs in the same building, found without anybody typing an address: DNS-SD over multicast DNS (RFC 6762, RFC 6763).
//!
//! What is heard here is a stranger's word: an address to try, and a name to show beside it. Whether a hub answers
//! there is known once it was met: it shows a certificate of the campaign, or it is nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mdns_sd::{IfKind, ResolvedService, ServiceDaemon, ServiceEvent, ServiceInfo};
use shared_model::envelope::PublicKey;
use shared_model::ids::{DeviceId, to_hex};
use shared_model::sync::bundle::CampaignTag;
use shared_model::{limits, text};

const SERVICE: &str = "_so-tiem._tcp.local.";
/// Eight bytes that name the campaign without telling its key.
const CAMPAIGN: &str = "campaign";
const NAME: &str = "name";
/// No building has more hubs; whoever makes some up fills no memory.
const HEARD_MAX: usize = 32;

/// Where is listened and spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Air {
    /// On every network this machine is part of.
    Local,
    /// Within this machine and on a port of its own: for tests.
    Loopback { port: u16 },
}

impl Air {
    fn open(self) -> Result<ServiceDaemon, NearbyError> {
        let daemon = match self {
            Self::Local => ServiceDaemon::new()?,
            Self::Loopback { port } => ServiceDaemon::new_with_port(port)?,
        };
        if self != Self::Local {
            daemon.disable_interface(IfKind::All)?;
            daemon.enable_interface(IfKind::LoopbackV4)?;
        }
        Ok(daemon)
    }

    /// Another machine's loopback is not this one's.
    fn can_reach(self, address: IpAddr) -> bool {
        let is_own_link = matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local());
        let is_somewhere = !address.is_unspecified() && !address.is_multicast() && !is_own_link;
        is_somewhere && (address.is_loopback() == (self != Self::Local))
    }
}

/// Type addresses by hand: this network or machine carries no multicast.
#[derive(Debug, thiserror::Error)]
#[error("hubs nearby can't be looked for: {0}")]
pub struct NearbyError(#[from] mdns_sd::Error);

/// What fits into one string of a TXT record (RFC 1035, 255 bytes) in any script.
const NAME_TOLD_CHARS_MAX: usize = 60;

/// What a hub tells its network of itself.
#[derive(Debug, Clone)]
pub struct Announcement {
    pub hub: DeviceId,
    pub name: String,
    pub campaign: PublicKey,
    pub port: u16,
}

/// Says where a hub answers, until it is dropped.
pub struct Announced(ServiceDaemon);

impl Announced {
    pub fn begin(air: Air, told: &Announcement) -> Result<Self, NearbyError> {
        let daemon = air.open()?;
        let hub = told.hub.to_string();
        let campaign = to_hex(&CampaignTag::of(told.campaign).0);
        let host = format!("{hub}.local.");
        let name: String = told.name.chars().take(NAME_TOLD_CHARS_MAX).collect();
        let about = [(CAMPAIGN, campaign.as_str()), (NAME, name.as_str())];
        let service = match air {
            Air::Local => ServiceInfo::new(SERVICE, &hub, &host, (), told.port, &about[..])?.enable_addr_auto(),
            Air::Loopback { .. } => ServiceInfo::new(SERVICE, &hub, &host, "127.0.0.1", told.port, &about[..])?,
        };
        daemon.register(service)?;
        Ok(Self(daemon))
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        // Says goodbye; whoever missed it finds nobody at the address.
        let _ = self.0.shutdown();
    }
}

/// A hub that made itself heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubNearby {
    pub url: String,
    /// As it calls itself; nothing was checked.
    pub name: Option<String>,
}

/// Under the names of their services, with the campaigns they say they are of.
type Heard = Arc<Mutex<BTreeMap<String, (String, HubNearby)>>>;

/// Listens for hubs, until it is dropped.
pub struct Nearby {
    daemon: ServiceDaemon,
    heard: Heard,
}

impl Nearby {
    pub fn listen(air: Air) -> Result<Self, NearbyError> {
        let daemon = air.open()?;
        let events = daemon.browse(SERVICE)?;
        let heard = Heard::default();
        let hears = Arc::clone(&heard);
        std::thread::spawn(move || {
            while let Ok(event) = events.recv() {
                note(&hears, air, event);
            }
        });
        Ok(Self { daemon, heard })
    }

    /// Those that say they belong to this campaign.
    pub fn hubs_of(&self, campaign: PublicKey) -> Vec<HubNearby> {
        let campaign = to_hex(&CampaignTag::of(campaign).0);
        lock(&self.heard).values().filter(|(of, _)| *of == campaign).map(|(_, hub)| hub.clone()).collect()
    }
}

impl Drop for Nearby {
    fn drop(&mut self) {
        // The thread that listens ends with the daemon.
        let _ = self.daemon.shutdown();
    }
}

fn note(heard: &Heard, air: Air, event: ServiceEvent) {
    let mut heard = lock(heard);
    match event {
        ServiceEvent::ServiceResolved(service) => {
            let has_room = heard.len() < HEARD_MAX || heard.contains_key(&service.fullname);
            if let Some(hub) = read(&service, air).filter(|_| has_room) {
                heard.insert(service.fullname, hub);
            }
        }
        ServiceEvent::ServiceRemoved(_, fullname) => drop(heard.remove(&fullname)),
        _ => {}
    }
}

/// An address is made here of a number and a port: no text from the network becomes one.
fn read(service: &ResolvedService, air: Air) -> Option<(String, HubNearby)> {
    let addresses: BTreeSet<IpAddr> = service.addresses.clone().into_iter().map(|ip| ip.to_ip_addr()).collect();
    let address = addresses.into_iter().find(|address| air.can_reach(*address))?;
    if service.port == 0 {
        return None;
    }
    let told = |key: &str| service.txt_properties.get_property_val_str(key);
    let name = told(NAME).and_then(|name| text::tidy(name, limits::NAME_CHARS_MAX).ok());
    let url = format!("http://{}", SocketAddr::new(address, service.port));
    Some((told(CAMPAIGN)?.to_owned(), HubNearby { url, name }))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use ed25519_dalek::SigningKey;

    use super::*;

    fn campaign(n: u8) -> PublicKey {
        PublicKey::of(&SigningKey::from_bytes(&[n; 32]))
    }

    fn hub(n: u8, campaign: PublicKey, name: &str) -> Announcement {
        Announcement { hub: DeviceId([n; 16]), name: name.to_owned(), campaign, port: 8640 + u16::from(n) }
    }

    /// Comes to it sooner or later; the tries only end a test that would never.
    fn comes_true(mut is_so: impl FnMut() -> bool) -> bool {
        (0..600).any(|_| {
            thread::park_timeout(Duration::from_millis(50));
            is_so()
        })
    }

    #[test]
    fn a_hub_of_the_campaign_is_heard_by_its_name_until_it_goes() {
        let air = Air::Loopback { port: 20_000 + u16::try_from(std::process::id() % 20_000).unwrap() };
        let nearby = Nearby::listen(air).unwrap();
        let told = hub(1, campaign(1), "Trung tâm y tế quận 5");
        let announced = Announced::begin(air, &told).unwrap();
        let _foreign = Announced::begin(air, &hub(2, campaign(2), "chiến dịch khác")).unwrap();
        assert!(comes_true(|| !nearby.hubs_of(campaign(1)).is_empty() && !nearby.hubs_of(campaign(2)).is_empty()));
        let heard = nearby.hubs_of(campaign(1));
        assert_eq!(heard.len(), 1, "{heard:?}");
        assert_eq!(heard[0].url, "http://127.0.0.1:8641");
        assert_eq!(heard[0].name.as_deref(), Some("Trung tâm y tế quận 5"));
        drop(announced);
        assert!(comes_true(|| nearby.hubs_of(campaign(1)).is_empty()), "it said goodbye");
    }

    fn service(name: &str, campaign: &str, address: &str, port: u16) -> ResolvedService {
        let about = [(CAMPAIGN, campaign), (NAME, name)];
        let info = ServiceInfo::new(SERVICE, "x", "x.local.", address, port, &about[..]).unwrap();
        info.as_resolved_service()
    }

    #[test]
    fn what_strangers_say_becomes_no_address_and_no_misleading_name() {
        let read =
            |name: &str, address: &str, port| read(&service(name, "ab", address, port), Air::Local).map(|(_, hub)| hub);
        assert_eq!(read("quận 5", "192.168.1.20", 8640).unwrap().url, "http://192.168.1.20:8640");
        assert_eq!(read("quận 5", "fd00::1", 8640).unwrap().url, "http://[fd00::1]:8640");
        for (address, port) in
            [("192.168.1.20", 0), ("0.0.0.0", 8640), ("127.0.0.1", 8640), ("224.0.0.1", 8640), ("fe80::1", 8640)]
        {
            assert_eq!(read("quận 5", address, port), None, "{address}:{port}");
        }
        assert_eq!(read("quận\u{202e}5", "192.168.1.20", 1).unwrap().name, None);
        assert_eq!(read("", "192.168.1.20", 1).unwrap().name, None);
    }

    #[test]
    fn no_crowd_fills_the_memory() {
        let heard = Heard::default();
        for n in 0..100_u8 {
            let mut service = service("đám đông", "ab", "192.168.1.20", 8640);
            service.fullname = format!("{n}.{SERVICE}");
            note(&heard, Air::Local, ServiceEvent::ServiceResolved(Box::new(service)));
        }
        assert_eq!(lock(&heard).len(), HEARD_MAX);
    }
}
