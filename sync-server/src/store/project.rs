//! ⑩ ⑪ One step of the projector, inside its transaction: read what arrived, draw whom it touches, raise what
//! cannot stand, and put everything into the feeds it belongs to. Everything is asked and written for the whole
//! batch at once, so that a step costs some dozens of statements however many entries it takes.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{try_join, try_join4};
use shared_model::conflict::Fork;
use shared_model::envelope::Said;
use shared_model::ids::{CitizenId, DeviceId, StatementId};
use shared_model::record::Dose;
use shared_model::rules::Rulebook;
use shared_model::statement::{Subject, kind};
use shared_model::time::Moment;

use super::StoreError;
use super::ahead::Ahead;
use super::conn::Conn;
use super::rows::{Kept, Progress, Testimony};
use super::tables::case::Raised;
use super::tables::citizen::{Claim, Line, PlainCard};
use super::tables::feed::{Additions, FeedKey};
use super::tables::statement::{Arrived, Indexed, Newcomers};
use super::tables::{case, citizen, device, feed, log, meta, prior, statement};
use super::value::{Value, values};
use crate::intake::apply::{self, CitizenRow, Drawn};
use crate::intake::drawing::{Drawings, draw_each};
use crate::intake::raise;

/// People a rebuild draws before it lets go of their documents.
const REBUILD_CHUNK: usize = 256;

