//! A day without a line is carried to the district, and what the district and the nation say about it comes home.

use std::fs;

use shared_model::time::MS_PER_HOUR;
use sync_server::stick::{Placed, Taken};
use world::sticks::{copied, file_in, fingerprint};
use world::{Hub, Team, World, astrazeneca};

const ALL: u8 = 0;
const NOT_ALL: u8 = 3;
const NOTHING: u8 = 4;

/// A hub, and a laptop enrolled after it that nobody reaches.
fn a_hub_and_a_lonely_laptop(world: &World) -> (Hub, Team) {
    let (hub, alley) = (world.hub("Trung tâm y tế quận 5"), world.laptop("hem 42"));
    alley.cut(true);
    (hub, alley)
}

fn gives(world: &World, team: &Team, people: usize) {
    (0..people).for_each(|n| drop(team.gives(&world.citizen(&format!("Lê Văn {n}"), "1970-01-01"), &astrazeneca(1))));
}

fn placed(taken: &Taken) -> Vec<Placed> {
    taken.sticks.iter().flat_map(|stick| stick.ranges.values().copied()).collect()
}

/// Statements here alone, at a hub and at the nation, as the screen counts them.
fn copies(team: &Team) -> (u32, u32, u32) {
    let today = team.desk.today().unwrap();
    (today.here_only, today.at_hub, today.at_nation)
}

#[test]
fn a_stick_read_at_a_hub_and_again_at_the_nation_doubles_nothing() {
    let world = World::seeded(240);
    let (hub, alley) = a_hub_and_a_lonely_laptop(&world);
    gives(&world, &alley, 3);
    let stick = world.stick("stick");
    let written = alley.writes_stick(&stick);
    assert_eq!((written.entries, written.readers.len()), (6, 2), "{:?}", written.readers);

    let taken = world.hub_takes_and_answers(&hub, &stick);
    assert_eq!((taken.exit_code(), placed(&taken)), (ALL, vec![Placed::Kept { fresh: 6, doubted: 0 }]));
    assert_eq!(taken.introduced.len(), 1, "the hub had not heard of the laptop");
    let home = alley.reads_stick(&stick);
    assert_eq!((home.national_to, home.held_to, home.head), (0, 6, 6), "one copy more, and no receipt of the nation");
    assert_eq!(home.files[0].hub.as_deref(), Some("Trung tâm y tế quận 5"));
    assert_eq!(copies(&alley), (0, 6, 0));

    assert_eq!(world.forwards(&hub).pushed, 6);
    assert_eq!(world.nation().dose_count(), 3);
    let taken = world.takes_and_answers(&stick);
    assert_eq!((taken.exit_code(), placed(&taken)), (ALL, vec![Placed::HeldAlready]));
    assert_eq!((world.nation().dose_count(), world.nation().open_cases()), (3, vec![]));

    // Both answers lie side by side, the hub's as it was.
    let home = alley.reads_stick(&stick);
    let words: Vec<_> = home.files.iter().map(|file| (file.hub.is_some(), file.words.clone())).collect();
    assert_eq!(words, [(true, vec!["again".to_owned()]), (false, vec!["answer".to_owned()])]);
    assert_eq!((home.national_to, copies(&alley)), (6, (0, 0, 6)));
    alley.cut(false);
    assert_eq!(alley.syncs().pushed, 0);
}

