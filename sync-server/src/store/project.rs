//! ⑩ ⑪ One step of the projector, inside its transaction: read what arrived, draw whom it touches, raise what
//! cannot stand, and put everything into the feeds it belongs to. Everything is asked and written for the whole
//! batch at once, so that a step costs some dozens of statements however many entries it takes.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::conflict::Fork;
use shared_model::envelope::Said;
use shared_model::ids::{CitizenId, DeviceId, StatementId};
use shared_model::rules::Rulebook;
use shared_model::statement::{Subject, kind};
use shared_model::time::Moment;

use super::StoreError;
use super::conn::Conn;
use super::rows::{Kept, Progress, Testimony};
use super::tables::case::Raised;
use super::tables::citizen::{Claim, Line, PlainCard};
use super::tables::feed::{Additions, FeedKey};
use super::tables::{case, citizen, device, feed, log, meta, prior, statement};
use super::value::{Value, values};
use crate::intake::apply::{self, CitizenRow, Drawn};
use crate::intake::raise;

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

/// Under other rules other doses clash: everybody is drawn again, a few at a time.
pub(super) async fn rules_changed(conn: &Conn<'_>, rules: &Rulebook) -> Result<(), StoreError> {
    let ids: Vec<u8> = rules.bundles().iter().flat_map(|bundle| bundle.id().0).collect();
    if meta::bytes(conn, meta::RULES).await?.as_ref() == Some(&ids) {
        return Ok(());
    }
    let sql = "INSERT INTO stale (card) SELECT card FROM citizen WHERE 1 = 1 ON CONFLICT DO NOTHING";
    conn.write(sql, Vec::new()).await?;
    meta::put(conn, meta::RULES, ids).await
}

pub(super) async fn progress(conn: &Conn<'_>) -> Result<Progress, StoreError> {
    let projected_to = meta::number(conn, meta::PROJECTED_TO).await?.unwrap_or(0);
    let newest = conn.count("SELECT max(lseq) FROM entry", Vec::new()).await?;
    let stale = conn.count("SELECT count(*) FROM stale", Vec::new()).await?;
    let stale = stale + conn.count("SELECT count(*) FROM stale_device", Vec::new()).await?;
    let behind = newest.saturating_sub(u64::try_from(projected_to).unwrap_or(0)) + stale;
    Ok(Progress { projected_to, behind, citizens_touched: 0 })
}

pub(super) async fn project(conn: &Conn<'_>, rules: &Rulebook, entries_max: usize) -> Result<Progress, StoreError> {
    let cursor = meta::number(conn, meta::PROJECTED_TO).await?.unwrap_or(0);
    let mut touched = Touched::default();
    let reached = read_on(conn, cursor, entries_max, &mut touched).await?;
    take_stale(conn, entries_max, &mut touched).await?;
    let drawn_again = draw_touched(conn, rules, &mut touched).await?;
    feed::append(conn, &touched.additions).await?;
    meta::put_number(conn, meta::PROJECTED_TO, reached).await?;
    Ok(Progress { citizens_touched: drawn_again, ..progress(conn).await? })
}

/// Enters what arrived in the indexes and notes whom it touches.
async fn read_on(conn: &Conn<'_>, cursor: i64, max: usize, touched: &mut Touched) -> Result<i64, StoreError> {
    let (arrived, reached) = statement::entries_after(conn, cursor, max).await?;
    touched.devices.extend(arrived.iter().filter(|entry| entry.on_a_branch).map(|entry| entry.device));
    let believed = arrived.into_iter().filter_map(|entry| entry.kept).collect();
    let mut of_nobody = Vec::new();
    for (kept, cards) in statement::index(conn, believed).await? {
        if cards.is_empty() {
            of_nobody.push(kept);
        } else if kept.said.header.kind == kind::DOSE_GIVEN {
            for card in cards {
                touched.doses_only.entry(card).or_default().push(kept.clone());
            }
        } else {
            touched.cards.extend(cards);
        }
    }
    about_no_citizen(conn, &of_nobody, touched).await?;
    Ok(reached)
}

