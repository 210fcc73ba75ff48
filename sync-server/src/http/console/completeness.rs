//! What has arrived and what has not: the country, or one unit of it at a time, so that no answer grows with the nation.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use serde::Deserialize;
use serde_json::json;
use shared_model::ids::DeviceId;
use shared_model::limits;
use shared_model::sync::spoken::{NotSpoken, SpokenHead};
use shared_model::time::Date;

use super::view::{
    ArrivedOn, CheckEnd, CompletenessView, DeviceCompleteness, EndChecked, LogCompleteness, MissingRange, SiteLine,
    SumView, UnitLine, UnknownWordView,
};
use crate::auth::staff::Session;
use crate::http::asked::{Queried, Questions, Sent};
use crate::http::fault::Failed;
use crate::http::openapi::draft::Draft;
use crate::national::completeness::{DeviceLine, LogLine, Page, RollUp, Sum, line_of, roll_up};
use crate::office::Office;
use crate::store::StoreError;
use crate::store::rows::AuditLine;

const UNITS_PAGE: usize = 200;
const SITES_MAX: usize = 500;
const DEVICES_PAGE: usize = 100;
const DAYS_TOLD: i32 = 31;

#[derive(Deserialize)]
pub(in crate::http) struct WhichUnit {
    unit: Option<String>,
    day: Option<String>,
    after_unit: Option<String>,
    after_device: Option<String>,
}

impl Questions for WhichUnit {
    fn describe(draft: &mut Draft<'_>) {
        let code = json!({ "type": "string", "maxLength": limits::CODE_CHARS_MAX, "pattern": CODE_PATTERN });
        draft.query("unit", "Code of an administrative unit or an area; empty for the country.", code.clone());
        let day = json!({
            "type": "string",
            "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$",
            "anyOf": [{ "maxLength": 0 }, { "format": "date" }],
        });
        draft.query("day", "The day whose borders are drawn with; empty for today.", day);
        draft.query("after_unit", "`below_next` of the page before; empty for the first page.", code);
        let device = json!({ "type": "string", "pattern": "^([0-9a-fA-F]{32})?$" });
        draft.query("after_device", "`devices_next` of the page before; empty for the first page.", device);
    }
}

/// The code of a place, and never the number of a card: no more than eight digits stand at its beginning.
const CODE_PATTERN: &str = r"^[0-9]{0,8}([^0-9\s\x00-\x20\x7f-\xa0][^\s\x00-\x20\x7f-\xa0]*)?$";

fn code(text: &Option<String>) -> Result<Option<&str>, Failed> {
    let is_code = |text: &str| {
        let digits = text.chars().take_while(char::is_ascii_digit).count();
        digits <= 8 && text.chars().count() <= limits::CODE_CHARS_MAX && !text.contains(is_blank)
    };
    match filled(text) {
        Some(text) if !is_code(text) => Err(Failed::MALFORMED),
        text => Ok(text),
    }
}

/// What the pattern calls a space, and signs that steer a terminal.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\u{feff}'
}

fn filled(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

pub(in crate::http) async fn show(
    office: Arc<Office>,
    _: Session,
    Queried(asked): Queried<WhichUnit>,
) -> Result<Json<CompletenessView>, Failed> {
    let now = office.now();
    let day = filled(&asked.day).map_or(Ok(now.campaign_date()), Date::parse_iso).map_err(|_| Failed::MALFORMED)?;
    let after_device = filled(&asked.after_device).map(DeviceId::parse).transpose().map_err(|_| Failed::MALFORMED)?;
    let (unit, after_unit) = (code(&asked.unit)?, code(&asked.after_unit)?);
    let devices = office.store.short_standings().await?;
    let drawn = roll_up(&devices, &office.units, unit, day, now);
    let sum = match unit {
        None => drawn.country,
        Some(code) if office.units.unit(code, day).is_some() => drawn.units.get(code).copied().unwrap_or_default(),
        Some(code) => *drawn.units.get(code).ok_or(Failed::NOT_FOUND)?,
    };
    let lines = Lines { office: &office, drawn: &drawn, day };
    let (below, below_next) = lines.below(unit, after_unit);
    let (sites, sites_more) = sites(&drawn.sites);
    let mut told = CompletenessView {
        now_ms: now.0,
        day: day.to_string(),
        sum: sum_view(sum),
        lies_in: unit.map(|code| lines.lies_in(code)).unwrap_or_default(),
        below,
        below_next,
        sites,
        sites_more,
        devices: Vec::new(),
        devices_next: None,
    };
    if let Some(area) = unit {
        let Page { devices: mut page, mut arrivals, at_hubs } =
            office.store.standings_of_area(area.to_owned(), after_device, DEVICES_PAGE + 1).await?;
        let more = page.len() > DEVICES_PAGE;
        page.truncate(DEVICES_PAGE);
        for (device, logs) in page {
            let arrived = arrivals.remove(&device.device).unwrap_or_default();
            told.devices.push(device_view(line_of(device, &logs, arrived, &at_hubs, now), day));
        }
        told.devices_next = told.devices.last().filter(|_| more).map(|device| device.id.clone());
    }
    Ok(Json(told))
}

/// Units with their names and sums.
struct Lines<'a> {
    office: &'a Office,
    drawn: &'a RollUp,
    day: Date,
}

