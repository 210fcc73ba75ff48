//! Every endpoint of this server, once: method, path, who may, what answers, and how it fails.
//! Router, interface document and the tests of roles are all made from this list.

use shared_model::sync::message::refusal::{
    BAD_SEAL, BUSY, CODE_EXPIRED, CODE_UNKNOWN, DEVICE_REVOKED, FEED_CHANGED, FEED_NOT_YOURS, FUTURE_PROTOCOL, HOLE,
    MALFORMED, NOT_AT_A_HUB, NOT_FOUND, NOT_SIGNED, STORE_FULL, TOO_LARGE, UNKNOWN_DEVICE,
};

use super::access::{Admin, AnyDevice, Enrolled, EnrolledHub, Line, Open, OwnPage, Staff, StaffOwnPage};
use super::console::{cases, citizens, codes, completeness, devices, overview, quarantine, session};
use super::device::{enrol, fetch, greet, hello, introduce, prior, pull, push, recipients, segment, snapshot};
use super::endpoint::{Endpoint, get, post};
use super::fault::{Failed, Fault};
use super::wire::Refused;
use super::{health, hub, openapi};

/// Whatever lies under these and is not in the table is not found.
pub(crate) const CONSOLE: &str = "/console/api/{*nothing}";
pub(crate) const DEVICE: &str = "/device/{*nothing}";
pub(crate) const HUB: &str = "/hub/{*nothing}";

pub(crate) fn endpoints() -> Vec<Endpoint> {
    [console(), device(), hub(), watch()].into_iter().flatten().collect()
}

fn no(failed: impl IntoIterator<Item = Failed>) -> Vec<Fault> {
    failed.into_iter().map(Failed::fault).collect()
}

fn refused(codes: impl IntoIterator<Item = &'static str>) -> Vec<Fault> {
    codes.into_iter().map(Refused::fault).collect()
}

fn console() -> Vec<Endpoint> {
    vec![
        post("/console/api/sign-in", OwnPage, session::sign_in)
            .says("Begins a session. Unknown names and wrong passwords are told alike.")
            .fails(no([Failed::WRONG_PASSWORD, Failed::WAIT])),
        post("/console/api/sign-out", StaffOwnPage, session::sign_out).says("Ends the session."),
        get("/console/api/me", Staff, session::me).says("Who is signed in, and where."),
        get("/console/api/overview", Staff, overview::overview).says("The live picture, and how fresh it is."),
        get("/console/api/completeness", Staff, completeness::show)
            .says(
                "What has arrived and what has not, of the country or of one unit, with bounds for what is still out.",
            )
            .fails(no([Failed::NOT_FOUND])),
        post("/console/api/check-end", StaffOwnPage, completeness::check_end)
            .says("The log that ends with the six words read out from a laptop. Every check is written down."),
        get("/console/api/cases", Staff, cases::list).says("The queue of cases, newest first, page by page."),
        get("/console/api/cases/{id}", Staff, cases::show).says("One case, side by side. Every look is written down."),
        post("/console/api/cases/{id}/settle", Admin, cases::settle)
            .says("An admin's answer, one of those offered.")
            .fails(no([Failed::STALE, Failed::NOT_OFFERED])),
        post("/console/api/cases/{id}/undo", Admin, cases::undo)
            .says("Takes the settlement in force back.")
            .fails(no([Failed::STALE])),
        get("/console/api/devices", Staff, devices::list).says("Devices, and how far each log is held."),
        post("/console/api/devices/{id}/revoke", Admin, devices::revoke)
            .says("Ends a device: what it said before stays, nothing more is taken from it."),
        post("/console/api/enrolment-codes", Admin, codes::add)
            .says("A one-time code that lets one laptop in. It is shown once and kept nowhere."),
        get("/console/api/quarantine", Staff, quarantine::list).says("What was kept and not believed, newest first."),
        get("/console/api/citizens/{id}", Staff, citizens::show)
            .says("Everything about one person. Every look is written down."),
    ]
}