/// What is said of a device or a session goes where it was said, and to the device it is said of.
async fn about_no_citizen(conn: &Conn<'_>, said: &[Kept], touched: &mut Touched) -> Result<(), StoreError> {
    let concerned = |kept: &Kept| {
        let subject = match kept.said.header.subject {
            Subject::Device(device) => Some(device),
            _ => None,
        };
        (kept.said.header.device, subject)
    };
    let devices = said.iter().map(concerned).flat_map(|(one, other)| [Some(one), other]).flatten().collect();
    let places = Places::of(conn, &devices).await?;
    for kept in said {
        let (speaker, subject) = concerned(kept);
        touched.devices.extend(subject);
        for feed in [Some(speaker), subject].into_iter().flatten().filter_map(|device| places.feed_of(device)) {
            touched.additions.entry(feed).or_default().insert(kept.lseq, kept.said.id);
        }
    }
    Ok(())
}

/// Where devices are at home, and the feeds of those areas.
#[derive(Default)]
struct Places {
    areas: BTreeMap<DeviceId, String>,
    feeds: BTreeMap<String, FeedKey>,
}

impl Places {
    async fn of(conn: &Conn<'_>, devices: &BTreeSet<DeviceId>) -> Result<Self, StoreError> {
        if devices.is_empty() {
            return Ok(Self::default());
        }
        let areas = device::areas_of(conn, devices).await?;
        let named = areas.values().filter(|area| !area.is_empty()).cloned().collect();
        Ok(Self { feeds: feed::keys_of(conn, &named).await?, areas })
    }

    fn area_of(&self, device: DeviceId) -> &str {
        self.areas.get(&device).map(String::as_str).unwrap_or_default()
    }

    fn feed_of(&self, device: DeviceId) -> Option<FeedKey> {
        self.feeds.get(self.area_of(device)).copied()
    }
}

async fn take_stale(conn: &Conn<'_>, max: usize, touched: &mut Touched) -> Result<(), StoreError> {
    let cards: Vec<CitizenId> = conn
        .all("SELECT card FROM stale ORDER BY card LIMIT ?1", values![max], |row| Ok(CitizenId(row.get(0)?)))
        .await?;
    if !cards.is_empty() {
        let params = vec![Value::blobs(cards.iter().map(|card| card.0))];
        conn.write("DELETE FROM stale WHERE card IN rarray(?1)", params).await?;
    }
    let devices: Vec<DeviceId> =
        conn.all("SELECT device FROM stale_device", Vec::new(), |row| Ok(DeviceId(row.get(0)?))).await?;
    if !devices.is_empty() {
        let params = vec![Value::blobs(devices.iter().map(|device| device.0))];
        conn.write("DELETE FROM stale_device WHERE device IN rarray(?1)", params).await?;
    }
    touched.cards.extend(cards);
    touched.devices.extend(devices);
    Ok(())
}

async fn draw_touched(conn: &Conn<'_>, rules: &Rulebook, touched: &mut Touched) -> Result<usize, StoreError> {
    let count = touched.cards.len() + touched.doses_only.len();
    let doses_only = std::mem::take(&mut touched.doses_only);
    let (drawn_whole, doses_only) = doses_only.into_iter().partition(|(card, _)| touched.cards.contains(card));
    let drawn_whole: BTreeMap<CitizenId, Vec<Kept>> = drawn_whole;
    touched.cards.extend(drawn_whole.into_keys());
    let left_over = lone_doses(conn, rules, doses_only, &mut touched.additions).await?;
    touched.cards.extend(left_over);
    let cards = std::mem::take(&mut touched.cards);
    let drawn = draw_all(conn, rules, &cards, &mut touched.additions).await?;
    raise_all(conn, rules, &drawn).await?;
    for device in std::mem::take(&mut touched.devices) {
        raise_device(conn, device).await?;
    }
    Ok(count)
}

