//! ⑩ ⑪ One step of the projector, inside the writer's transaction: read what arrived, draw whom it
//! touches, raise what cannot stand, and put everything into the feeds it belongs to.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};
use shared_model::conflict::Fork;
use shared_model::envelope::Said;
use shared_model::ids::{CitizenId, DeviceId};
use shared_model::rules::Rulebook;
use shared_model::statement::{Subject, kind};

use super::feed::{self, Additions, FeedKey};
use super::sql::{all, count, meta, write};
use super::{case, citizen, device, log, statement};
use crate::intake::apply::{self, Drawn};
use crate::intake::raise;
use crate::store::StoreError;
use crate::store::rows::{Kept, Progress, Testimony};

const CURSOR: &str = "projected_to";
/// People a rebuild draws before it lets go of their documents.
const REBUILD_CHUNK: usize = 256;

/// What a batch of entries asks to be drawn again.
#[derive(Default)]
struct Touched {
    /// Cards of which only doses arrived, with those doses.
    doses_only: BTreeMap<CitizenId, Vec<Kept>>,
    /// Cards of which something else arrived.
    cards: BTreeSet<CitizenId>,
    devices: BTreeSet<DeviceId>,
    additions: Additions,
}

pub(super) fn progress(conn: &Connection) -> Result<Progress, StoreError> {
    let projected_to = meta::number(conn, CURSOR)?.unwrap_or(0);
    let newest = count(conn, "SELECT max(lseq) FROM entry", [])?;
    let stale = count(conn, "SELECT count(*) FROM stale", [])?;
    let behind = newest.saturating_sub(u64::try_from(projected_to).unwrap_or(0)) + stale;
    Ok(Progress { projected_to, behind, citizens_touched: 0 })
}

pub(super) fn project(conn: &Connection, rules: &Rulebook, entries_max: usize) -> Result<Progress, StoreError> {
    let cursor = meta::number(conn, CURSOR)?.unwrap_or(0);
    let mut touched = Touched::default();
    let reached = read_on(conn, cursor, entries_max, &mut touched)?;
    take_stale(conn, entries_max, &mut touched)?;
    let drawn_again = draw_touched(conn, rules, &mut touched)?;
    feed::append(conn, &touched.additions)?;
    meta::put(conn, CURSOR, reached)?;
    Ok(Progress { citizens_touched: drawn_again, ..progress(conn)? })
}

/// Enters what arrived in the indexes and notes whom it touches.
fn read_on(conn: &Connection, cursor: i64, max: usize, touched: &mut Touched) -> Result<i64, StoreError> {
    let (arrived, reached) = statement::entries_after(conn, cursor, max)?;
    for entry in arrived {
        if entry.on_a_branch {
            touched.devices.insert(entry.device);
        }
        let Some(kept) = entry.kept else { continue };
        let Some(cards) = statement::index(conn, &kept)? else { continue };
        if cards.is_empty() {
            about_no_citizen(conn, &kept, touched)?;
        }
        let is_dose = kept.said.header.kind == kind::DOSE_GIVEN;
        for card in cards {
            if is_dose {
                touched.doses_only.entry(card).or_default().push(kept.clone());
            } else {
                touched.cards.insert(card);
            }
        }
    }
    Ok(reached)
}

/// What is said of a device or a session goes where it was said, and to the device it is said of.
fn about_no_citizen(conn: &Connection, kept: &Kept, touched: &mut Touched) -> Result<(), StoreError> {
    let mut areas = BTreeSet::from([device::area_of(conn, kept.said.header.device)?]);
    if let Subject::Device(subject) = kept.said.header.subject {
        touched.devices.insert(subject);
        areas.insert(device::area_of(conn, subject)?);
    }
    for area in areas.into_iter().filter(|area| !area.is_empty()) {
        let key = feed::key_of(conn, &area)?;
        touched.additions.entry(key).or_default().insert(kept.lseq, kept.said.id);
    }
    Ok(())
}