#[test]
fn a_hubs_answer_brings_the_nations_receipts_and_the_news_of_the_ward() {
    let world = World::seeded(241);
    let (hub, alley) = a_hub_and_a_lonely_laptop(&world);
    let tower = world.laptop("chung cu a");
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let dose = tower.gives(&khai, &astrazeneca(1));
    tower.syncs();
    world.nation();
    gives(&world, &alley, 1);
    let carry = |name: &str| {
        let stick = world.stick(name);
        alley.writes_stick(&stick);
        assert_eq!(world.hub_takes_and_answers(&hub, &stick).exit_code(), ALL);
        alley.reads_stick(&stick)
    };
    let first = carry("first");
    assert_eq!((first.national_to, first.held_to, first.files[0].entries), (0, 2, 0), "the hub knows no ward yet");
    assert!(!alley.desk.sync_state().unwrap().area_ready);
    world.clock.advance_ms(MS_PER_HOUR);
    world.forwards(&hub);
    let second = carry("second");
    assert_eq!((second.national_to, second.files[0].entries), (2, 4), "the nation's word, brought by the hub");
    assert_eq!(copies(&alley), (0, 0, 2));
    assert!(alley.desk.sync_state().unwrap().area_ready);
    assert_eq!(alley.doses_of(&alley.scans(&khai)), [dose]);
    assert_eq!(alley.opens(&alley.scans(&khai)).state_root, world.nation().root_of(&alley.scans(&khai)));
    // What was read of the hub's feed is not carried twice, by stick or by line.
    assert_eq!(carry("third").files[0].entries, 0);
    alley.knows(&[&hub]);
    assert_eq!(alley.tries_to_sync().pulled, 0);
}

#[test]
fn a_receipt_older_than_what_a_stick_said_takes_nothing_back() {
    let world = World::seeded(242);
    let (hub, alley) = a_hub_and_a_lonely_laptop(&world);
    alley.knows(&[&hub]);
    gives(&world, &alley, 1);
    alley.tries_to_sync();
    world.forwards(&hub);
    world.clock.advance_ms(MS_PER_HOUR);
    gives(&world, &alley, 1);
    let stick = world.stick("stick");
    alley.writes_stick(&stick);
    // The hub's word is of an hour ago; the nation's stick is newer.
    assert_eq!(world.takes_and_answers(&stick).exit_code(), ALL);
    assert_eq!(alley.reads_stick(&stick).national_to, 4);
    let state = alley.tries_to_sync();
    assert_eq!((state.pushed, state.log_head, state.to_push), (2, 4, 0), "said once, to the hub");
    assert_eq!(copies(&alley), (0, 0, 4));
}

#[test]
fn a_word_of_a_hub_from_before_it_was_put_back_counts_no_more() {
    let world = World::seeded(243);
    let (hub, alley) = a_hub_and_a_lonely_laptop(&world);
    world.forwards(&hub);
    let copy = world.back_up_hub(&hub, "hub-backup");
    gives(&world, &alley, 1);
    let stick = world.stick("stick");
    alley.writes_stick(&stick);
    world.hub_takes_and_answers(&hub, &stick);
    let drawer = copied(&world, &stick, "drawer");
    assert_eq!(alley.reads_stick(&stick).held_to, 2);
    world.clock.advance_ms(MS_PER_HOUR);
    world.restarts(&hub, &copy);
    alley.knows(&[&hub]);
    assert_eq!(alley.tries_to_sync().pushed, 2, "the hub is given again what it lost");
    let stale = alley.reads_stick(&drawer);
    assert_eq!(stale.files[0].words, ["stale"]);
}