fn device() -> Vec<Endpoint> {
    vec![
        post("/device/enrol", AnyDevice, enrol::enrol)
            .says("Joins the campaign with a one-time code.")
            .fails(refused([CODE_UNKNOWN, CODE_EXPIRED, BUSY, NOT_AT_A_HUB])),
        post("/device/introduce", AnyDevice, introduce::introduce)
            .says("Shows certificates of the campaign's to whoever has not heard of their holders.")
            .fails(refused([NOT_SIGNED, TOO_LARGE, BUSY])),
        post("/device/greet", AnyDevice, greet::greet)
            .says("A nonce to sign the next requests with.")
            .fails(refused([UNKNOWN_DEVICE, DEVICE_REVOKED, FUTURE_PROTOCOL])),
        post("/device/hello", Enrolled(Line::Short), hello::hello)
            .says("How far a log goes; back comes how far it is held, the time, the feeds, the rules."),
        post("/device/push", Enrolled(Line::Push), push::push)
            .says("A contiguous, sealed range of the device's own log. The receipt is signed after it is on disk.")
            .fails(refused([HOLE, BAD_SEAL])),
        post("/device/pull", Enrolled(Line::Pull), pull::pull)
            .says("A page of the feed of the device's area, behind its cursor.")
            .fails(refused([FEED_NOT_YOURS, FEED_CHANGED])),
        post("/device/segments", Enrolled(Line::Short), segment::announce)
            .says("Which files there are of the feed behind a cursor.")
            .fails(refused([FEED_NOT_YOURS, FEED_CHANGED])),
        get("/device/segment/{sha256}", Enrolled(Line::Short), segment::file)
            .says("A file of a feed, whole or in ranges. Another area's file is not found."),
        post("/device/snapshot", Enrolled(Line::Short), snapshot::announce)
            .says("Where a whole feed lies as one file, for laptops of earlier versions.")
            .fails(refused([FEED_NOT_YOURS, NOT_FOUND, STORE_FULL])),
        get("/device/snapshot/{sha256}", Enrolled(Line::Short), snapshot::file)
            .says("The file itself, whole or in ranges. Another area's file is not found."),
        post("/device/stick-recipients", Enrolled(Line::Short), recipients::recipients)
            .says("The servers that sticks are sealed to, signed by the campaign."),
        post("/device/prior", Enrolled(Line::Pull), prior::announce)
            .says("The filters of prior doses in force, with the key they are asked with.")
            .fails(refused([NOT_FOUND])),
        get("/device/prior/{sha256}", Enrolled(Line::Pull), prior::file)
            .says("A segment of a filter, whole or in ranges."),
        post("/device/fetch", Enrolled(Line::Fetch), fetch::fetch)
            .says("Visitors from elsewhere, by id. Every look is written down.")
            .fails(refused([TOO_LARGE, MALFORMED])),
    ]
}

fn hub() -> Vec<Endpoint> {
    vec![
        post("/hub/enrol", AnyDevice, hub::enrol::enrol)
            .says("Joins the campaign as a hub, with a one-time code made for one.")
            .fails(refused([CODE_UNKNOWN, CODE_EXPIRED, BUSY, NOT_AT_A_HUB])),
        post("/hub/hello", EnrolledHub(Line::Short), hub::hello::hello)
            .says("Which logs a hub holds; back come receipts for its laptops, feeds, rules, and who ended."),
        post("/hub/push", EnrolledHub(Line::Push), hub::push::push)
            .says("A stretch of a laptop's log as the hub got it, under the laptop's own seals.")
            .fails(refused([HOLE, BAD_SEAL])),
    ]
}

fn watch() -> Vec<Endpoint> {
    vec![
        get("/healthz", Open, health::healthz).says("Whether the server lives, and whether it is of use."),
        get("/metrics", Open, health::metrics).says("Figures, with codes for labels."),
        get("/openapi.json", Open, openapi::document).says("This document."),
    ]
}
