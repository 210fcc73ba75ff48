//! What has not arrived: for every log how far it is held and what its device said it has, for every site and area the
//! sum, and between which bounds the number of statements still out must lie. Pure; the store counts.
//!
//! The lower bound is certain: numbers that a device named at a hello, or that lie at a hub, and that are not here. The
//! upper bound adds what
//! the device may have said since: for each day of silence as much as arrived from it on its busiest day, for no more
//! days than [`SILENT_DAYS_COUNTED`]. A device that is revoked, or was never heard again, stays in the list.

use std::collections::BTreeMap;

use shared_model::ids::{DeviceId, Epoch, Seq};
use shared_model::sync::spoken::SpokenHead;
use shared_model::time::{Date, MS_PER_DAY, Moment};

use super::units::Units;
use crate::store::rows::{DeviceRow, DeviceStanding, LogStanding};

/// A laptop that was silent for longer is not out giving doses: it is lost, put away, or broken.
pub const SILENT_DAYS_COUNTED: u64 = 7;

/// How many statements arrived from each device on each day of the campaign.
pub type Arrivals = BTreeMap<DeviceId, BTreeMap<Date, u64>>;

/// How far the hub that holds the most of a log said it holds it.
pub type AtHubs = BTreeMap<(DeviceId, Epoch), Seq>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    pub epoch: Epoch,
    pub held_to: Seq,
    /// By the nation, or by a hub.
    pub held_somewhere_to: Seq,
    /// Numbers its device named that are not here, first and last.
    pub hole: Option<(Seq, Seq)>,
    /// The highest number its device ever named.
    pub signed_to: Seq,
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
    pub at_hubs: u64,
    pub out: Out,
}

/// Some devices of one area, by id, with what a line about each is drawn from.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub devices: Vec<(DeviceRow, Vec<LogStanding>)>,
    pub arrivals: Arrivals,
    pub at_hubs: AtHubs,
}

/// Statements still out: at least and at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Out {
    pub low: u64,
    pub high: u64,
}

/// What the sums need to know of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Short {
    pub area: String,
    pub site: String,
    pub is_revoked: bool,
    pub last_contact: Option<Moment>,
    pub held: u64,
    /// Numbers its device named, or a hub holds, that are not here.
    pub missing: u64,
    /// Of the missing ones, how many lie at hubs.
    pub at_hubs: u64,
    /// As many as arrived from it on its busiest day.
    pub busiest_day: u64,
}

impl Short {
    fn is_silent(&self, now: Moment) -> bool {
        self.last_contact.is_none_or(|last| now.ms_since(last) > MS_PER_DAY)
    }

    fn out(&self, now: Moment) -> Out {
        let silent_days = match self.last_contact {
            Some(last) if !self.is_revoked => u64::try_from(now.ms_since(last).max(0) / MS_PER_DAY).unwrap_or(0),
            _ => 0,
        };
        let since = self.busiest_day.saturating_mul(silent_days.min(SILENT_DAYS_COUNTED));
        Out { low: self.missing, high: since.saturating_add(self.missing) }
    }
}

/// A site, a unit, or the country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    pub devices: u64,
    pub devices_silent: u64,
    pub held: u64,
    /// Of what is still out, how much lies at hubs and will come without the laptop.
    pub at_hubs: u64,
    pub out: Out,
}

impl Sum {
    fn add(&mut self, device: &Short, now: Moment) {
        let out = device.out(now);
        self.devices += 1;
        self.devices_silent += u64::from(device.is_silent(now));
        self.held += device.held;
        self.at_hubs = self.at_hubs.saturating_add(device.at_hubs);
        self.out.low = self.out.low.saturating_add(out.low);
        self.out.high = self.out.high.saturating_add(out.high);
    }
}

/// Sums over the country, over every unit with a device in it, and over the sites of one area.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RollUp {
    pub country: Sum,
    /// By code; those among them that the register does not have on that day are areas somebody typed.
    pub units: BTreeMap<String, Sum>,
    pub sites: BTreeMap<String, Sum>,
}

/// Draws the sums as of `now` with the borders of `day`.
pub fn roll_up(devices: &[Short], units: &Units, area: Option<&str>, day: Date, now: Moment) -> RollUp {
    let mut drawn = RollUp::default();
    for device in devices {
        drawn.country.add(device, now);
        for unit in units.lineage(&device.area, day) {
            match drawn.units.get_mut(unit) {
                Some(sum) => sum.add(device, now),
                None => drawn.units.entry(unit.to_owned()).or_default().add(device, now),
            }
        }
        if Some(device.area.as_str()) == area {
            drawn.sites.entry(device.site.clone()).or_default().add(device, now);
        }
    }
    drawn
}

