use std::collections::BTreeSet;

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
    let alley = alley.is_put_back_to(&old_copy);
    let state = alley.syncs();
    assert_eq!(state.log_epoch, 2);
    let citizen = alley.scans(&an);
    assert_eq!(alley.doses_of(&citizen), [dose], "what the nation held has come back");
    alley.gives(&world.citizen("Lê Thị Bình", "1971-01-01"), &astrazeneca(1));
    alley.syncs();
    assert_eq!(world.nation().dose_count(), 2);
}

/// Three disks of one origin, in every order in which two of them may reach the nation first.
#[test]
fn clones_that_go_on_for_days_lose_nothing_and_nothing_counts_twice() {
    for (seed, order) in [(52, [0, 1, 2]), (53, [2, 1, 0]), (54, [1, 0, 2])] {
        let world = World::seeded(seed);
        let first = world.laptop("hem 42");
        let mut given = vec![first.gives(&world.citizen("Lê Văn An", "1970-01-01"), &astrazeneca(1))];
        first.syncs();
        world.nation();
        given.push(first.gives(&world.citizen("Lê Thị Bình", "1971-01-01"), &astrazeneca(1)));
        let clones = [first.cloned_to(&world, "second"), first.cloned_to(&world, "third")];
        let laptops = [&first, &clones[0], &clones[1]];
        for day in 0..3 {
            for (which, team) in laptops.iter().enumerate() {
                // Each writes more than the one before it, so that ends of every length meet.
                for _ in 0..=(which + day) % 3 {
                    given.push(team.gives(&world.citizen("Lê Thị Chi", "1972-01-01"), &astrazeneca(1)));
                }
            }
            for which in order {
                laptops[which].syncs();
                world.nation();
            }
        }
        world.mend_roads_and_settle();
        let nation = world.nation();
        assert_eq!(nation.dose_count(), given.len() as u64, "order {order:?}");
        let kinds: BTreeSet<String> = nation.open_cases().into_iter().map(|case| case.kind).collect();
        assert_eq!(kinds, BTreeSet::from(["cloned_device".to_owned()]), "order {order:?}");
        let epochs: BTreeSet<u32> = laptops.iter().map(|team| team.desk.sync_state().unwrap().log_epoch).collect();
        assert_eq!(epochs.len(), 3, "order {order:?}: each goes on under a number of its own");
        for team in laptops {
            let state = team.desk.sync_state().unwrap();
            assert_eq!((state.to_push, state.durable_to), (0, state.log_head));
            let today = team.desk.today().unwrap();
            assert_eq!((today.doses as usize, today.here_only, today.at_hub), (given.len(), 0, 0));
        }
    }
}

#[test]
fn two_halves_of_a_clone_that_correct_one_dose_differently_are_asked_about_it() {
    let world = World::seeded(55);
    let first = world.laptop("hem 42");
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let dose = first.gives(&khai, &astrazeneca(1));
    let citizen = first.scans(&khai);
    first.syncs();
    let second = first.cloned_to(&world, "second");
    first.corrects_lot(&dose, "PV46665");
    second.corrects_lot(&dose, "PV46666");
    world.mend_roads_and_settle();
    let nation = world.nation();
    let case = nation.open_cases().into_iter().find(|case| case.kind == "edited_in_two_places").unwrap();
    let page = nation.get(&format!("cases/{}", case.id));
    let sides = page["sides"].as_array().unwrap();
    let right = sides.iter().find(|side| side["values"][0]["text"] == "PV46666").unwrap();
    nation.settles(&case, "choose_value", right["statement"].as_str());
    world.mend_roads_and_settle();
    for team in [&first, &second] {
        assert_eq!(team.opens(&citizen).doses[0].lot, "PV46666");
    }
    world.nation().only_case("cloned_device");
}

#[test]
fn a_laptop_put_back_that_writes_before_it_syncs_keeps_both_its_pasts() {
    let world = World::seeded(56);
    let alley = world.laptop("hem 42");
    let old_copy = world.folder().join("old-copy");
    world::copy_folder(&alley.folder, &old_copy);
    let before = alley.gives(&world.citizen("Lê Văn An", "1970-01-01"), &astrazeneca(1));
    alley.syncs();
    let folder = alley.folder.clone();
    let alley = alley.is_put_back_to(&old_copy);
    assert_eq!(alley.folder, folder);
    let after = alley.gives(&world.citizen("Lê Thị Bình", "1971-01-01"), &astrazeneca(1));
    world.mend_roads_and_settle();
    let nation = world.nation();
    assert_eq!(nation.dose_count(), 2);
    nation.only_case("cloned_device");
    let doses: Vec<String> = alley.desk.today().unwrap().lines.into_iter().map(|line| line.dose.statement).collect();
    assert!(doses.len() == 2 && doses.contains(&before) && doses.contains(&after), "{doses:?}");
    // What came back is this laptop's own: it may still be taken back here.
    alley.withdraws(&before, "mistake");
    world.mend_roads_and_settle();
    assert_eq!(world.nation().dose_count(), 1);
}
