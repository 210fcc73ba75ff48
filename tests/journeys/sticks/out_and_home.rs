//! A day without a line goes home by stick, and what comes back is what a line would have brought.

use shared_model::sync::bundle::Told;
use sync_server::stick::Placed;
use world::{Person, Team, World, astrazeneca, pfizer};

use super::{ALL, a_day, carried, placed};

#[test]
fn a_day_without_a_line_goes_by_stick_and_its_receipts_come_home() {
    let world = World::seeded(200);
    let (alley, people) = a_day(&world, "hem 42", 3);
    assert_eq!(carried(&alley), (6, 6));
    let stick = world.stick("stick");
    let written = alley.writes_stick(&stick);
    assert_eq!((written.entries, written.readers.len()), (6, 1));
    assert_eq!(carried(&alley), (6, 6), "written is not received");

    let taken = world.takes_and_answers(&stick);
    assert_eq!((taken.exit_code(), placed(&taken)), (ALL, vec![Placed::Kept { fresh: 6, doubted: 0 }]));
    assert_eq!(world.nation().dose_count(), 3);
    let home = alley.reads_stick(&stick);
    assert_eq!((home.national_to, home.head), (6, 6));
    assert_eq!((home.files[0].words.clone(), home.files[0].is_damaged), (vec!["answer".to_owned()], false));
    assert_eq!(carried(&alley), (0, 0));
    assert!(alley.desk.stick_state().unwrap().last.unwrap().answered_ms.is_some());
    assert!(alley.desk.sync_state().unwrap().area_ready, "the news of its area came along");

    // Both sticks again: nothing changes, and it is said.
    let again = world.takes(&stick);
    assert_eq!((again.exit_code(), placed(&again)), (ALL, vec![Placed::HeldAlready]));
    assert!(matches!(again.sticks[0].told[..], [Told::Replayed { .. }]));
    assert_eq!(alley.reads_stick(&stick).files[0].words, ["again"]);
    // The next stick carries what is new alone, and the line finds nothing left to do.
    alley.gives(&people[0], &astrazeneca(2));
    assert_eq!(alley.writes_stick(&world.stick("next")).entries, 1);
    assert_eq!(world.takes(&world.stick("next")).exit_code(), ALL);
    alley.cut(false);
    assert_eq!(alley.syncs().pushed, 0);
    assert_eq!(world.nation().dose_count(), 4);
}

/// What two laptops and the nation know in the end, whichever way it went.
fn what_is_known(world: &World, teams: &[&Team], people: &[Person]) -> Vec<String> {
    let mut known = Vec::new();
    for person in people {
        let citizen = teams[0].scans(person);
        known.push(world.nation().root_of(&citizen));
        known.extend(teams.iter().map(|team| team.opens(&citizen).state_root));
    }
    for team in teams {
        let (state, today) = (team.desk.sync_state().unwrap(), team.desk.today().unwrap());
        known.push(format!("{:?}", (state.log_head, state.durable_to, state.to_push, state.area_ready)));
        known.push(format!("{:?}", (today.here_only, today.at_hub, today.at_nation, state.attention)));
    }
    known.push(world.nation().dose_count().to_string());
    known
}

#[test]
fn a_stick_out_and_home_leads_to_what_a_line_would_have() {
    let by = |carry: &dyn Fn(&World, [&Team; 2])| {
        let world = World::seeded(201);
        let (alley, mut people) = a_day(&world, "hem 42", 4);
        let (tower, others) = a_day(&world, "chung cu A", 3);
        tower.gives(&people[0], &pfizer(1));
        alley.edits(&alley.scans(&people[1]), "phone", "0912345678");
        people.extend(others);
        for _ in 0..2 {
            carry(&world, [&alley, &tower]);
        }
        what_is_known(&world, &[&alley, &tower], &people)
    };
    let over_a_line = by(&|world, teams| {
        teams.iter().for_each(|team| {
            team.cut(false);
            team.syncs();
            world.nation();
        });
    });
    let by_stick = by(&|world, teams| {
        for (n, team) in teams.into_iter().enumerate() {
            let stick = world.stick(&format!("stick-{n}-{}", world.clock.now().0));
            team.writes_stick(&stick);
            assert_eq!(world.takes_and_answers(&stick).exit_code(), ALL);
            team.reads_stick(&stick);
        }
    });
    assert_eq!(by_stick, over_a_line);
}