#[derive(Debug, Clone, Default)]
pub struct Completeness {
    /// By area, site and name.
    pub devices: Vec<DeviceLine>,
    pub sites: BTreeMap<(String, String), Sum>,
    pub areas: BTreeMap<String, Sum>,
    pub country: Sum,
}

/// Draws the picture as of `now`. The console's own log is here by nature and left out; hubs say nothing of their own.
pub fn completeness(
    standings: Vec<DeviceStanding>,
    mut arrivals: Arrivals,
    at_hubs: &AtHubs,
    now: Moment,
) -> Completeness {
    let mut drawn = Completeness::default();
    let is_laptop = |device: &DeviceRow| !device.is_console && device.hub_areas.is_none();
    for standing in standings.into_iter().filter(|standing| is_laptop(&standing.device)) {
        let arrived = arrivals.remove(&standing.device.device).unwrap_or_default();
        let logs = ends_of(standing.device.device, &standing.logs, at_hubs);
        let short = short_of(&standing.device, &logs, &arrived);
        let line = drawn_line(standing.device, &logs, &short, arrived, now);
        let sums = [
            drawn.sites.entry((line.area.clone(), line.site.clone())).or_default(),
            drawn.areas.entry(line.area.clone()).or_default(),
            &mut drawn.country,
        ];
        for sum in sums {
            sum.add(&short, now);
        }
        drawn.devices.push(line);
    }
    drawn.devices.sort_by(|one, other| (&one.area, &one.site, &one.name).cmp(&(&other.area, &other.site, &other.name)));
    drawn
}

/// A log as it stands here, and how far a hub holds it.
type LogEnds = (LogStanding, Seq);

/// Of one device, oldest first; with those of which only a hub has something.
fn ends_of(device: DeviceId, logs: &[LogStanding], at_hubs: &AtHubs) -> Vec<LogEnds> {
    let there = at_hubs.range((device, Epoch::MIN)..=(device, Epoch::MAX));
    let only_there = there.clone().filter(|((_, epoch), _)| logs.iter().all(|log| log.epoch != *epoch));
    let mut ends: Vec<LogEnds> =
        logs.iter().map(|log| (*log, at_hubs.get(&(device, log.epoch)).copied().unwrap_or(0))).collect();
    ends.extend(only_there.map(|((_, epoch), seq)| (LogStanding::empty(device, *epoch), *seq)));
    ends.sort_by_key(|(log, _)| log.epoch);
    ends
}

fn short_of(device: &DeviceRow, logs: &[LogEnds], arrived: &BTreeMap<Date, u64>) -> Short {
    Short {
        area: device.area.clone(),
        site: device.site.clone(),
        is_revoked: device.revoked_at.is_some(),
        last_contact: device.last_contact,
        held: logs.iter().map(|(log, _)| log.head.seq).sum(),
        missing: logs.iter().map(missing).sum(),
        at_hubs: logs.iter().map(|(log, at_hub)| at_hub.saturating_sub(log.head.seq)).sum(),
        busiest_day: arrived.values().copied().max().unwrap_or(0),
    }
}

/// One device as of `now`.
pub fn line_of(
    device: DeviceRow,
    logs: &[LogStanding],
    arrived: BTreeMap<Date, u64>,
    at_hubs: &AtHubs,
    now: Moment,
) -> DeviceLine {
    let logs = ends_of(device.device, logs, at_hubs);
    let short = short_of(&device, &logs, &arrived);
    drawn_line(device, &logs, &short, arrived, now)
}

fn drawn_line(
    device: DeviceRow,
    logs: &[LogEnds],
    short: &Short,
    arrived: BTreeMap<Date, u64>,
    now: Moment,
) -> DeviceLine {
    let id = device.device;
    DeviceLine {
        device: id,
        is_revoked: short.is_revoked,
        last_contact: short.last_contact,
        clock_offset_ms: device.clock_offset_ms,
        held: short.held,
        at_hubs: short.at_hubs,
        out: short.out(now),
        name: device.name,
        site: device.site,
        area: device.area,
        logs: logs.iter().map(|log| log_line(id, log)).collect(),
        arrived,
    }
}

fn missing((log, at_hub): &LogEnds) -> u64 {
    log.claimed_head.max(*at_hub).saturating_sub(log.head.seq)
}

