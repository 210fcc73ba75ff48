//! What a taking came to, in words for whoever stands at the machine.

use shared_model::ids::to_hex;
use shared_model::sync::bundle::{BundleRead, Damage, Told, What};
use shared_model::time::Moment;
use stick::Unread;

use super::place::{LogPlace, Placed};
use super::take::{StickTaken, Taken};

/// All of it was taken.
const TAKEN: u8 = 0;
/// Something is damaged, missing, or could not be placed.
const NOT_ALL: u8 = 3;
/// Nothing on it was for this server.
const NOTHING: u8 = 4;
/// Damages told one by one.
const DAMAGES_TOLD: usize = 20;

impl Taken {
    /// What the command ends with.
    pub fn exit_code(&self) -> u8 {
        if self.sticks.iter().all(|stick| stick.through.unread().is_some_and(|why| why != Unread::Damaged)) {
            return NOTHING;
        }
        let given = self.given.iter().all(|(_, given)| given.is_ok());
        if given && self.sticks.iter().all(StickTaken::is_all_there) { TAKEN } else { NOT_ALL }
    }

    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.sticks.is_empty() {
            lines.push("no file that ends in .outward is there".to_owned());
        }
        for stick in &self.sticks {
            lines.push(format!("{}: {} bytes", stick.path.display(), stick.through.bytes));
            lines.extend(stick.lines().into_iter().map(|line| format!("  {line}")));
        }
        for device in &self.introduced {
            lines.push(format!("device {device} was not known here; its certificate of this campaign introduced it"));
        }
        for (device, given) in &self.given {
            lines.push(match given {
                Ok(given) => format!(
                    "return stick for device {device}: {} ({} bytes, {} entries of its area)",
                    given.path.display(),
                    given.bytes,
                    given.entries
                ),
                Err(wrong) => format!("no return stick for device {device}: {wrong}"),
            });
        }
        lines
    }
}

impl StickTaken {
    /// Nothing is damaged, missing, waiting or refused.
    pub fn is_all_there(&self) -> bool {
        let placed = self.ranges.values().all(|placed| matches!(placed, Placed::Kept { .. } | Placed::HeldAlready));
        placed && !self.through.is_damaged() && self.later == 0 && self.malformed == 0
    }

    fn lines(&self) -> Vec<String> {
        if let Some(why) = self.through.unread() {
            return vec![unread(why).to_owned()];
        }
        let mut lines: Vec<String> = self.through.bundles.bundles.iter().map(bundle).collect();
        lines.extend(self.told.iter().filter_map(told));
        lines.extend(runs(&self.ranges).iter().map(|(place, placed)| range(place, *placed)));
        if self.later > 0 {
            lines.push(format!("{} frames of a kind that a later version knows were left", self.later));
        }
        if self.malformed > 0 {
            lines.push(format!("{} frames are not what they say and were left", self.malformed));
        }
        let damages: Vec<&Damage> = self.through.damages.iter().chain(&self.through.bundles.damages).collect();
        let told = damages.iter().filter(|damage| !damage.what.is_harmless());
        lines.extend(told.clone().take(DAMAGES_TOLD).map(|one| damage(one)));
        let more = told.count().saturating_sub(DAMAGES_TOLD) as u64
            + self.through.damages_unlisted
            + self.through.bundles.damages_unlisted;
        if more > 0 {
            lines.push(format!("and {more} more damages"));
        }
        if let Some(wrong) = &self.through.gave_up {
            lines.push(format!("the stick stopped giving bytes ({wrong}): put it in again, and take it again"));
        }
        lines
    }
}

/// Ranges that lie behind one another and fared alike are one.
fn runs(ranges: &std::collections::BTreeMap<LogPlace, Placed>) -> Vec<(LogPlace, Placed)> {
    let mut runs: Vec<(LogPlace, Placed)> = Vec::new();
    for (place, placed) in ranges {
        if let Some((last, fared)) = runs.last_mut()
            && (last.device, last.epoch, last.to.saturating_add(1)) == (place.device, place.epoch, place.from)
            && let Some(both) = alike(*fared, *placed)
        {
            last.to = place.to;
            *fared = both;
        } else {
            runs.push((*place, *placed));
        }
    }
    runs
}