/// The fast road: doses of cards of which nothing but doses and registrations was ever said.
/// No document is opened. Tells which cards need the whole road.
async fn lone_doses(
    conn: &Conn<'_>,
    rules: &Rulebook,
    mut arrived: BTreeMap<CitizenId, Vec<Kept>>,
    additions: &mut Additions,
) -> Result<BTreeSet<CitizenId>, StoreError> {
    if arrived.is_empty() {
        return Ok(BTreeSet::new());
    }
    let cards = arrived.keys().copied().collect();
    let mut lines = citizen::plain_cards(conn, &cards).await?;
    let feeds = feed::feeds_of(conn, &cards).await?;
    let speakers = arrived.values().flatten().map(|kept| kept.said.header.device).collect();
    let places = Places::of(conn, &speakers).await?;
    let mut whole_road = BTreeSet::new();
    arrived.retain(|card, doses| {
        let known = feeds.get(card);
        // Spoken of at a new place: the whole story goes there.
        let mut places = doses.iter().filter_map(|kept| places.feed_of(kept.said.header.device));
        let at_home = places.all(|feed| known.is_some_and(|known| known.contains(&feed)));
        let alone =
            lines.contains_key(card) && at_home && doses.iter().all(|kept| apply::plain_dose(&kept.said).is_some());
        if !alone {
            whole_road.insert(*card);
        }
        alone
    });
    lines.retain(|card, _| arrived.contains_key(card));
    let before = statement::doses_of(conn, &arrived.keys().copied().collect()).await?;
    let mut fresh = Vec::new();
    let mut raised = Raised::default();
    for (card, kept) in &arrived {
        let Some(line) = lines.get_mut(card) else { continue };
        let known = before.get(card).into_iter().flatten();
        let mut doses: Vec<_> = known.filter_map(|kept| apply::plain_dose(&kept.said)).collect();
        for kept in kept {
            let Some(new) = apply::plain_dose(&kept.said) else { continue };
            doses.push(new.clone());
            raised.received.insert(new.statement, kept.received_at);
            raised.cases.extend(raise::lone_dose(doses.clone(), &new, line.born, kept.received_at, rules));
            line.doses_given = line.doses_given.saturating_add(1);
            line.last_given_at = line.last_given_at.max(Some(new.given_at));
            fresh.push((kept.lseq, new));
            for feed in feeds.get(card).into_iter().flatten() {
                additions.entry(*feed).or_default().insert(kept.lseq, kept.said.id);
            }
        }
    }
    let fresh: Vec<_> = fresh.iter().map(|(lseq, dose)| (*lseq, dose)).collect();
    citizen::put_doses(conn, &fresh).await?;
    let counts: BTreeMap<CitizenId, PlainCard> = lines;
    citizen::count_doses(conn, counts).await?;
    case::put(conn, &raised).await?;
    Ok(whole_road)
}

/// The whole road, first half: draws everyone among these cards and writes it down.
async fn draw_all(
    conn: &Conn<'_>,
    rules: &Rulebook,
    cards: &BTreeSet<CitizenId>,
    additions: &mut Additions,
) -> Result<Vec<(Testimony, Vec<Drawn>)>, StoreError> {
    if cards.is_empty() {
        return Ok(Vec::new());
    }
    let mut drawn = Vec::new();
    let mut undrawn = Vec::new();
    for (testimony, people) in apply::draw_each(statement::testimonies(conn, cards).await?, rules) {
        match people {
            Ok(people) => drawn.push((testimony, people)),
            Err(wrong) => {
                // The last picture stays; every statement still goes to the laptops.
                tracing::error!(card = ?testimony.cards.first(), error = %wrong, "a record was left as it was");
                undrawn.push(testimony);
            }
        }
    }
    let cards_drawn = drawn.iter().flat_map(|(testimony, _)| testimony.cards.iter().copied()).collect();
    let cards_undrawn: Vec<_> = undrawn.iter().flat_map(doses_ever_said).collect();
    prior::note_undrawn(conn, &cards_drawn, &cards_undrawn).await?;
    let speakers = drawn.iter().map(|(testimony, _)| testimony).chain(&undrawn).flat_map(speakers).collect();
    let places = Places::of(conn, &speakers).await?;
    let homes = write_people(conn, &drawn, &places).await?;
    let told: Vec<&Testimony> = drawn.iter().map(|(testimony, _)| testimony).chain(&undrawn).collect();
    spread(conn, &told, &places, &homes, additions).await?;
    Ok(drawn)
}