fn log_line(device: DeviceId, ends: &LogEnds) -> LogLine {
    let (log, at_hub) = ends;
    let signed_to = log.claimed_head.max(*at_hub).max(log.head.seq);
    let hole = (missing(ends) > 0).then(|| (log.head.seq + 1, signed_to));
    LogLine {
        epoch: log.epoch,
        held_to: log.head.seq,
        held_somewhere_to: log.head.seq.max(*at_hub),
        signed_to,
        hole,
        spoken: SpokenHead::of(device, log.epoch, log.head),
    }
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
        let drawn = completeness(standings, busy, &AtHubs::new(), at(4));
        assert_eq!(drawn.devices[0].logs[0].hole, Some((301, 340)));
        assert_eq!(drawn.devices[0].out, Out { low: 40, high: 40 + 2 * 300 });
        let site = drawn.sites[&("26734".to_owned(), "hem-42".to_owned())];
        assert_eq!((site.devices, site.devices_silent, site.held), (2, 2, 300));
        assert_eq!((drawn.country, drawn.areas["26734"]), (site, site));
    }

    #[test]
    fn what_lies_at_a_hub_is_out_for_certain_and_told_apart() {
        let one = DeviceId([1; 16]);
        let at_hubs = AtHubs::from([((one, 1), 380), ((one, 2), 15), ((DeviceId([2; 16]), 1), 4)]);
        let standings = vec![standing(1, "hem-42", 300, 340, Some(at(1))), standing(2, "hem-42", 9, 9, None)];
        let drawn = completeness(standings, Arrivals::new(), &at_hubs, at(1));
        let logs: Vec<_> =
            drawn.devices[0].logs.iter().map(|log| (log.epoch, log.held_to, log.held_somewhere_to, log.hole)).collect();
        assert_eq!(logs, [(1, 300, 380, Some((301, 380))), (2, 0, 15, Some((1, 15)))]);
        assert_eq!((drawn.country.at_hubs, drawn.country.out), (95, Out { low: 95, high: 95 }));
        // A hub that lags behind the nation adds nothing.
        assert_eq!((drawn.devices[1].at_hubs, drawn.devices[1].logs[0].held_somewhere_to), (0, 9));
    }

    #[test]
    fn silence_is_counted_for_a_week_and_no_longer() {
        let busy = Arrivals::from([(DeviceId([1; 16]), BTreeMap::from([(at(1).campaign_date(), 10)]))]);
        let drawn = completeness(vec![standing(1, "a", 10, 10, Some(at(2)))], busy, &AtHubs::new(), at(300));
        assert_eq!(drawn.country.out, Out { low: 0, high: 70 });
    }

    #[test]
    fn sums_lie_where_the_areas_lay_on_the_day_and_an_unknown_area_stands_for_itself() {
        let units = Units::parse(
            "code,name,parent,valid_from,valid_to
79,Hồ Chí Minh,,2000-01-01,
773,Quận 4,79,2000-01-01,2022-01-10
26734,Phường 3,773,2000-01-01,2022-01-10
26734,Phường 3,79,2022-01-11,
",
        )
        .unwrap();
        let short = |area: &str, held| Short {
            area: area.to_owned(),
            site: "hem-42".to_owned(),
            is_revoked: false,
            last_contact: Some(at(0)),
            held,
            missing: 1,
            at_hubs: 0,
            busiest_day: 10,
        };
        let devices = [short("26734", 5), short("773", 7), short("typo", 2)];
        let on = |day| roll_up(&devices, &units, Some("26734"), at(day).campaign_date(), at(2));
        let before = on(0);
        let sums = |drawn: &RollUp| -> Vec<(String, u64)> {
            drawn.units.iter().map(|(code, sum)| (code.clone(), sum.held)).collect()
        };
        let owned =
            |sums: &[(&str, u64)]| sums.iter().map(|(code, held)| ((*code).to_owned(), *held)).collect::<Vec<_>>();
        assert_eq!(sums(&before), owned(&[("26734", 5), ("773", 12), ("79", 12), ("typo", 2)]));
        assert_eq!((before.country.devices, before.country.out), (3, Out { low: 3, high: 63 }));
        assert_eq!(before.sites.keys().collect::<Vec<_>>(), ["hem-42"]);
        assert_eq!(before.sites["hem-42"].held, 5);
        // The district is gone, and its laptop's area with it.
        assert_eq!(sums(&on(400)), owned(&[("26734", 5), ("773", 7), ("79", 5), ("typo", 2)]));
    }

    #[test]
    fn the_words_read_out_from_a_laptop_find_the_log_that_ends_with_them() {
        let standings = vec![standing(1, "a", 5, 5, None), standing(2, "b", 0, 0, None)];
        let drawn = completeness(standings, Arrivals::new(), &AtHubs::new(), at(1));
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
