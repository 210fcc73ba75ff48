//! What was lived through, counted.

use std::collections::BTreeMap;

pub const DAYS_A_YEAR: u64 = 365;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub fleets: u64,
    pub device_days: u64,
    pub statements: u64,
    pub doses: u64,
    pub syncs: u64,
    pub syncs_complete: u64,
    pub hub_days: u64,
    pub syncs_with_hubs: u64,
    /// Syncs of hubs with the nation, and the entries they brought there.
    pub forwards: u64,
    pub forwards_complete: u64,
    pub forwarded: u64,
    /// Words of the nation's that a hub brought to their laptop.
    pub brought: u64,
    /// What a district believed and the nation, which knew more of its laptop, does not.
    pub believed_in_a_district: u64,
    /// Sticks that laptops wrote, that the nation read, that came home and were read there.
    pub sticks_written: u64,
    pub sticks_taken: u64,
    pub sticks_home: u64,
    /// Words on them that were taken for an answer.
    pub sticks_answered: u64,
    /// Frames that damage took, each of them named.
    pub frames_lost: u64,
    pub frames_read: u64,
    /// Statements that lay on a stick before they came by any other road.
    pub by_stick: u64,
    /// Entries of feeds that came home.
    pub news_by_stick: u64,
    pub raised: u64,
    pub settlements: u64,
    pub undone: u64,
    pub doubted: u64,
    /// What only laptops remember: a server put back to an old copy cannot ask for an admin's word.
    pub only_on_laptops: u64,
    pub rounds_max: u64,
    pub faults: BTreeMap<String, u64>,
    pub cases: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub fn fault(&mut self, whose: &str, what: &str) {
        *self.faults.entry(format!("{whose}: {what}")).or_default() += 1;
    }

    pub fn faults_by(&mut self, whose: &str, what: &str, times: u64) {
        if times > 0 {
            *self.faults.entry(format!("{whose}: {what}")).or_default() += times;
        }
    }

    pub fn add(&mut self, other: &Self) {
        self.fleets += other.fleets;
        self.device_days += other.device_days;
        self.statements += other.statements;
        self.doses += other.doses;
        self.syncs += other.syncs;
        self.syncs_complete += other.syncs_complete;
        self.hub_days += other.hub_days;
        self.syncs_with_hubs += other.syncs_with_hubs;
        self.forwards += other.forwards;
        self.forwards_complete += other.forwards_complete;
        self.forwarded += other.forwarded;
        self.brought += other.brought;
        self.believed_in_a_district += other.believed_in_a_district;
        self.sticks_written += other.sticks_written;
        self.sticks_taken += other.sticks_taken;
        self.sticks_home += other.sticks_home;
        self.sticks_answered += other.sticks_answered;
        self.frames_lost += other.frames_lost;
        self.frames_read += other.frames_read;
        self.by_stick += other.by_stick;
        self.news_by_stick += other.news_by_stick;
        self.raised += other.raised;
        self.settlements += other.settlements;
        self.undone += other.undone;
        self.doubted += other.doubted;
        self.only_on_laptops += other.only_on_laptops;
        self.rounds_max = self.rounds_max.max(other.rounds_max);
        for (what, times) in &other.faults {
            *self.faults.entry(what.clone()).or_default() += times;
        }
        for (what, times) in &other.cases {
            *self.cases.entry(what).or_default() += times;
        }
    }

    pub fn print(&self, cpu_seconds: f64) {
        let years = self.device_days as f64 / DAYS_A_YEAR as f64;
        println!("  {} fleets, {} device-days = {years:.0} device-years", self.fleets, self.device_days);
        println!(
            "  {} statements ({:.1} a device-day), {} doses; {} syncs, {} of them complete",
            self.statements,
            self.statements as f64 / self.device_days.max(1) as f64,
            self.doses,
            self.syncs,
            self.syncs_complete
        );
        println!(
            "  {} hub-days; {} of the syncs with a hub, {} by hubs with the nation, {} of them complete; {} entries forwarded, {} receipts brought home",
            self.hub_days, self.syncs_with_hubs, self.forwards, self.forwards_complete, self.forwarded, self.brought
        );
        println!(
            "  {} sticks written, {} read by the nation, {} read at home, {} words believed; {} frames read, {} damaged and named; {} statements reached the nation by stick first, {} entries of feeds came home",
            self.sticks_written,
            self.sticks_taken,
            self.sticks_home,
            self.sticks_answered,
            self.frames_read,
            self.frames_lost,
            self.by_stick,
            self.news_by_stick
        );
        let cases: Vec<String> = self.cases.iter().map(|(kind, times)| format!("{kind} {times}")).collect();
        println!("  {} conflicts raised: {}", self.raised, cases.join(", "));
        println!(
            "  {} settlements, {} undone; {} statements kept and not believed; {} remembered by laptops alone after a restore, {} believed in a district alone",
            self.settlements, self.undone, self.doubted, self.only_on_laptops, self.believed_in_a_district
        );
        let faults: Vec<String> = self.faults.iter().map(|(what, times)| format!("{what} {times}")).collect();
        println!("  faults: {}", faults.join(", "));
        println!("  after the faults, everybody agreed within {} rounds", self.rounds_max);
        println!(
            "  {cpu_seconds:.1} s of CPU, {:.0} device-years per CPU-hour",
            years * 3_600.0 / cpu_seconds.max(0.01)
        );
    }
}

/// What this process has used so far, as the system counts it; 0 where it does not tell.
pub fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / 100.0
}
