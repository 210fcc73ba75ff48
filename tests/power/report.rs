//! What was looked at, one line a chapter.

#![allow(clippy::print_stdout, reason = "a report for whoever runs it")]

use crate::faults;
use crate::sweep::Found;

/// More of one kind say nothing new.
const BROKEN_SHOWN_MAX: usize = 5;

#[derive(Default)]
pub struct Report {
    pub points: u64,
    pub disks: u64,
    pub runs: u64,
    pub broken: usize,
    /// CPU that was used when the last line was printed.
    told_s: f64,
    /// Repeats whatever is broken.
    pub again: String,
}

impl Report {
    pub fn heading(&self) {
        println!("  {:<46} {:>9} {:>9} {:>7} {:>6}", "the power goes", "points", "disks", "broken", "CPU s");
    }

    pub fn sweep(&mut self, name: &str, found: &Found) {
        self.points += found.points();
        self.disks += found.disks();
        self.broken += found.broken.len();
        line(name, found.points(), found.disks(), found.broken.len(), Some(self.cpu_since()));
        for chapter in &found.chapters {
            line(&format!("  {}", chapter.name), chapter.points, chapter.disks, chapter.broken, None);
        }
        for broken in found.broken.iter().take(BROKEN_SHOWN_MAX) {
            println!("    {}\n      again: {} {}", broken.what, self.again, broken.again);
        }
    }

    pub fn faults_heading(&self) {
        println!("  {:<46} {:>9} {:>9} {:>7} {:>6}", "the disk fails", "runs", "refused", "broken", "CPU s");
    }

    pub fn faults(&mut self, name: &str, found: &faults::Found) {
        let (runs, refused) =
            found.chapters.iter().fold((0, 0), |sum, chapter| (sum.0 + chapter.runs, sum.1 + chapter.refused));
        self.runs += runs;
        self.broken += found.broken.len();
        line(name, runs, refused, found.broken.len(), Some(self.cpu_since()));
        for chapter in &found.chapters {
            let name = format!("  {}, {} operations", chapter.name, chapter.operations);
            line(&name, chapter.runs, chapter.refused, chapter.broken, None);
        }
        for broken in found.broken.iter().take(BROKEN_SHOWN_MAX) {
            println!("    {broken} {}", self.again);
        }
    }

    pub fn control(&mut self, name: &str, disks: u64) {
        println!("  control: {name:<60} found after {disks} disks");
    }

    fn cpu_since(&mut self) -> f64 {
        let now = cpu_seconds();
        let used = now - self.told_s;
        self.told_s = now;
        used
    }
}

fn line(name: &str, points: u64, disks: u64, broken: usize, cpu: Option<f64>) {
    let cpu = cpu.map(|cpu| format!("{cpu:.1}")).unwrap_or_default();
    println!("  {name:<46} {:>9} {:>9} {broken:>7} {cpu:>6}", grouped(points), grouped(disks));
}

/// 36586 as 36,586.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// What this process has used so far, as the system counts it; 0 where it does not tell.
pub fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / 100.0
}
