//! What has not arrived: for every log how far it is held and what its device said it has, for every site and area the
//! sum, and between which bounds the number of statements still out must lie. Pure; the store counts.
//!
//! The lower bound is certain: numbers that a device named at a hello and that are not here. The upper bound adds what
//! the device may have said since: for each day of silence as much as arrived from it on its busiest day, for no more
//! days than [`SILENT_DAYS_COUNTED`]. A device that is revoked, or was never heard again, stays in the list.

use std::collections::BTreeMap;

use shared_model::ids::{DeviceId, Epoch, Seq};
use shared_model::sync::spoken::SpokenHead;
use shared_model::time::{Date, MS_PER_DAY, Moment};

use crate::store::rows::{DeviceStanding, LogStanding};

/// A laptop that was silent for longer is not out giving doses: it is lost, put away, or broken.
pub const SILENT_DAYS_COUNTED: u64 = 7;

/// How many statements arrived from each device on each day of the campaign.
pub type Arrivals = BTreeMap<DeviceId, BTreeMap<Date, u64>>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    pub epoch: Epoch,
    pub held_to: Seq,
    /// Numbers its device named that are not here, first and last.
    pub hole: Option<(Seq, Seq)>,
    /// The end that is held, to be compared with what is read out from the laptop.
    pub spoken: SpokenHead,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceLine {
    pub device: DeviceId,
    pub name: String,
    pub site: String,
    pub area: String,
    pub is_revoked: bool,
    pub last_contact: Option<Moment>,
    /// Server time minus the device's wall clock, milliseconds.
    pub clock_offset_ms: Option<i64>,
    /// Oldest first.
    pub logs: Vec<LogLine>,
    pub arrived: BTreeMap<Date, u64>,
    pub held: u64,
    pub out: Out,
}

/// Statements still out: at least and at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Out {
    pub low: u64,
    pub high: u64,
}

/// A site, an area, or the country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    pub devices: u64,
    pub devices_silent: u64,
    pub held: u64,
    pub out: Out,
}

#[derive(Debug, Clone, Default)]
pub struct Completeness {
    /// By area, site and name.
    pub devices: Vec<DeviceLine>,
    pub sites: BTreeMap<(String, String), Sum>,
    pub areas: BTreeMap<String, Sum>,
    pub country: Sum,
}

/// Draws the picture as of `now`. The console's own log is here by nature and left out.
pub fn completeness(standings: Vec<DeviceStanding>, mut arrivals: Arrivals, now: Moment) -> Completeness {
    let mut drawn = Completeness::default();
    for standing in standings.into_iter().filter(|standing| !standing.device.is_console) {
        let arrived = arrivals.remove(&standing.device.device).unwrap_or_default();
        let line = line_of(standing, arrived, now);
        let silent = line.last_contact.is_none_or(|last| now.ms_since(last) > MS_PER_DAY);
        let sums = [
            drawn.sites.entry((line.area.clone(), line.site.clone())).or_default(),
            drawn.areas.entry(line.area.clone()).or_default(),
            &mut drawn.country,
        ];
        for sum in sums {
            sum.devices += 1;
            sum.devices_silent += u64::from(silent);
            sum.held += line.held;
            sum.out.low += line.out.low;
            sum.out.high += line.out.high;
        }
        drawn.devices.push(line);
    }
    drawn.devices.sort_by(|one, other| (&one.area, &one.site, &one.name).cmp(&(&other.area, &other.site, &other.name)));
    drawn
}

fn line_of(standing: DeviceStanding, arrived: BTreeMap<Date, u64>, now: Moment) -> DeviceLine {
    let DeviceStanding { device, logs, .. } = standing;
    let id = device.device;
    let low = logs.iter().map(missing).sum();
    let silent_days = match device.last_contact {
        _ if device.revoked_at.is_some() => 0,
        Some(last) => u64::try_from(now.ms_since(last).max(0) / MS_PER_DAY).unwrap_or(0),
        None => 0,
    };
    let busiest = arrived.values().copied().max().unwrap_or(0);
    let high = busiest.saturating_mul(silent_days.min(SILENT_DAYS_COUNTED)).saturating_add(low);
    DeviceLine {
        device: id,
        name: device.name,
        site: device.site,
        area: device.area,
        is_revoked: device.revoked_at.is_some(),
        last_contact: device.last_contact,
        clock_offset_ms: device.clock_offset_ms,
        held: logs.iter().map(|log| log.head.seq).sum(),
        logs: logs.iter().map(|log| log_line(id, log)).collect(),
        arrived,
        out: Out { low, high },
    }
}