fn take_stale(conn: &Connection, max: usize, touched: &mut Touched) -> Result<(), StoreError> {
    let sql = "SELECT card FROM stale ORDER BY card LIMIT ?1";
    let cards = all(conn, sql, [i64::try_from(max).unwrap_or(i64::MAX)], |row| Ok(CitizenId(row.get(0)?)))?;
    for card in cards {
        write(conn, "DELETE FROM stale WHERE card = ?1", [card.0])?;
        touched.cards.insert(card);
    }
    Ok(())
}

fn draw_touched(conn: &Connection, rules: &Rulebook, touched: &mut Touched) -> Result<usize, StoreError> {
    let count = touched.cards.len() + touched.doses_only.len();
    for (card, doses) in std::mem::take(&mut touched.doses_only) {
        if touched.cards.contains(&card) || !lone_doses(conn, rules, card, &doses, &mut touched.additions)? {
            touched.cards.insert(card);
        }
    }
    let cards = std::mem::take(&mut touched.cards);
    let mut drawn = Vec::new();
    draw_all(conn, rules, &cards, &mut touched.additions, |testimony, people| drawn.push((testimony, people)))?;
    for (testimony, people) in &drawn {
        raise_all(conn, rules, testimony, people)?;
    }
    for device in std::mem::take(&mut touched.devices) {
        raise_device(conn, device)?;
    }
    Ok(count)
}

/// The fast road: doses of a card of which nothing but doses and registrations was ever said.
/// No document is opened. False when the card needs the whole road.
fn lone_doses(
    conn: &Connection,
    rules: &Rulebook,
    card: CitizenId,
    arrived: &[Kept],
    additions: &mut Additions,
) -> Result<bool, StoreError> {
    let Some(line) = citizen::plain_card(conn, card)? else { return Ok(false) };
    if !line.plain {
        return Ok(false);
    }
    let feeds = feed::feeds_of(conn, card)?;
    for kept in arrived {
        let area = device::area_of(conn, kept.said.header.device)?;
        // Spoken of at a new place: the whole story goes there.
        if !area.is_empty() && !feeds.contains(&feed::key_of(conn, &area)?) {
            return Ok(false);
        }
    }
    let mut doses = Vec::new();
    for kept in statement::doses_of(conn, card)? {
        doses.extend(apply::plain_dose(&kept.said));
    }
    for kept in arrived {
        let Some(new) = apply::plain_dose(&kept.said) else { return Ok(false) };
        doses.push(new.clone());
        citizen::put_dose(conn, kept.lseq, &new)?;
        citizen::count_dose(conn, card, new.given_at)?;
        let received = BTreeMap::from([(new.statement, kept.received_at)]);
        for raised in raise::lone_dose(doses.clone(), &new, line.born, kept.received_at, rules) {
            case::put(conn, &raised, None, &received)?;
        }
        for feed in &feeds {
            additions.entry(*feed).or_default().insert(kept.lseq, kept.said.id);
        }
    }
    Ok(true)
}

/// The whole road, first half: draws everyone among these cards and writes it down.
fn draw_all(
    conn: &Connection,
    rules: &Rulebook,
    cards: &BTreeSet<CitizenId>,
    additions: &mut Additions,
    mut then: impl FnMut(Testimony, Vec<Drawn>),
) -> Result<(), StoreError> {
    let mut done = BTreeSet::new();
    for card in cards {
        if done.contains(card) {
            continue;
        }
        let testimony = statement::testimony(conn, *card)?;
        done.extend(testimony.cards.iter().copied());
        match apply::draw(&testimony, rules) {
            Ok(people) => {
                let homes = write_people(conn, &testimony, &people)?;
                spread(conn, &testimony, &homes, additions)?;
                then(testimony, people);
            }
            Err(wrong) => {
                // The last picture stays; every statement still goes to the laptops.
                tracing::error!(%card, error = %wrong, "a record was left as it was");
                spread(conn, &testimony, &BTreeSet::new(), additions)?;
            }
        }
    }
    Ok(())
}