/// Withdrawn or not, on whichever of the cards.
fn doses_ever_said(testimony: &Testimony) -> impl Iterator<Item = (CitizenId, u32)> {
    let doses = testimony.kept.values().filter(|kept| kept.said.header.kind == kind::DOSE_GIVEN).count();
    let doses = u32::try_from(doses).unwrap_or(u32::MAX);
    testimony.cards.iter().filter(move |_| doses > 0).map(move |card| (*card, doses))
}

fn speakers(testimony: &Testimony) -> impl Iterator<Item = DeviceId> {
    testimony.kept.values().map(|kept| kept.said.header.device)
}

/// Writes the drawn people down and tells the areas their cards are at home in.
async fn write_people(
    conn: &Conn<'_>,
    drawn: &[(Testimony, Vec<Drawn>)],
    places: &Places,
) -> Result<BTreeMap<CitizenId, String>, StoreError> {
    let cards = drawn.iter().flat_map(|(testimony, _)| testimony.cards.iter().copied()).collect();
    citizen::clear(conn, &cards).await?;
    let people = || drawn.iter().flat_map(|(testimony, people)| people.iter().map(move |one| (testimony, one)));
    let rows = people().flat_map(|(testimony, one)| {
        // A card of a crowd is drawn alone, whatever its links say.
        one.citizen_rows(testimony).into_iter().filter(|row| testimony.cards.contains(&row.card))
    });
    let rows: Vec<CitizenRow> = rows.collect();
    let units = rows.iter().map(|row| row.unit.as_str()).filter(|unit| !unit.is_empty()).collect();
    let areas = device::areas_among(conn, &units).await?;
    let mut homes = BTreeMap::new();
    let mut lines = Vec::with_capacity(rows.len());
    for citizen in rows {
        let first_area = citizen.first_device.map_or("", |device| places.area_of(device)).to_owned();
        let home_area = if areas.contains(&citizen.unit) { citizen.unit.clone() } else { first_area.clone() };
        homes.insert(citizen.card, home_area.clone());
        lines.push(Line { citizen, first_area, home_area });
    }
    citizen::put(conn, &lines).await?;
    let identifiers = people().flat_map(|(testimony, one)| one.identifier_rows(testimony)).collect();
    citizen::put_identifiers(conn, &identifiers).await?;
    let mut doses = Vec::new();
    for (testimony, one) in people() {
        let lseq = |statement: StatementId| testimony.kept.get(&statement).map_or(0, |kept| kept.lseq);
        doses.extend(one.doses().iter().map(|dose| (lseq(dose.statement), dose)));
    }
    citizen::put_doses(conn, &doses).await?;
    Ok(homes)
}

/// A person's whole story goes to where each card is at home and to wherever any of them was spoken of.
async fn spread(
    conn: &Conn<'_>,
    told: &[&Testimony],
    places: &Places,
    homes: &BTreeMap<CitizenId, String>,
    additions: &mut Additions,
) -> Result<(), StoreError> {
    let named = homes.values().filter(|area| !area.is_empty()).cloned().collect();
    let home_feeds = feed::keys_of(conn, &named).await?;
    let cards = told.iter().flat_map(|testimony| testimony.cards.iter().copied()).collect();
    let known = feed::feeds_of(conn, &cards).await?;
    let mut new = BTreeSet::new();
    for testimony in told {
        let mut feeds: BTreeSet<FeedKey> = speakers(testimony).filter_map(|device| places.feed_of(device)).collect();
        for card in &testimony.cards {
            feeds.extend(homes.get(card).and_then(|home| home_feeds.get(home)));
            feeds.extend(known.get(card).into_iter().flatten());
        }
        for feed in feeds {
            let missing = |card: &&CitizenId| !known.get(card).is_some_and(|known| known.contains(&feed));
            new.extend(testimony.cards.iter().filter(missing).map(|card| (*card, feed)));
            let entries = additions.entry(feed).or_default();
            entries.extend(testimony.kept.values().map(|kept| (kept.lseq, kept.said.id)));
        }
    }
    feed::add_feeds_of(conn, &new).await
}