/// What is strange about a stick is named at a hub as at the nation, and what is whole is taken.
#[test]
fn strange_sticks_are_named_at_a_hub() {
    let (world, abroad) = (World::seeded(244), World::seeded(245));
    let (hub, alley) = a_hub_and_a_lonely_laptop(&world);
    let (_, stranger) = a_hub_and_a_lonely_laptop(&abroad);
    gives(&abroad, &stranger, 1);
    let foreign = world.stick("foreign");
    stranger.writes_stick(&foreign);
    let taken = world.hub_takes_and_answers(&hub, &foreign);
    assert_eq!((taken.exit_code(), taken.given.len()), (NOTHING, 0));
    assert!(taken.lines().iter().any(|line| line.contains("another campaign")), "{:?}", taken.lines());

    gives(&world, &alley, 12);
    let stick = world.stick("stick");
    alley.writes_stick(&stick);
    let file = file_in(&stick, "outward");
    let whole = fs::read(&file).unwrap();
    for at in (whole.len() / 12..whole.len()).step_by(whole.len() / 12) {
        fs::write(&file, &whole[..at]).unwrap();
        let taken = world.hub_takes_and_answers(&hub, &stick);
        assert_eq!(taken.exit_code(), NOT_ALL, "cut at {at}: {:?}", taken.lines());
    }
    let mut harmed = whole.clone();
    let middle = harmed.len() / 2;
    harmed[middle] ^= 1;
    fs::write(&file, &harmed).unwrap();
    assert_eq!(world.hub_takes_and_answers(&hub, &stick).exit_code(), NOT_ALL);
    fs::write(&file, &whole).unwrap();
    assert_eq!(world.hub_takes_and_answers(&hub, &stick).exit_code(), ALL);
    let again = world.hub_takes_and_answers(&hub, &stick);
    assert_eq!((again.exit_code(), placed(&again)), (ALL, vec![Placed::HeldAlready]));
    assert!(again.lines().iter().any(|line| line.contains("taken before")), "{:?}", again.lines());
    assert_eq!(world.forwards(&hub).pushed, 24);
    assert_eq!(world.nation().dose_count(), 12);
}

#[test]
fn a_hub_reads_sticks_once_the_laptop_knows_it_and_until_it_is_ended() {
    let world = World::seeded(246);
    let alley = world.laptop("hem 42");
    let hub = world.hub("quận 5");
    gives(&world, &alley, 1);
    let early = world.stick("early");
    assert_eq!(alley.writes_stick(&early).readers.len(), 1, "enrolled before there was a hub");
    let taken = world.hub_takes_and_answers(&hub, &early);
    assert_eq!((taken.exit_code(), fingerprint(&early).len()), (NOTHING, 1));
    assert!(taken.lines().iter().any(|line| line.contains("sealed for another server")), "{:?}", taken.lines());

    // Met in its network, without a word of the nation's.
    alley.cut(true);
    alley.knows(&[&hub]);
    alley.tries_to_sync();
    let met = world.stick("met");
    assert_eq!(alley.writes_stick(&met).readers, ["Sổ Tiêm", "quận 5"]);
    assert_eq!(world.hub_takes_and_answers(&hub, &met).exit_code(), ALL);

    // Ended: it is told nothing more, and its word counts no more.
    world.nation().revokes("quận 5");
    alley.cut(false);
    alley.syncs();
    assert_eq!(alley.writes_stick(&world.stick("after")).readers, ["Sổ Tiêm"]);
    assert_eq!(alley.reads_stick(&met).files[0].words, ["not_ours"]);
    assert_eq!(world.laptop("chung cu a").desk.stick_state().unwrap().readers, ["Sổ Tiêm"]);
}

/// The nation hears of the new key with the hub's next hello, and tells laptops.
#[test]
fn a_hub_that_lost_its_stick_key_reads_the_sticks_of_whoever_heard_of_the_new_one() {
    let world = World::seeded(247);
    let (hub, alley) = a_hub_and_a_lonely_laptop(&world);
    gives(&world, &alley, 1);
    let old = world.stick("old");
    alley.writes_stick(&old);
    fs::remove_file(hub.data.join("keys/stick.key")).unwrap();
    world.restarts(&hub, &hub.data);
    assert_eq!(world.hub_takes_and_answers(&hub, &old).exit_code(), NOTHING);
    world.forwards(&hub);
    let tower = world.laptop("chung cu a");
    gives(&world, &tower, 1);
    let new = world.stick("new");
    tower.writes_stick(&new);
    assert_eq!(world.hub_takes_and_answers(&hub, &new).exit_code(), ALL);
    // The laptop that knew the old one asks again in time.
    alley.cut(false);
    world.clock.advance_ms(13 * MS_PER_HOUR);
    alley.syncs();
    gives(&world, &alley, 1);
    let again = world.stick("again");
    alley.writes_stick(&again);
    let taken = world.hub_takes_and_answers(&hub, &again);
    assert_ne!(taken.exit_code(), NOTHING, "{:?}", taken.lines());
}
