use world::{World, astrazeneca};

#[test]
fn one_person_given_dose_two_at_two_sites_opens_one_case() {
    let world = World::seeded(6);
    let (alley, tower) = (world.laptop("hem 42"), world.laptop("chung cu A"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    world.cut_all_roads();
    alley.gives(&khai, &astrazeneca(2));
    tower.gives(&khai, &astrazeneca(2));
    world.mend_roads_and_settle();
    world.nation().only_case("too_many_doses");
    for team in [&alley, &tower] {
        let conflicts = team.opens(&team.scans(&khai)).conflicts;
        assert_eq!(conflicts.iter().map(|conflict| conflict.kind.as_str()).collect::<Vec<_>>(), ["too_many_doses"]);
    }
}

#[test]
fn two_offline_teams_who_both_gave_dose_two_open_one_case() {
    let world = World::seeded(7);
    let (alley, tower) = (world.laptop("hem 42"), world.laptop("chung cu A"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    for team in [&alley, &tower] {
        team.cut(true);
        team.gives(&khai, &astrazeneca(2));
        team.cut(false);
    }
    alley.syncs();
    assert_eq!(world.nation().open_cases(), []);
    tower.syncs();
    let nation = world.nation();
    let case = nation.only_case("too_many_doses");
    let page = nation.get(&format!("cases/{}", case.id));
    let sides = page["sides"].as_array().unwrap();
    assert_eq!(sides.len(), 2);
    for side in sides {
        assert!(side["dose"]["lot"] == "PV46664" && side["who"]["device_name"] != "", "{side}");
    }
    assert_eq!(nation.dose_count(), 2, "nothing is dropped before somebody has looked");
}

#[test]
fn a_dose_given_in_full_knowledge_of_the_other_is_a_decision_and_no_case() {
    let world = World::seeded(8);
    let (alley, tower) = (world.laptop("hem 42"), world.laptop("chung cu A"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    alley.gives(&khai, &astrazeneca(2));
    alley.syncs();
    world.nation();
    tower.syncs();
    tower.gives(&khai, &astrazeneca(2));
    tower.syncs();
    assert_eq!(world.nation().open_cases(), []);
}

#[test]
fn one_injection_written_down_by_two_laptops_of_one_table_is_the_same_dose_twice() {
    let world = World::seeded(9);
    let alley = world.laptop("hem 42");
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    // Before the card was known anywhere, the disk was copied for a second laptop of the same table.
    let second = alley.cloned_to(&world, "second");
    alley.gives(&khai, &astrazeneca(1));
    second.gives(&khai, &astrazeneca(1));
    alley.syncs();
    second.syncs();
    let kinds: Vec<String> = world.nation().open_cases().into_iter().map(|case| case.kind).collect();
    assert!(kinds.contains(&"same_dose_twice".to_owned()), "{kinds:?}");
}