/// The whole road, second half: with everybody's identifiers in place, what cannot stand together.
async fn raise_all(conn: &Conn<'_>, rules: &Rulebook, drawn: &[(Testimony, Vec<Drawn>)]) -> Result<(), StoreError> {
    if drawn.is_empty() {
        return Ok(());
    }
    let claims = |testimony, one: &Drawn| -> BTreeSet<Claim> {
        one.identifier_rows(testimony).into_iter().map(|row| (row.register.number(), row.value)).collect()
    };
    let all = drawn.iter().flat_map(|(testimony, people)| people.iter().flat_map(|one| claims(testimony, one)));
    let holders = citizen::holders_of(conn, &all.collect()).await?;
    let mut raised = Raised::default();
    let mut cards: BTreeSet<CitizenId> = BTreeSet::new();
    for (testimony, people) in drawn {
        cards.extend(&testimony.cards);
        let received: BTreeMap<StatementId, Moment> = apply::received(testimony);
        for one in people {
            let crowds = claims(testimony, one);
            let crowds: Vec<_> = crowds.iter().filter_map(|claim| holders.get(claim).cloned()).collect();
            raised.cases.extend(raise::cases(one, &crowds, &received, rules));
        }
        raised.received.extend(received);
    }
    case::put_all(conn, &cards, &raised).await
}

async fn raise_device(conn: &Conn<'_>, device: DeviceId) -> Result<(), StoreError> {
    let forks = log::forks(conn, device).await?.into_iter();
    let forks = forks.map(|fork| Fork { first: fork.first, second: fork.second });
    let about: Vec<Said> = statement::about_device(conn, device).await?.into_iter().map(|kept| kept.said).collect();
    let cases = raise::device_cases(forks, &about);
    case::put(conn, &Raised { cases, device: Some(device), received: BTreeMap::new() }).await
}

/// Forgets every conclusion and draws them all again. Feeds keep their numbers; what they lack is added.
pub(super) async fn rebuild(conn: &Conn<'_>, rules: &Rulebook) -> Result<(), StoreError> {
    statement::forget(conn).await?;
    citizen::forget(conn).await?;
    case::forget(conn).await?;
    prior::forget(conn).await?;
    conn.write("DELETE FROM stale", Vec::new()).await?;
    conn.write("DELETE FROM stale_device", Vec::new()).await?;
    let mut touched = Touched::default();
    let mut cursor = 0;
    loop {
        let reached = read_on(conn, cursor, REBUILD_CHUNK, &mut touched).await?;
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
        draw_all(conn, rules, &chunk.iter().copied().collect(), &mut touched.additions).await?;
    }
    // With everybody's identifiers in place.
    for chunk in cards.chunks(REBUILD_CHUNK) {
        let testimonies = statement::testimonies(conn, &chunk.iter().copied().collect()).await?;
        let drawn = apply::draw_each(testimonies, rules).into_iter();
        let drawn: Vec<_> = drawn.map(|(testimony, people)| (testimony, people.unwrap_or_default())).collect();
        raise_all(conn, rules, &drawn).await?;
    }
    for device in log::devices_ever(conn).await? {
        raise_device(conn, device).await?;
    }
    feed::append(conn, &touched.additions).await?;
    meta::put_number(conn, meta::PROJECTED_TO, cursor).await
}
