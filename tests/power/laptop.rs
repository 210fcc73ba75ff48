//! Everything that is done to a laptop's disk.

use std::sync::Arc;

use anyhow::ensure;
use tokio::runtime::Runtime;

use crate::check::{Enrolled, FirstStart, Fresh};
use crate::controls;
use crate::disk::{Disk, Lost, Names};
use crate::faults::{self, first_start::Enrolling, laptop::AtWork};
use crate::image::{self, Image};
use crate::report::Report;
use crate::settings::Settings;
use crate::stories::{Story, campaign, first_start, snapshot, upgrade};
use crate::sweep::{Fineness, sweep};

const FIRST_START: &str = "a laptop's first start";
const TWO_DAYS: &str = "two days of a laptop";
const SNAPSHOT: &str = "a fresh laptop in a long ward";
const UPGRADES: [(u32, &str, &str); 3] = [
    (3, "an upgrade from version 3", "migrations from 3 on, drawing again"),
    (2, "an upgrade from version 2", "migrations from 2 on, drawing again"),
    (1, "an upgrade from version 1", "migrations from 1 on, drawing again"),
];

pub fn under_power_cuts(settings: &Settings, runtime: &Arc<Runtime>, report: &mut Report) -> anyhow::Result<()> {
    let enrolled = Enrolled::default();
    report.heading();
    let (first, first_start) = a_first_start(settings, runtime, report)?;
    if settings.is_done(report.broken) {
        return Ok(());
    }
    let two_days = campaign::of_a_laptop(settings.seed, settings.people(), &enrolled.keys);
    if settings.wants(TWO_DAYS) {
        report.sweep(TWO_DAYS, &sweep(TWO_DAYS, &two_days, settings.fineness(), &|left| enrolled.look(left).map(drop)));
    }
    if settings.is_done(report.broken) {
        return Ok(());
    }
    let old = upgrade::old_laptop(settings.seed);
    let mut upgrades = Vec::new();
    for (version, name, chapter) in UPGRADES {
        let story = upgrade::tell(&old, version, chapter, &enrolled.keys)?;
        if settings.wants(name) {
            report.sweep(name, &sweep(name, &story, settings.fineness(), &|left| enrolled.look(left).map(drop)));
        }
        upgrades.push(story);
    }
    if settings.wants(SNAPSHOT) {
        a_snapshot(settings, runtime, report)?;
    }
    if settings.only.is_none() && settings.plant.is_none() {
        under_controls(settings, &two_days, report)?;
    }
    if settings.is_done(report.broken) {
        return Ok(());
    }
    report.faults_heading();
    let at_work = AtWork::after(&first, in_the_end(&first), &enrolled.keys);
    let trials: [&dyn faults::Trial; 3] = [
        &at_work,
        &AtWork::upgrading(&upgrades[1], &enrolled.keys),
        &Enrolling { first_start: &first_start, empty: Image::new(), ways_at_each: if settings.long { 8 } else { 1 } },
    ];
    for trial in trials.into_iter().filter(|trial| settings.wants(trial.name())) {
        report.faults(trial.name(), &faults::sweep(trial, settings.fault())?);
    }
    Ok(())
}

fn a_first_start(
    settings: &Settings,
    runtime: &Arc<Runtime>,
    report: &mut Report,
) -> anyhow::Result<(Story, FirstStart)> {
    let (story, servers) = first_start::tell(settings.seed, runtime)?;
    let again_on_one_in = if settings.long { 24 } else { 10 };
    let first_start = FirstStart { servers, runtime: runtime.clone(), enrolled: Enrolled::default(), again_on_one_in };
    if settings.wants(FIRST_START) {
        let found = sweep(FIRST_START, &story, settings.fineness(), &|left| first_start.look(left));
        report.sweep(FIRST_START, &found);
    }
    Ok((story, first_start))
}

fn a_snapshot(settings: &Settings, runtime: &Arc<Runtime>, report: &mut Report) -> anyhow::Result<()> {
    let (mut story, ward) = snapshot::tell(settings.seed)?;
    story.one_write_in = settings.one_write_in();
    let fresh = Fresh { ward, runtime: runtime.clone(), enrolled: Enrolled::default(), again_on_one_in: 64 };
    report.sweep(SNAPSHOT, &sweep(SNAPSHOT, &story, settings.fineness(), &|left| fresh.look(left)));
    Ok(())
}

fn under_controls(settings: &Settings, story: &Story, report: &mut Report) -> anyhow::Result<()> {
    for control in controls::of(&story.ops) {
        let enrolled = Enrolled::default();
        let found =
            sweep("a control", &story.with(control.ops), settings.control(), &|left| enrolled.look(left).map(drop));
        ensure!(!found.broken.is_empty(), "the control \"{}\" found nothing: the sweep is blind", control.name);
        report.control(&format!("a laptop that {}", control.name), found.disks());
    }
    for (outside, name) in [(true, "beside the key"), (false, "in the first page")] {
        let folder = image::bench(&format!("salt-{outside}-told"));
        let found = controls::of_a_salt(&folder, outside, Fineness { dice: 32, ..settings.fineness() })?;
        let _ = std::fs::remove_dir_all(&folder);
        ensure!(found.broken.is_empty() == outside, "the control of the salt shows nothing");
        println!("  control: the salt {name}: {} of {} disks broken", found.broken.len(), found.disks());
    }
    Ok(())
}

/// The disk at the end of a story, when everything has reached it.
fn in_the_end(story: &Story) -> Image {
    let mut disk = Disk::holding(&story.folder, &story.start, Names::WithTheNextSync);
    story.ops.iter().for_each(|op| disk.apply(op));
    disk.after(Lost::Nothing)
}