impl Lines<'_> {
    fn line(&self, code: &str) -> UnitLine {
        let name = self.office.units.unit(code, self.day).map(|unit| unit.name.to_owned());
        let sum = self.drawn.units.get(code).copied().unwrap_or_default();
        UnitLine { code: code.to_owned(), name, sum: sum_view(sum) }
    }

    fn lies_in(&self, code: &str) -> Vec<UnitLine> {
        self.office.units.lineage(code, self.day).into_iter().rev().map(|code| self.line(code)).collect()
    }

    /// What lies directly below a unit and has a device in it; below the country, also what nobody knows the place of.
    fn below(&self, unit: Option<&str>, after: Option<&str>) -> (Vec<UnitLine>, Option<String>) {
        let codes = self.drawn.units.keys().map(String::as_str);
        let parent = |code: &str| self.office.units.unit(code, self.day).and_then(|unit| unit.parent);
        let mut below =
            codes.filter(|code| parent(code) == unit).filter(|code| after.is_none_or(|after| *code > after));
        let page: Vec<UnitLine> = below.by_ref().take(UNITS_PAGE).map(|code| self.line(code)).collect();
        let next = below.next().and(page.last()).map(|last| last.code.clone());
        (page, next)
    }
}

fn sum_view(sum: Sum) -> SumView {
    let Sum { devices, devices_silent, held, at_hubs, out } = sum;
    SumView { devices, devices_silent, held, at_hubs, out_low: out.low, out_high: out.high }
}

fn sites(sums: &BTreeMap<String, Sum>) -> (Vec<SiteLine>, u32) {
    let told = sums.iter().take(SITES_MAX).map(|(site, sum)| SiteLine { site: site.clone(), sum: sum_view(*sum) });
    (told.collect(), u32::try_from(sums.len().saturating_sub(SITES_MAX)).unwrap_or(u32::MAX))
}

fn device_view(line: DeviceLine, day: Date) -> DeviceCompleteness {
    let days = line.arrived.range(day.plus_days(1 - DAYS_TOLD)..=day);
    DeviceCompleteness {
        id: line.device.to_string(),
        name: line.name,
        site: line.site,
        revoked: line.is_revoked,
        last_contact_ms: line.last_contact.map(|at| at.0),
        clock_offset_ms: line.clock_offset_ms,
        held: line.held,
        at_hubs: line.at_hubs,
        out_low: line.out.low,
        out_high: line.out.high,
        days: days.map(|(day, entries)| ArrivedOn { day: day.to_string(), entries: *entries }).collect(),
        logs: line.logs.into_iter().map(log_view).collect(),
    }
}

fn log_view(log: LogLine) -> LogCompleteness {
    let LogLine { epoch, held_to, held_somewhere_to, signed_to, hole, .. } = log;
    let hole = hole.map(|(from, to)| MissingRange { from, to });
    LogCompleteness { epoch, signed: signed_to, held: held_somewhere_to, nationally: held_to, hole }
}

/// Looks for the log that ends with the six words read out from a laptop.
pub(in crate::http) async fn check_end(
    office: Arc<Office>,
    staff: Session,
    Sent(CheckEnd { words }): Sent<CheckEnd>,
) -> Result<Json<EndChecked>, Failed> {
    let what = words.clone().into_bytes();
    let line = AuditLine { at: office.now(), who: staff.staff.name, deed: "check_end", what };
    office.store.audit(line).await?;
    Ok(Json(match SpokenHead::parse(&words) {
        Ok(heard) => ending_with(&office, heard).await?,
        Err(wrong) => not_understood(wrong),
    }))
}

async fn ending_with(office: &Office, heard: SpokenHead) -> Result<EndChecked, StoreError> {
    let ends = office.store.log_ends().await?;
    let Some(end) = ends.into_iter().find(|end| SpokenHead::of(end.device, end.epoch, end.head) == heard) else {
        return Ok(EndChecked::NotHeld);
    };
    let Some(device) = office.store.device(end.device).await? else { return Ok(EndChecked::NotHeld) };
    Ok(EndChecked::Held {
        device: end.device.to_string(),
        device_name: device.name,
        site: device.site,
        area: device.area,
        epoch: end.epoch,
        held_to: end.head.seq,
    })
}

fn not_understood(wrong: NotSpoken) -> EndChecked {
    let code = wrong.code().to_owned();
    let unknown = match wrong {
        NotSpoken::Unknown(unknown) => unknown,
        NotSpoken::TooLong | NotSpoken::TooFew { .. } | NotSpoken::TooMany { .. } | NotSpoken::Checksum => Vec::new(),
    };
    let unknown = unknown.into_iter().map(|word| UnknownWordView {
        place: u32::try_from(word.place).unwrap_or(u32::MAX),
        nearest: word.nearest.into_iter().map(str::to_owned).collect(),
    });
    EndChecked::NotUnderstood { code, unknown: unknown.collect() }
}
