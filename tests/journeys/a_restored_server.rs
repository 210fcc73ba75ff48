use world::{World, astrazeneca};

#[test]
fn a_server_restored_from_an_old_copy_is_given_everything_again() {
    let world = World::seeded(80);
    let alley = world.laptop("hem 42");
    alley.gives(&world.citizen("Lê Văn An", "1970-01-01"), &astrazeneca(1));
    alley.syncs();
    world.nation();
    let copy = world.back_up("backup");
    for name in ["Lê Thị Bình", "Lê Thị Chi"] {
        alley.gives(&world.citizen(name, "1971-01-01"), &astrazeneca(1));
    }
    alley.syncs();
    assert_eq!(world.nation().dose_count(), 3);

    world.restore(&copy);
    assert_eq!(world.nation().dose_count(), 1, "the copy is older");
    let state = alley.syncs();
    assert_eq!((state.to_push, state.durable_to), (0, 6));
    assert_eq!(world.nation().dose_count(), 3);
}

#[test]
fn laptops_that_have_read_further_than_a_restored_feed_goes_read_it_again() {
    let world = World::seeded(81);
    let (alley, tower) = (world.laptop("hem 42"), world.laptop("chung cu A"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    alley.gives(&khai, &astrazeneca(1));
    world.mend_roads_and_settle();
    let copy = world.back_up("backup");
    let citizen = alley.scans(&khai);
    for (team, name) in [(&alley, "Lê Văn Em"), (&tower, "Lê Văn Út"), (&alley, "Lê Văn Ba")] {
        team.gives(&world.citizen(name, "1971-01-01"), &astrazeneca(1));
        team.edits(&citizen, "phone", "0912345678");
        world.mend_roads_and_settle();
    }
    world.restore(&copy);
    // Other news comes first, so that the same numbers of the feed now mean other statements.
    let nha = world.laptop("nha van hoa");
    nha.gives(&khai, &astrazeneca(2));
    nha.syncs();
    world.nation();
    tower.syncs();
    world.mend_roads_and_settle();
    let nation = world.nation();
    assert_eq!(nation.dose_count(), 5);
    let root = nation.root_of(&citizen);
    assert!([&alley, &tower, &nha].iter().all(|team| team.opens(&citizen).state_root == root));
    for team in [&alley, &tower, &nha] {
        assert_eq!(team.tries_to_sync().to_push, 0);
        let today = team.desk.today().unwrap();
        assert_eq!((today.here_only, today.at_hub), (0, 0), "what was pushed again is held again");
    }
}

/// What an admin said after the copy was made is in no laptop's log, and so can't be pushed again.
/// The case is open again at the nation, is answered again, and the laptops follow the later answer.
#[test]
fn a_case_answered_after_the_copy_was_made_is_open_again_and_can_be_answered_again() {
    let world = World::seeded(82);
    let (alley, tower) = (world.laptop("hem 42"), world.laptop("chung cu A"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let doses = [alley.gives(&khai, &astrazeneca(2)), tower.gives(&khai, &astrazeneca(2))];
    world.mend_roads_and_settle();
    let citizen = alley.scans(&khai);
    let copy = world.back_up("backup");
    let case = world.nation().only_case("too_many_doses");
    world.nation().settles(&case, "same_dose", Some(&doses[0]));
    world.mend_roads_and_settle();
    world.restore(&copy);
    world.mend_roads_and_settle();
    assert_eq!(world.nation().only_case("too_many_doses").id, case.id);
    world.nation().settles(&case, "same_dose", Some(&doses[1]));
    world.mend_roads_and_settle();
    assert_eq!(world.nation().open_cases(), []);
    for team in [&alley, &tower] {
        assert_eq!(team.doses_of(&citizen), [doses[1].clone()]);
    }
}

/// A clone was found, and the log went on under a second number; the copy knows of neither. What the laptop said
/// under the first number is on nobody's list but its own.
#[test]
fn a_log_that_had_gone_on_in_a_fresh_epoch_is_given_again_from_its_first_number() {
    let world = World::seeded(83);
    let alley = world.laptop("hem 42");
    world.nation();
    let copy = world.back_up("backup");
    let people: Vec<_> = (0..4).map(|n| world.citizen(&format!("Lê Văn {n}"), "1970-01-01")).collect();
    let mut doses = vec![alley.gives(&people[0], &astrazeneca(1))];
    alley.syncs();
    let twin = alley.cloned_to(&world, "clone");
    doses.push(twin.gives(&people[1], &astrazeneca(1)));
    twin.syncs();
    doses.push(alley.gives(&people[2], &astrazeneca(1)));
    assert!(alley.syncs().log_epoch > 1);
    doses.push(alley.gives(&people[3], &astrazeneca(1)));
    alley.syncs();
    drop(twin);

    world.restore(&copy);
    let state = alley.syncs();
    assert_eq!(state.to_push, 0);
    alley.syncs();
    let nation = world.nation();
    for (person, dose) in [0, 2, 3].map(|n| (&people[n], doses[n].clone())) {
        assert_eq!(nation.doses_of(&alley.scans(person)), [dose], "said under whichever number");
    }
}

/// Two disks of one laptop, a copy from before either was given a number of its own, and a number that is given again
/// before anybody has said anything under it: the log looks whole, and what it does not say again is not there.
#[test]
fn a_number_given_twice_does_not_hide_what_a_restored_server_lost() {
    let world = World::seeded(84);
    let alley = world.laptop("hem 42");
    let twin = alley.cloned_to(&world, "clone");
    let people = [world.citizen("Lê Văn An", "1970-01-01"), world.citizen("Lê Thị Bình", "1971-01-01")];
    let mut doses = vec![alley.gives(&people[0], &astrazeneca(1))];
    alley.syncs();
    world.nation();
    let copy = world.back_up("backup");
    doses.push(alley.gives(&people[1], &astrazeneca(1)));
    alley.syncs();
    assert_eq!(twin.syncs().log_epoch, 2);
    assert_eq!(alley.syncs().log_epoch, 3, "everything it said is held, and it has said nothing since");

    world.restore(&copy);
    assert_eq!(twin.syncs().log_epoch, 3, "the number is given again");
    assert_eq!(alley.syncs().to_push, 0);
    let nation = world.nation();
    for (person, dose) in people.iter().zip(doses) {
        assert_eq!(nation.doses_of(&alley.scans(person)), [dose]);
    }
}