fn alike(first: Placed, second: Placed) -> Option<Placed> {
    match (first, second) {
        (Placed::Kept { fresh, doubted }, Placed::Kept { fresh: more, doubted: others }) => {
            Some(Placed::Kept { fresh: fresh.saturating_add(more), doubted: doubted.saturating_add(others) })
        }
        // What is missing before the first of them is missing.
        (Placed::Waits { .. }, Placed::Waits { .. }) => Some(first),
        _ => (first == second).then_some(first),
    }
}

fn range(place: &LogPlace, placed: Placed) -> String {
    let LogPlace { device, epoch, from, to } = place;
    let what = match placed {
        Placed::Kept { fresh, doubted: 0 } => format!("taken, {fresh} new"),
        Placed::Kept { fresh, doubted } => format!("taken, {fresh} new, {doubted} of them kept and not believed"),
        Placed::HeldAlready => "held already".to_owned(),
        Placed::Waits { missing_from, missing_to } => format!(
            "not placed: {missing_from} to {missing_to} are not here. Keep this stick, and take one that holds them"
        ),
        Placed::UnknownDevice => {
            "not placed: nobody knows this device, and no certificate on the stick names it".to_owned()
        }
        Placed::Refused(why) => format!("not placed: {why}"),
    };
    format!("device {device}, log {epoch}, {from} to {to}: {what}")
}

fn bundle(read: &BundleRead) -> String {
    let id = to_hex(&read.bundle.0);
    let maker = read.maker.map_or("an unknown device".to_owned(), |maker| format!("device {maker}"));
    let made = read.made_ms.map_or(String::new(), |ms| format!(" on {}", Moment(ms).campaign_date()));
    match read.frames_made {
        Some(all) => format!("bundle {id}, made by {maker}{made}: {} of {all} frames", read.frames),
        None => format!("bundle {id}, made by {maker}{made}: {} frames, its end is missing", read.frames),
    }
}

fn told(told: &Told) -> Option<String> {
    match told {
        Told::Replayed { bundle } => {
            Some(format!("bundle {} was taken before; taking it again changes nothing", to_hex(&bundle.0)))
        }
        Told::Ahead { bundle, by_ms } => Some(format!(
            "bundle {} was made {} minutes after now: a clock is wrong, there or here",
            to_hex(&bundle.0),
            by_ms / 60_000
        )),
        Told::LaterVersion { needs } => {
            Some(format!("some of it needs version {needs}: update this server, and take it again"))
        }
        // Told by their bytes.
        Told::Foreign | Told::Damaged | Told::NothingFound => None,
    }
}

fn unread(why: Unread) -> &'static str {
    match why {
        Unread::NotAStick => "this is no file of this system; nothing was taken",
        Unread::Foreign => "this belongs to another campaign; nothing was taken",
        Unread::LaterVersion { .. } => "a later version wrote this: update this server, and take it again",
        Unread::NotForUs => "this is sealed for another server, or for a laptop; nothing was taken",
        Unread::Damaged => "nothing on it is whole; make another stick of it",
    }
}

fn damage(damage: &Damage) -> String {
    let Damage { at, bytes, what, .. } = damage;
    match what {
        What::Missing { from, to } if from == to => format!("frame {from} is missing"),
        What::Missing { from, to } => format!("frames {from} to {to} are missing"),
        What::Unfinished => "its end is missing: the stick was pulled out early, or its end is lost".to_owned(),
        What::ManifestMissing => "what it is about is missing".to_owned(),
        What::ForeignCampaign => format!("{bytes} bytes at {at} belong to another campaign and were left"),
        What::NotForUs => format!("{bytes} bytes at {at} are sealed for others and were left"),
        What::LaterVersion { needs } => format!("{bytes} bytes at {at} need version {needs}"),
        What::Unreadable => format!("{bytes} bytes at {at} could not be read from the medium"),
        _ => format!("{bytes} bytes at {at} are damaged ({})", what.code()),
    }
}
