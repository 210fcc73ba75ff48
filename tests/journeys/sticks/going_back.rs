//! Nations, laptops and return sticks of yesterday.

use shared_model::time::MS_PER_HOUR;
use world::{Loss, World, astrazeneca};

use super::{ALL, a_day, carried};

/// The laptop has only sticks, and learns from one that the nation lost what it had said to hold.
#[test]
fn a_nation_put_back_to_an_old_copy_is_given_everything_again_by_stick() {
    let world = World::seeded(204);
    let (alley, _) = a_day(&world, "hem 42", 2);
    let copy = world.back_up("before");
    let carry = |name: &str| {
        let stick = world.stick(name);
        alley.writes_stick(&stick);
        world.takes_and_answers(&stick);
        alley.reads_stick(&stick)
    };
    assert_eq!(carry("first").national_to, 4);
    world.restore(&copy);
    alley.gives(&world.citizen("Lê Thị Bình", "1971-01-01"), &astrazeneca(1));
    assert_eq!(carry("second").national_to, 0, "the word says less than was known when the stick was made");
    assert_eq!(carried(&alley), (6, 6));
    assert_eq!(carry("third").national_to, 6);
    assert_eq!(world.nation().dose_count(), 3);
}

#[test]
fn a_return_stick_from_before_the_nation_was_put_back_is_not_believed() {
    let world = World::seeded(205);
    let (alley, _) = a_day(&world, "hem 42", 2);
    let copy = world.back_up("before");
    let stick = world.stick("stick");
    alley.writes_stick(&stick);
    world.takes_and_answers(&stick);
    // The answer stays in a drawer; the line says the same, and then that the nation lost it.
    alley.cut(false);
    alley.syncs();
    alley.cut(true);
    world.restore(&copy);
    alley.cut(false);
    alley.syncs();
    alley.cut(true);
    alley.gives(&world.citizen("Lê Thị Bình", "1971-01-01"), &astrazeneca(1));
    let before = alley.desk.sync_state().unwrap();
    let home = alley.reads_stick(&stick);
    assert_eq!(home.files[0].words, ["stale"]);
    assert_eq!(home.files[0].entries, 0);
    assert_eq!(alley.desk.sync_state().unwrap(), before);
    alley.cut(false);
    alley.syncs();
    assert_eq!(world.nation().dose_count(), 3);
}

/// The nation had said nothing that it could take back, so that nobody noticed over the line that it was put back; the word
/// in the drawer is from before that all the same.
#[test]
fn a_word_from_before_the_nation_was_last_heard_says_nothing_of_the_log() {
    let world = World::seeded(218);
    let (alley, _) = a_day(&world, "hem 42", 2);
    let copy = world.back_up("before");
    let stick = world.stick("stick");
    alley.writes_stick(&stick);
    world.takes_and_answers(&stick);
    world.restore(&copy);
    world.clock.advance_ms(MS_PER_HOUR);
    alley.cut(false);
    // The line breaks once the nation has said that it holds nothing.
    for message in 2.. {
        alley.wire.lose(message, Loss::Question);
        alley.tries_to_sync();
        if alley.wire.answer_to("/device/hello").is_some() {
            break;
        }
    }
    alley.wire.lose_nothing();
    alley.cut(true);
    assert_eq!(world.nation().dose_count(), 0, "nothing was pushed yet");
    let home = alley.reads_stick(&stick);
    assert_eq!((home.national_to, home.files[0].words.clone()), (0, vec!["answer".to_owned()]));
    assert_eq!(carried(&alley), (4, 4), "what the nation lost is carried again");
    let again = world.stick("again");
    alley.writes_stick(&again);
    assert_eq!(world.takes_and_answers(&again).exit_code(), ALL);
    assert_eq!(alley.reads_stick(&again).national_to, 4);
    assert_eq!(world.nation().dose_count(), 2);
}

/// A server that has lost a device altogether is told of it by the campaign's own signature.
#[test]
fn a_device_that_a_restored_nation_has_forgotten_is_introduced_by_its_certificate() {
    let world = World::seeded(206);
    world.nation();
    let copy = world.back_up("empty");
    let (alley, _) = a_day(&world, "hem 42", 2);
    let stick = world.stick("stick");
    alley.writes_stick(&stick);
    world.restore(&copy);
    let taken = world.takes_and_answers(&stick);
    assert_eq!((taken.exit_code(), taken.introduced.len()), (ALL, 1), "{:?}", taken.lines());
    assert_eq!(world.nation().dose_count(), 2);
    assert_eq!(alley.reads_stick(&stick).national_to, 4);
}

#[test]
fn a_clone_found_by_stick_goes_on_in_a_fresh_epoch() {
    let world = World::seeded(207);
    let (alley, _) = a_day(&world, "hem 42", 1);
    let twin = alley.cloned_to(&world, "clone");
    twin.cut(true);
    alley.gives(&world.citizen("Lê Thị Bình", "1971-01-01"), &astrazeneca(1));
    twin.gives(&world.citizen("Lê Thị Chi", "1972-01-01"), &astrazeneca(1));
    for (team, name) in [(&alley, "one"), (&twin, "two")] {
        let stick = world.stick(name);
        team.writes_stick(&stick);
        world.takes_and_answers(&stick);
        team.reads_stick(&stick);
    }
    assert_eq!(alley.desk.sync_state().unwrap().log_epoch, 1);
    assert!(twin.desk.sync_state().unwrap().log_epoch > 1, "the twin's log has another end than the one held");
    let stick = world.stick("three");
    twin.writes_stick(&stick);
    assert_eq!(world.takes_and_answers(&stick).exit_code(), ALL);
    let home = twin.reads_stick(&stick);
    assert_eq!(home.national_to, home.head);
    assert_eq!(world.nation().dose_count(), 3);
}
