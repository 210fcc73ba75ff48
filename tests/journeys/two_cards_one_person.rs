use shared_model::view::CaseStatus;
use world::{World, astrazeneca, pfizer};

#[test]
fn a_typed_number_and_a_scanned_card_are_found_to_be_one_person_and_can_be_parted_again() {
    let world = World::seeded(110);
    let (alley, tower) = (world.laptop("hem 42"), world.laptop("chung cu A"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let scanned = alley.scans(&khai);
    let first = alley.gives(&khai, &astrazeneca(1));
    let typed = tower.registers_walk_in(&[
        ("name", "Nguyễn Thị Minh Khai"),
        ("birth", "1990-05-01"),
        ("sex", "female"),
        ("national_id", &khai.number),
    ]);
    assert_ne!(scanned, typed, "a typed number never fuses two people by itself");
    let second = tower.gives_to(&typed, &pfizer(2));
    alley.syncs();
    tower.syncs();
    let nation = world.nation();
    let case = nation.only_case("two_cards_one_person");
    nation.settles(&case, "same_person", None);
    for team in [&alley, &tower, &alley] {
        team.syncs();
        world.nation();
    }
    let both = |doses: Vec<String>| doses.len() == 2 && doses.contains(&first) && doses.contains(&second);
    assert!(both(world.nation().doses_of(&scanned)) && both(alley.doses_of(&scanned)) && both(tower.doses_of(&typed)));

    world.nation().undoes(&case);
    for team in [&alley, &tower] {
        team.syncs();
    }
    assert_eq!(alley.doses_of(&scanned), [first]);
    assert_eq!(tower.doses_of(&typed), [second]);
    assert_eq!(world.nation().only_case("two_cards_one_person").id, case.id);
}

#[test]
fn one_number_under_two_names_is_asked_about_and_the_answer_is_remembered() {
    let world = World::seeded(111);
    let alley = world.laptop("hem 42");
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    alley.scans(&khai);
    alley.registers_walk_in(&[
        ("name", "Lê Văn Nam"),
        ("birth", "1975-05-01"),
        ("sex", "male"),
        ("national_id", &khai.number),
    ]);
    alley.syncs();
    let nation = world.nation();
    let case = nation.only_case("one_card_two_persons");
    nation.settles(&case, "not_same_person", None);
    assert_eq!(world.nation().open_cases(), []);
}

#[test]
fn an_answer_about_two_cards_is_taken_back_on_both() {
    let world = World::seeded(112);
    let (alley, tower) = (world.laptop("hem 42"), world.laptop("chung cu A"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let scanned = alley.scans(&khai);
    let typed = tower.registers_walk_in(&[
        ("name", "Lê Văn Nam"),
        ("birth", "1975-05-01"),
        ("sex", "male"),
        ("national_id", &khai.number),
    ]);
    world.mend_roads_and_settle();
    let case = world.nation().only_case("one_card_two_persons");
    for (answer, status) in [
        ("not_same_person", CaseStatus::Settled),
        ("", CaseStatus::Open),
        ("same_person", CaseStatus::Settled),
        ("", CaseStatus::Open),
    ] {
        match answer {
            "" => world.nation().undoes(&case),
            answer => drop(world.nation().settles(&case, answer, None)),
        }
        world.mend_roads_and_settle();
        for card in [&scanned, &typed] {
            let root = world.nation().root_of(card);
            for team in [&alley, &tower] {
                let view = team.opens(card);
                let at =
                    view.conflicts.iter().find(|conflict| conflict.case == case.id).map(|conflict| conflict.status);
                assert_eq!((at, &view.state_root), (Some(status), &root), "after {answer:?}");
            }
        }
    }
}