/// Writes the drawn people down and tells the areas they are at home in.
fn write_people(conn: &Connection, testimony: &Testimony, people: &[Drawn]) -> Result<BTreeSet<String>, StoreError> {
    citizen::clear(conn, &testimony.cards)?;
    let mut homes = BTreeSet::new();
    for drawn in people {
        for row in drawn.citizen_rows(testimony) {
            homes.insert(citizen::put(conn, &row)?);
        }
        for row in drawn.identifier_rows(testimony) {
            citizen::put_identifier(conn, &row)?;
        }
        for dose in drawn.doses() {
            let lseq = testimony.kept.get(&dose.statement).map_or(0, |kept| kept.lseq);
            citizen::put_dose(conn, lseq, dose)?;
        }
    }
    Ok(homes)
}

/// A person's whole story goes to where each card is at home and to wherever any of them was spoken of.
fn spread(
    conn: &Connection,
    testimony: &Testimony,
    homes: &BTreeSet<String>,
    additions: &mut Additions,
) -> Result<(), StoreError> {
    let mut areas = homes.clone();
    for kept in testimony.kept.values() {
        areas.insert(device::area_of(conn, kept.said.header.device)?);
    }
    let mut feeds: BTreeSet<FeedKey> = BTreeSet::new();
    for area in areas.iter().filter(|area| !area.is_empty()) {
        feeds.insert(feed::key_of(conn, area)?);
    }
    for card in &testimony.cards {
        feeds.extend(feed::feeds_of(conn, *card)?);
    }
    for feed in feeds {
        for card in &testimony.cards {
            feed::add_feed_of(conn, *card, feed)?;
        }
        let entries = additions.entry(feed).or_default();
        entries.extend(testimony.kept.values().map(|kept| (kept.lseq, kept.said.id)));
    }
    Ok(())
}

/// The whole road, second half: with everybody's identifiers in place, what cannot stand together.
fn raise_all(conn: &Connection, rules: &Rulebook, testimony: &Testimony, people: &[Drawn]) -> Result<(), StoreError> {
    let received = apply::received(testimony);
    let mut cases = Vec::new();
    for drawn in people {
        let holders = citizen::holders(conn, drawn.cards())?;
        cases.extend(raise::cases(drawn, &holders, &received, rules));
    }
    case::put_all(conn, &testimony.cards, &cases, &received)
}

pub(super) fn raise_device(conn: &Connection, device: DeviceId) -> Result<(), StoreError> {
    let forks = log::forks(conn, device)?.into_iter().map(|fork| Fork { first: fork.first, second: fork.second });
    let about: Vec<Said> = statement::about_device(conn, device)?.into_iter().map(|kept| kept.said).collect();
    case::put_device(conn, device, &raise::device_cases(forks, &about))
}

/// Forgets every conclusion and draws them all again. Feeds keep their numbers; what they lack is added.
pub(super) fn rebuild(conn: &Connection, rules: &Rulebook) -> Result<(), StoreError> {
    statement::forget(conn)?;
    citizen::forget(conn)?;
    case::forget(conn)?;
    write(conn, "DELETE FROM stale", [])?;
    let mut touched = Touched::default();
    let mut cursor = 0;
    loop {
        let reached = read_on(conn, cursor, REBUILD_CHUNK, &mut touched)?;
        // Whom a dose touches is drawn whole here.
        let doses_only = std::mem::take(&mut touched.doses_only);
        touched.cards.extend(doses_only.into_keys());
        if reached == cursor {
            break;
        }
        cursor = reached;
    }
    let cards: Vec<CitizenId> = std::mem::take(&mut touched.cards).into_iter().collect();
    for chunk in cards.chunks(REBUILD_CHUNK) {
        draw_all(conn, rules, &chunk.iter().copied().collect(), &mut touched.additions, |_, _| {})?;
    }
    for card in &cards {
        let testimony = statement::testimony(conn, *card)?;
        if testimony.cards.first() == Some(card)
            && let Ok(people) = apply::draw(&testimony, rules)
        {
            raise_all(conn, rules, &testimony, &people)?;
        }
    }
    let sql = "SELECT DISTINCT device FROM fork UNION SELECT device FROM device";
    for device in all(conn, sql, params![], |row| Ok(DeviceId(row.get(0)?)))? {
        raise_device(conn, device)?;
    }
    feed::append(conn, &touched.additions)?;
    meta::put(conn, CURSOR, cursor)
}
