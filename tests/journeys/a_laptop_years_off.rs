use shared_model::time::ClockQuality;
use world::{World, astrazeneca};

#[test]
fn a_clock_ten_years_off_loses_nothing_and_is_noticed() {
    for (seed, days) in [(60, 3_650), (61, -3_650)] {
        let world = World::seeded(seed);
        let (wrong, right) = (world.laptop("hem 42"), world.laptop("chung cu A"));
        let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
        wrong.clock_is_off_by_days(days);
        let dose = wrong.gives(&khai, &astrazeneca(1));
        let citizen = wrong.scans(&khai);
        wrong.syncs();
        let nation = world.nation();
        assert_eq!(nation.doses_of(&citizen), std::slice::from_ref(&dose));
        nation.only_case("implausible_time");
        right.syncs();
        assert_eq!(right.doses_of(&citizen), [dose], "{days} days off: the other laptop has it too");
        // The laptop has heard the true time; what it says from now on carries the evidence.
        wrong.gives(&world.citizen("Lê Văn An", "1970-01-01"), &astrazeneca(1));
        assert!(wrong.tries_to_sync().clock_offset_ms.unwrap().abs() > 3_000 * 86_400_000);
        // And the laptop with the right clock is not dragged along.
        let binh = world.citizen("Lê Thị Bình", "1971-01-01");
        right.gives(&binh, &astrazeneca(1));
        let said_at = right.opens(&right.scans(&binh)).doses[0].who.said_at_ms;
        assert!((said_at - world.clock.now().0).abs() <= 6 * 60_000, "{days} days off: the other clock was pulled");
    }
}

#[test]
fn a_wrong_clock_decides_nothing_between_two_names() {
    let world = World::seeded(62);
    let (wrong, right) = (world.laptop("hem 42"), world.laptop("chung cu A"));
    let citizen = right.scans(&world.citizen("Trần Văn Bao", "1980-07-01"));
    for _ in 0..2 {
        right.syncs();
        world.nation();
        wrong.syncs();
    }
    wrong.clock_is_off_by_days(3_650);
    wrong.edits(&citizen, "name", "Trần Văn Bửu");
    wrong.syncs();
    world.nation();
    right.syncs();
    // Whoever saw the other's word and says otherwise is right, whatever the clocks say.
    right.edits(&citizen, "name", "Trần Văn Bảo");
    right.syncs();
    world.nation();
    wrong.syncs();
    for team in [&wrong, &right] {
        assert_eq!(team.shows(&citizen, "name"), "Trần Văn Bảo");
    }
    assert_eq!(world.nation().open_cases(), []);
}

#[test]
fn a_clock_that_drifts_and_is_set_back_at_noon_mixes_up_no_log() {
    let world = World::seeded(63);
    let alley = world.laptop("hem 42");
    alley.clock_gains_a_day(40 * 60);
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let mut given = Vec::new();
    for hour in 0..6 {
        if hour == 3 {
            alley.clock_jumps_by_minutes(-90);
        }
        given.push(alley.gives(&khai, &astrazeneca(1)));
        world.clock.advance_ms(3_600_000);
    }
    let citizen = alley.scans(&khai);
    let doses = alley.opens(&citizen).doses;
    let who = |dose: &String| doses.iter().find(|view| view.statement == *dose).unwrap().who.clone();
    let said: Vec<i64> = given.iter().map(|dose| who(dose).said_at_ms).collect();
    assert!(said.is_sorted(), "what was said later is never stamped earlier: {said:?}");
    assert!(who(&given[2]).clock < ClockQuality::Unknown);
    assert_eq!(who(&given[3]).clock, ClockQuality::Unknown, "a clock seen going backwards is not trusted");
    alley.syncs();
    let nation = world.nation();
    assert_eq!(nation.doses_of(&citizen).len(), 6);
    assert_eq!(nation.device("hem 42")["logs"][0]["durable_to"].as_u64(), Some(7));
    // A contact tells the laptop the time, and it trusts itself again.
    let dose = alley.gives(&khai, &astrazeneca(1));
    let view = alley.opens(&citizen).doses.into_iter().find(|view| view.statement == dose).unwrap();
    assert!(view.who.clock < ClockQuality::Unknown, "{:?}", view.who);
    assert!((view.who.corrected_at_ms - world.clock.now().0).abs() < 2 * 3_600_000);
}

#[test]
fn a_laptop_that_once_was_in_the_future_is_believed_after_its_clock_is_set_right() {
    let world = World::seeded(64);
    let alley = world.laptop("hem 42");
    alley.clock_is_off_by_days(3_650);
    alley.gives(&world.citizen("Lê Văn An", "1970-01-01"), &astrazeneca(1));
    alley.syncs();
    alley.clock_is_off_by_days(0);
    let binh = world.citizen("Lê Thị Bình", "1971-01-01");
    let dose = alley.gives(&binh, &astrazeneca(1));
    alley.syncs();
    let nation = world.nation();
    assert_eq!(nation.doses_of(&alley.scans(&binh)), [dose]);
    assert_eq!(nation.get("quarantine").as_array().map(Vec::len), Some(0));
}
