use world::{World, astrazeneca};

#[test]
fn both_ends_of_a_cloned_log_are_kept_and_the_clone_is_noticed() {
    let world = World::seeded(50);
    let first = world.laptop("hem 42");
    let (an, binh, chi) = (
        world.citizen("Lê Văn An", "1970-01-01"),
        world.citizen("Lê Thị Bình", "1971-01-01"),
        world.citizen("Lê Thị Chi", "1972-01-01"),
    );
    let before = first.gives(&an, &astrazeneca(1));
    let second = first.cloned_to(&world, "clone");
    let here = first.gives(&binh, &astrazeneca(1));
    let there = second.gives(&chi, &astrazeneca(1));
    first.syncs();
    let state = second.syncs();
    assert_eq!(state.to_push, 0);
    assert!(state.log_epoch > 1, "the second end goes on under a number of its own");

    let nation = world.nation();
    nation.only_case("cloned_device");
    for (person, dose) in [(&an, before), (&binh, here), (&chi, there)] {
        assert_eq!(nation.doses_of(&second.scans(person)), [dose], "every dose is there, once");
    }
    assert_eq!(nation.dose_count(), 3);
    // And both go on giving.
    first.gives(&world.citizen("Lê Văn Dũng", "1973-01-01"), &astrazeneca(1));
    second.gives(&world.citizen("Lê Văn Em", "1974-01-01"), &astrazeneca(1));
    first.syncs();
    second.syncs();
    assert_eq!(world.nation().dose_count(), 5);
}

#[test]
fn a_laptop_put_back_to_an_old_copy_gets_its_own_records_back() {
    let world = World::seeded(51);
    let alley = world.laptop("hem 42");
    let an = world.citizen("Lê Văn An", "1970-01-01");
    let old_copy = world.folder().join("old-copy");
    world::copy_folder(&alley.folder, &old_copy);
    let dose = alley.gives(&an, &astrazeneca(1));
    alley.syncs();
    world.nation();
    std::fs::remove_dir_all(&alley.folder).unwrap();
    world::copy_folder(&old_copy, &alley.folder);
    let alley = alley.loses_power();
    let state = alley.syncs();
    assert_eq!(state.log_epoch, 2);
    let citizen = alley.scans(&an);
    assert_eq!(alley.doses_of(&citizen), [dose], "what the nation held has come back");
    alley.gives(&world.citizen("Lê Thị Bình", "1971-01-01"), &astrazeneca(1));
    alley.syncs();
    assert_eq!(world.nation().dose_count(), 2);
}