fn missing(log: &LogStanding) -> u64 {
    log.claimed_head.saturating_sub(log.head.seq)
}

fn log_line(device: DeviceId, log: &LogStanding) -> LogLine {
    let hole = (missing(log) > 0).then(|| (log.head.seq + 1, log.claimed_head));
    LogLine { epoch: log.epoch, held_to: log.head.seq, hole, spoken: SpokenHead::of(device, log.epoch, log.head) }
}

impl Completeness {
    /// Whose log ends with these words here: every statement that laptop had said when they were read out is held.
    pub fn ending_with(&self, spoken: SpokenHead) -> Option<(&DeviceLine, &LogLine)> {
        let logs = self.devices.iter().flat_map(|device| device.logs.iter().map(move |log| (device, log)));
        logs.into_iter().find(|(_, log)| log.spoken == spoken && log.held_to > 0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ed25519_dalek::SigningKey;
    use shared_model::certificate::{DeviceCertificate, Signed};
    use shared_model::envelope::{LogHead, PublicKey};
    use shared_model::ids::StatementId;

    use super::*;
    use crate::store::rows::DeviceRow;

    fn at(day: i32) -> Moment {
        Date::from_days(19_000 + day).starts_at()
    }

    fn standing(number: u8, site: &str, held: u64, claimed: u64, last_contact: Option<Moment>) -> DeviceStanding {
        let device = DeviceId([number; 16]);
        let key = SigningKey::from_bytes(&[1; 32]);
        let certificate = DeviceCertificate {
            device,
            key: PublicKey::of(&key),
            name: format!("laptop {number}"),
            site: site.to_owned(),
            area: "26734".to_owned(),
            not_before_ms: 0,
            not_after_ms: i64::MAX,
        };
        let signed = Signed::make(&certificate, &key);
        let chain = LogHead::empty(device, 1).append(device, 1, StatementId([number; 32])).chain;
        DeviceStanding {
            device: DeviceRow { last_contact, ..DeviceRow::of(&certificate, signed, at(0), false) },
            people: Vec::new(),
            logs: vec![LogStanding {
                epoch: 1,
                head: LogHead { seq: held, chain },
                claimed_head: claimed,
                closed: false,
                epoch_max: 1,
            }],
            forked: BTreeSet::new(),
            quarantined: 0,
        }
    }

    #[test]
    fn what_is_out_lies_between_what_was_named_and_what_may_have_been_said_since() {
        let busy = Arrivals::from([(DeviceId([1; 16]), BTreeMap::from([(at(1).campaign_date(), 300)]))]);
        let standings = vec![standing(1, "hem-42", 300, 340, Some(at(2))), standing(2, "hem-42", 0, 0, None)];
        let drawn = completeness(standings, busy, at(4));
        assert_eq!(drawn.devices[0].logs[0].hole, Some((301, 340)));
        assert_eq!(drawn.devices[0].out, Out { low: 40, high: 40 + 2 * 300 });
        let site = drawn.sites[&("26734".to_owned(), "hem-42".to_owned())];
        assert_eq!((site.devices, site.devices_silent, site.held), (2, 2, 300));
        assert_eq!((drawn.country, drawn.areas["26734"]), (site, site));
    }

    #[test]
    fn silence_is_counted_for_a_week_and_no_longer() {
        let busy = Arrivals::from([(DeviceId([1; 16]), BTreeMap::from([(at(1).campaign_date(), 10)]))]);
        let drawn = completeness(vec![standing(1, "a", 10, 10, Some(at(2)))], busy, at(300));
        assert_eq!(drawn.country.out, Out { low: 0, high: 70 });
    }

    #[test]
    fn the_words_read_out_from_a_laptop_find_the_log_that_ends_with_them() {
        let drawn =
            completeness(vec![standing(1, "a", 5, 5, None), standing(2, "b", 0, 0, None)], Arrivals::new(), at(1));
        let words = drawn.devices[0].logs[0].spoken.to_string();
        let heard = SpokenHead::parse(&words.to_uppercase()).unwrap();
        let (device, log) = drawn.ending_with(heard).unwrap();
        assert_eq!((device.name.as_str(), log.held_to), ("laptop 1", 5));
        let nobody = SpokenHead::of(DeviceId([9; 16]), 1, LogHead::empty(DeviceId([9; 16]), 1));
        assert!(drawn.ending_with(nobody).is_none());
        // An empty log is nobody's proof.
        assert!(drawn.ending_with(drawn.devices[1].logs[0].spoken).is_none());
    }
}
