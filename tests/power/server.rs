//! Everything that is done to the server's disk.

use std::sync::Arc;

use anyhow::{Context, ensure};
use shared_model::ids::DeviceId;
use tokio::runtime::Runtime;

use crate::check::{Keys, Nation};
use crate::controls;
use crate::faults::{self, Trial, server::Keeping};
use crate::report::Report;
use crate::settings::Settings;
use crate::stories::campaign;
use crate::sweep::sweep;

const TWO_DAYS: &str = "two days of the server";

pub fn under_power_cuts(settings: &Settings, runtime: &Arc<Runtime>, report: &mut Report) -> anyhow::Result<()> {
    if settings.wants(TWO_DAYS) {
        report.heading();
        let (story, device) = campaign::of_a_server(settings.seed + 1, settings.people() / 2, &Keys::default());
        let device = DeviceId::parse(&device).ok().context("a device's id")?;
        let nation = Nation::new(device, runtime)?;
        report.sweep(TWO_DAYS, &sweep(TWO_DAYS, &story, settings.fineness(), &|left| nation.sees(left)));
        for control in
            controls::of(&story.ops).into_iter().filter(|_| settings.only.is_none() && settings.plant.is_none())
        {
            let nation = Nation::new(device, runtime)?;
            let found = sweep("a control", &story.with(control.ops), settings.control(), &|left| nation.sees(left));
            ensure!(!found.broken.is_empty(), "the control \"{}\" found nothing: the sweep is blind", control.name);
            report.control(&format!("a server that {}", control.name), found.disks());
        }
    }
    let keeping = Keeping::two_teams(settings.seed + 2, runtime)?;
    if settings.wants(keeping.name()) {
        report.faults_heading();
        report.faults(keeping.name(), &faults::sweep(&keeping, settings.fault())?);
    }
    Ok(())
}