/// What a batch of entries asks to be drawn again.
#[derive(Default)]
struct Touched {
    /// Cards of which only doses arrived, with the numbers of those.
    doses_only: BTreeMap<CitizenId, Vec<i64>>,
    /// Cards of which something else arrived.
    cards: BTreeSet<CitizenId>,
    devices: BTreeSet<DeviceId>,
    additions: Additions,
    /// What arrived, by its number.
    at_hand: BTreeMap<i64, Kept>,
    newcomers: Newcomers,
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

/// A step that was taken.
pub(super) struct Step {
    pub(super) progress: Progress,
    pub(super) leftovers: Leftovers,
}

/// What a step worked with, to be let go of where nobody waits: taking so many people apart is a tenth of the work.
pub(super) struct Leftovers {
    _drawn: Vec<(Testimony, Vec<Drawn>)>,
    _touched: Touched,
}

/// One step. `ahead` is what somebody read for it, if anybody did; `more` is called with the place from which the next
/// step will read on, where this one was full.
pub(super) async fn project(
    conn: &Conn<'_>,
    rules: &Rulebook,
    entries_max: usize,
    ahead: Option<Ahead>,
    more: impl FnOnce(i64),
) -> Result<Step, StoreError> {
    let cursor = meta::number(conn, meta::PROJECTED_TO).await?.unwrap_or(0);
    let ahead = match ahead.filter(|ahead| ahead.after == cursor && ahead.reached > cursor) {
        Some(ahead) => ahead,
        None => Ahead::of(cursor, statement::entries_after(conn, cursor, entries_max).await?),
    };
    let Ahead { reached, arrived, drawings, .. } = ahead;
    if arrived.len() >= entries_max {
        more(reached);
    }
    let mut touched = Touched::default();
    enter(conn, arrived, &mut touched).await?;
    take_stale(conn, entries_max, &mut touched).await?;
    let (drawn_again, drawn) = draw_touched(conn, rules, drawings, &mut touched).await?;
    let raised = raise_all(conn, rules, &drawn, &touched.newcomers);
    try_join(raised, feed::append(conn, &touched.additions, cursor)).await?;
    for device in std::mem::take(&mut touched.devices) {
        raise_device(conn, device).await?;
    }
    meta::put_number(conn, meta::PROJECTED_TO, reached).await?;
    let progress = Progress { citizens_touched: drawn_again, ..progress(conn).await? };
    Ok(Step { progress, leftovers: Leftovers { _drawn: drawn, _touched: touched } })
}

/// Enters what arrived in the indexes and notes whom it touches.
async fn enter(conn: &Conn<'_>, arrived: Vec<Arrived>, touched: &mut Touched) -> Result<(), StoreError> {
    touched.devices.extend(arrived.iter().filter(|entry| entry.on_a_branch).map(|entry| entry.device));
    let believed = arrived.into_iter().filter_map(|entry| entry.kept).collect();
    let Indexed { fresh, newcomers } = statement::index(conn, believed).await?;
    touched.newcomers = newcomers;
    let mut of_nobody = Vec::new();
    for (kept, cards) in fresh {
        if cards.is_empty() {
            of_nobody.push(kept);
            continue;
        }
        if kept.said.header.kind == kind::DOSE_GIVEN {
            for card in cards {
                touched.doses_only.entry(card).or_default().push(kept.lseq);
            }
        } else {
            touched.cards.extend(cards);
        }
        touched.at_hand.insert(kept.lseq, kept);
    }
    about_no_citizen(conn, &of_nobody, touched).await
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

async fn draw_touched(
    conn: &Conn<'_>,
    rules: &Rulebook,
    drawings: Drawings,
    touched: &mut Touched,
) -> Result<(usize, Vec<(Testimony, Vec<Drawn>)>), StoreError> {
    let doses_only = std::mem::take(&mut touched.doses_only);
    let count = touched.cards.len() + doses_only.len();
    let (drawn_whole, doses_only): (BTreeMap<_, _>, BTreeMap<_, _>) = doses_only
        .into_iter()
        .partition(|(card, _)| touched.cards.contains(card) || touched.newcomers.contains_key(card));
    touched.cards.extend(drawn_whole.into_keys());
    let left_over = lone_doses(conn, rules, doses_only, touched).await?;
    touched.cards.extend(left_over);
    let cards = std::mem::take(&mut touched.cards);
    Ok((count, draw_all(conn, rules, &cards, drawings, touched).await?))
}

/// The fast road: doses of cards of which nothing but doses and registrations was ever said.
/// No document is opened. Tells which cards need the whole road.
async fn lone_doses(
    conn: &Conn<'_>,
    rules: &Rulebook,
    arrived: BTreeMap<CitizenId, Vec<i64>>,
    touched: &mut Touched,
) -> Result<BTreeSet<CitizenId>, StoreError> {
    if arrived.is_empty() {
        return Ok(BTreeSet::new());
    }
    let Touched { at_hand, additions, .. } = touched;
    let said = |numbers: Vec<i64>| numbers.iter().filter_map(|lseq| at_hand.get(lseq)).collect();
    let mut arrived: BTreeMap<CitizenId, Vec<&Kept>> =
        arrived.into_iter().map(|(card, numbers)| (card, said(numbers))).collect();
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
    drawings: Drawings,
    touched: &mut Touched,
) -> Result<Vec<(Testimony, Vec<Drawn>)>, StoreError> {
    if cards.is_empty() {
        return Ok(Vec::new());
    }
    let Touched { at_hand, newcomers, additions, .. } = touched;
    let testimonies = statement::testimonies(conn, cards, std::mem::take(at_hand), newcomers).await?;
    let mut drawn = Vec::new();
    let mut undrawn = Vec::new();
    for (testimony, people) in draw_each(testimonies, drawings, rules) {
        match people {
            Ok(people) => drawn.push((testimony, people)),
            Err(wrong) => {
                // The last picture stays; every statement still goes to the laptops.
                tracing::error!(card = ?testimony.cards.first(), error = %wrong, "a record was left as it was");
                undrawn.push(testimony);
            }
        }
    }
    let told: Vec<&Testimony> = drawn.iter().map(|(testimony, _)| testimony).chain(&undrawn).collect();
    let met_before = cards_of(told.iter().copied()).filter(|card| !newcomers.contains_key(card)).collect();
    let cards_undrawn: Vec<_> = undrawn.iter().flat_map(doses_ever_said).collect();
    prior::note_undrawn(conn, &met_before, &cards_undrawn).await?;
    let places = Places::of(conn, &told.iter().copied().flat_map(speakers).collect()).await?;
    let drawn_before = cards_of(drawn.iter().map(|(testimony, _)| testimony));
    citizen::clear(conn, &drawn_before.filter(|card| met_before.contains(card)).collect()).await?;
    let known = feed::feeds_of(conn, &met_before).await?;
    let (lines, homes) = lines_of(conn, &drawn, &places).await?;
    let new = spread(conn, &told, &known, &places, &homes, additions).await?;
    let identifiers = people(&drawn).flat_map(|(testimony, one)| one.identifier_rows(testimony)).collect();
    let doses: Vec<_> = people(&drawn).flat_map(|(testimony, one)| doses_of(testimony, one)).collect();
    // Asked for together, so that one is put into words while the engine is busy with the other.
    try_join4(
        citizen::put(conn, &lines),
        citizen::put_identifiers(conn, &identifiers),
        citizen::put_doses(conn, &doses),
        feed::add_feeds_of(conn, &new),
    )
    .await?;
    Ok(drawn)
}

fn people(drawn: &[(Testimony, Vec<Drawn>)]) -> impl Iterator<Item = (&Testimony, &Drawn)> {
    drawn.iter().flat_map(|(testimony, people)| people.iter().map(move |one| (testimony, one)))
}

/// Each with the number of the entry that brought it.
fn doses_of<'a>(testimony: &'a Testimony, one: &'a Drawn) -> impl Iterator<Item = (i64, &'a Dose)> {
    let lseq = |statement: StatementId| testimony.kept.get(&statement).map_or(0, |kept| kept.lseq);
    one.doses().iter().map(move |dose| (lseq(dose.statement), dose))
}

fn cards_of<'a>(testimonies: impl Iterator<Item = &'a Testimony>) -> impl Iterator<Item = CitizenId> {
    testimonies.flat_map(|testimony| testimony.cards.iter().copied())
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

/// The lines of the drawn people, and the areas their cards are at home in.
async fn lines_of(
    conn: &Conn<'_>,
    drawn: &[(Testimony, Vec<Drawn>)],
    places: &Places,
) -> Result<(Vec<Line>, BTreeMap<CitizenId, String>), StoreError> {
    let rows = people(drawn).flat_map(|(testimony, one)| {
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
    Ok((lines, homes))
}

/// A person's whole story goes to where each card is at home and to wherever any of them was spoken of. Tells which
/// feeds are new to which cards.
async fn spread(
    conn: &Conn<'_>,
    told: &[&Testimony],
    known: &BTreeMap<CitizenId, BTreeSet<FeedKey>>,
    places: &Places,
    homes: &BTreeMap<CitizenId, String>,
    additions: &mut Additions,
) -> Result<BTreeSet<(CitizenId, FeedKey)>, StoreError> {
    let named = homes.values().filter(|area| !area.is_empty()).cloned().collect();
    let home_feeds = feed::keys_of(conn, &named).await?;
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
    Ok(new)
}

/// The whole road, second half: with everybody's identifiers in place, what cannot stand together.
async fn raise_all(
    conn: &Conn<'_>,
    rules: &Rulebook,
    drawn: &[(Testimony, Vec<Drawn>)],
    newcomers: &Newcomers,
) -> Result<(), StoreError> {
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
        cards.extend(testimony.cards.iter().filter(|card| !newcomers.contains_key(card)));
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
        let Ahead { reached, arrived, .. } =
            Ahead::of(cursor, statement::entries_after(conn, cursor, REBUILD_CHUNK).await?);
        if reached == cursor {
            break;
        }
        enter(conn, arrived, &mut touched).await?;
        // Whom a dose touches is drawn whole here, from what is read then: it would not all fit.
        touched.cards.extend(std::mem::take(&mut touched.doses_only).into_keys());
        touched.at_hand.clear();
        touched.newcomers.clear();
        cursor = reached;
    }
    let cards: Vec<CitizenId> = std::mem::take(&mut touched.cards).into_iter().collect();
    for chunk in cards.chunks(REBUILD_CHUNK) {
        let cards = chunk.iter().copied().collect();
        draw_all(conn, rules, &cards, Drawings::default(), &mut touched).await?;
    }
    // With everybody's identifiers in place.
    for chunk in cards.chunks(REBUILD_CHUNK) {
        let (cards, none) = (chunk.iter().copied().collect(), Newcomers::new());
        let testimonies = statement::testimonies(conn, &cards, BTreeMap::new(), &none).await?;
        let drawn = draw_each(testimonies, Drawings::default(), rules).into_iter();
        let drawn: Vec<_> = drawn.map(|(testimony, people)| (testimony, people.unwrap_or_default())).collect();
        raise_all(conn, rules, &drawn, &none).await?;
    }
    for device in log::devices_ever(conn).await? {
        raise_device(conn, device).await?;
    }
    // Feeds outlive a rebuild: any entry may be in one.
    feed::append(conn, &touched.additions, cursor).await?;
    meta::put_number(conn, meta::PROJECTED_TO, cursor).await
}
