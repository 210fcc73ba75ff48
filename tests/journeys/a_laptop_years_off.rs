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
        assert_eq!(nation.doses_of(&citizen), [dose.clone()]);
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
