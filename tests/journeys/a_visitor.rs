use field_client::desk::view::{CitizenRef, Look, LookAnswer};
use shared_model::time::{MS_PER_DAY, MS_PER_MINUTE};
use shared_model::view::CaseStatus;
use sync_server::prior::When;
use world::{Person, Team, World, pfizer};

/// Where nobody of these stories lives.
const AWAY: &str = "27000";

fn looks_elsewhere(team: &Team, text: &str) -> LookAnswer {
    team.desk.look_elsewhere(Look { text: text.to_owned(), from_camera: true }).unwrap()
}

/// How many questions a laptop has asked so far.
fn questions(team: &Team) -> usize {
    team.wire.overheard.lock().unwrap().len()
}

fn is_not_here(team: &Team, person: &Person) -> bool {
    matches!(team.looks_at(person), LookAnswer::NewCard { .. })
}

/// Two areas, and somebody who had a dose in the other one.
fn two_areas() -> (World, Team, Team, Person, String) {
    let world = World::seeded(140);
    let home = world.laptop("hem 42");
    let away = world.laptop_in(AWAY, "cho Ben Thanh");
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let dose = home.gives(&khai, &pfizer(1));
    world.mend_roads_and_settle();
    (world, home, away, khai, dose)
}

#[test]
fn a_visitor_is_fetched_from_the_nation_when_the_card_is_shown_and_there_is_a_line() {
    let (world, home, away, khai, dose) = two_areas();
    assert!(is_not_here(&away, &khai));
    away.cut(true);
    assert!(matches!(looks_elsewhere(&away, &khai.card()), LookAnswer::Nothing));
    assert!(is_not_here(&away, &khai));
    away.cut(false);
    let LookAnswer::Citizen { citizen } = looks_elsewhere(&away, &khai.card()) else { panic!("not found") };
    assert_eq!(away.doses_of(&citizen), [dose]);
    assert_eq!(away.opens(&citizen).state_root, world.nation().root_of(&citizen));
    assert_eq!(away.opens(&citizen).doses[0].who.author_name, "Đội hem 42");
    // From then on the card is known there, without a line too.
    away.cut(true);
    assert_eq!(away.scans(&khai), citizen);
    away.cut(false);
    // Somebody nobody knows stays nobody.
    let bao = world.citizen("Trần Văn Bao", "1980-07-01");
    assert!(matches!(looks_elsewhere(&away, &bao.card()), LookAnswer::Nothing));
    assert!(is_not_here(&away, &bao));
    // Registered there, the same question is not asked at each opening of the record.
    let asked = questions(&away);
    away.scans(&bao);
    assert!(matches!(looks_elsewhere(&away, &bao.card()), LookAnswer::Nothing));
    assert_eq!(questions(&away), asked);
    world.clock.advance_ms(11 * MS_PER_MINUTE);
    let bao_at_home = home.scans(&bao);
    let dose = home.gives_to(&bao_at_home, &pfizer(1));
    home.syncs();
    world.nation();
    assert!(matches!(looks_elsewhere(&away, &bao.card()), LookAnswer::Citizen { .. }));
    assert_eq!(away.doses_of(&bao_at_home), [dose]);
}

/// A record is opened by a list too, and asks by its own code.
#[test]
fn a_visitor_known_from_before_is_asked_for_by_the_code_of_the_record() {
    let (world, home, away, khai, first) = two_areas();
    let LookAnswer::Citizen { citizen } = looks_elsewhere(&away, &khai.card()) else { panic!("not found") };
    let second = home.gives(&khai, &pfizer(2));
    home.syncs();
    world.nation();
    world.clock.advance_ms(11 * MS_PER_MINUTE);
    let code = away.opens(&citizen).own_code;
    away.cut(true);
    // Without a line, the answer is what was fetched before.
    assert_eq!(looks_elsewhere(&away, &code), LookAnswer::Citizen { citizen: citizen.clone() });
    assert_eq!(away.doses_of(&citizen), std::slice::from_ref(&first));
    away.cut(false);
    assert_eq!(looks_elsewhere(&away, &code), LookAnswer::Citizen { citizen: citizen.clone() });
    assert_eq!(away.doses_of(&citizen), [first, second]);
}

#[test]
fn a_visitor_who_comes_again_is_asked_for_again_until_a_feed_tells_of_them() {
    let (world, home, away, khai, first) = two_areas();
    let LookAnswer::Citizen { citizen } = looks_elsewhere(&away, &khai.card()) else { panic!("not found") };
    let second = home.gives(&khai, &pfizer(2));
    home.syncs();
    world.nation();
    // Somebody standing at the table is not asked for at every glance.
    assert!(matches!(looks_elsewhere(&away, &khai.card()), LookAnswer::Nothing));
    world.clock.advance_ms(11 * MS_PER_MINUTE);
    assert!(matches!(looks_elsewhere(&away, &khai.card()), LookAnswer::Citizen { .. }));
    assert_eq!(away.doses_of(&citizen), [first, second]);
    // A dose given here makes this area one that hears of them.
    away.gives(&khai, &pfizer(3));
    world.mend_roads_and_settle();
    world.mend_roads_and_settle();
    world.clock.advance_ms(MS_PER_DAY);
    let before = questions(&away);
    assert!(matches!(looks_elsewhere(&away, &khai.card()), LookAnswer::Nothing));
    assert_eq!(questions(&away), before, "nobody was asked");
    let lot = home.gives(&khai, &pfizer(4));
    world.mend_roads_and_settle();
    assert!(away.doses_of(&citizen).contains(&lot));
}

#[test]
fn a_visitors_linked_cards_come_along() {
    let (world, home, away, khai, _) = two_areas();
    let walk_in = home.registers_walk_in(&[
        ("name", "Nguyễn Thị Minh Khai"),
        ("birth", "1990-05-01"),
        ("sex", "female"),
        ("national_id", &khai.number),
    ]);
    let other = home.gives_to(&walk_in, &pfizer(2));
    world.mend_roads_and_settle();
    let nation = world.nation();
    let case = nation.only_case("two_cards_one_person");
    nation.settles(&case, "same_person", None);
    world.mend_roads_and_settle();
    let LookAnswer::Citizen { citizen } = looks_elsewhere(&away, &khai.card()) else { panic!("not found") };
    assert!(away.doses_of(&citizen).contains(&other));
    assert_eq!(away.opens(&citizen).state_root, world.nation().root_of(&citizen));

    // No feed tells of the second card either: by it, too, the story goes on.
    let third = home.gives_to(&walk_in, &pfizer(3));
    home.syncs();
    world.nation();
    world.clock.advance_ms(11 * MS_PER_MINUTE);
    let slip = away.opens(&walk_in).own_code;
    assert_eq!(looks_elsewhere(&away, &slip), LookAnswer::Citizen { citizen: walk_in.clone() });
    assert!(away.doses_of(&citizen).contains(&third));

    // They are forgotten together, and come back together by either card.
    world.clock.advance_ms(31 * MS_PER_DAY);
    away.syncs();
    assert!(is_not_here(&away, &khai));
    assert!(away.desk.open_citizen(CitizenRef { citizen: walk_in.clone() }).is_err());
    assert_eq!(looks_elsewhere(&away, &slip), LookAnswer::Citizen { citizen: walk_in.clone() });
    for card in [&walk_in, &citizen] {
        assert_eq!(away.doses_of(card).len(), 3);
        assert_eq!(away.opens(card).state_root, world.nation().root_of(card));
    }
}

/// Two people under one number, each in an area of their own; an admin said that they are two.
fn told_apart() -> (World, Team, Team, Person, String, String) {
    let (world, home, away, khai, dose) = two_areas();
    let nam = away.registers_walk_in(&[
        ("name", "Lê Văn Nam"),
        ("birth", "1975-05-01"),
        ("sex", "male"),
        ("national_id", &khai.number),
    ]);
    world.mend_roads_and_settle();
    let case = world.nation().only_case("one_card_two_persons");
    world.nation().settles(&case, "not_same_person", None);
    world.mend_roads_and_settle();
    let settled: Vec<_> = away.opens(&nam).conflicts.iter().map(|conflict| conflict.answer.clone()).collect();
    assert_eq!(settled, [Some("not_same_person".to_owned())]);
    (world, home, away, khai, nam, dose)
}

#[test]
fn a_card_that_somebody_elses_settlement_names_is_not_known_by_it() {
    let (world, home, away, khai, nam, first) = told_apart();
    let citizen = home.scans(&khai);
    // The number is Nam's too, so he is offered; nobody opens a blank record of hers.
    let LookAnswer::People { lines, .. } = away.looks_at(&khai) else { panic!("she is taken for known") };
    assert_eq!(lines.iter().map(|line| &line.id).collect::<Vec<_>>(), [&nam]);
    assert!(away.desk.open_citizen(CitizenRef { citizen: citizen.clone() }).is_err());
    assert_eq!(looks_elsewhere(&away, &khai.card()), LookAnswer::Citizen { citizen: citizen.clone() });
    assert_eq!(away.doses_of(&citizen), std::slice::from_ref(&first));

    // The settlement is taken back: that comes with Nam's story, and she stays a visitor.
    let case = world.nation().cases("settled").pop().unwrap();
    world.nation().undoes(&case);
    world.mend_roads_and_settle();
    let second = home.gives(&khai, &pfizer(2));
    home.syncs();
    world.nation();
    world.clock.advance_ms(11 * MS_PER_MINUTE);
    assert_eq!(looks_elsewhere(&away, &khai.card()), LookAnswer::Citizen { citizen: citizen.clone() });
    assert_eq!(away.doses_of(&citizen), [first, second]);
}

#[test]
fn filters_are_asked_about_a_card_that_a_settlement_only_names() {
    let (world, _home, away, _, nam, _) = told_apart();
    assert!(world.writes_filter(When::Now).is_some());
    // Filters are asked for once an hour.
    world.clock.advance_ms(MS_PER_DAY);
    away.syncs();
    // His number is the number of her card, whose story is not here.
    assert_eq!(away.opens(&nam).prior.map(|prior| prior.doses), Some(1));
}

#[test]
fn what_was_settled_about_a_visitor_is_settled_when_they_come_again() {
    let (world, home, away, khai, nam, dose) = told_apart();
    let LookAnswer::Citizen { citizen } = looks_elsewhere(&away, &khai.card()) else { panic!("not found") };
    let statuses = |team: &Team, card: &str| -> Vec<CaseStatus> {
        team.opens(card).conflicts.iter().map(|conflict| conflict.status).collect()
    };
    assert_eq!(statuses(&away, &citizen), [CaseStatus::Settled]);
    world.clock.advance_ms(31 * MS_PER_DAY);
    away.syncs();
    assert!(away.desk.open_citizen(CitizenRef { citizen: citizen.clone() }).is_err(), "forgotten");
    // Nam is at home there, and what was settled about both of them stays with him.
    assert!(matches!(looks_elsewhere(&away, &khai.card()), LookAnswer::Citizen { .. }));
    assert_eq!(statuses(&away, &citizen), [CaseStatus::Settled]);
    assert_eq!(statuses(&away, &nam), [CaseStatus::Settled]);
    assert_eq!(away.opens(&citizen).state_root, world.nation().root_of(&citizen));

    // Forgotten again, she comes to stay: the same by the feed.
    world.clock.advance_ms(31 * MS_PER_DAY);
    away.syncs();
    let neighbour = world.laptop_in(AWAY, "truong hoc");
    assert!(matches!(looks_elsewhere(&neighbour, &khai.card()), LookAnswer::Citizen { .. }));
    let here = neighbour.gives(&khai, &pfizer(2));
    world.mend_roads_and_settle();
    assert_eq!(away.doses_of(&citizen), [dose, here]);
    assert_eq!(statuses(&away, &citizen), [CaseStatus::Settled]);
    assert_eq!(away.opens(&citizen).state_root, home.opens(&citizen).state_root);
}

/// What a hub's laptops say of somebody is not all that is said of them.
#[test]
fn a_visitor_whom_a_hub_tells_of_is_a_visitor_still() {
    let world = World::seeded(141);
    let home = world.laptop_in(AWAY, "cho Ben Thanh");
    let (hub, alley, tower) = (world.hub("quận 5"), world.laptop("hem 42"), world.laptop("chung cu a"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let first = home.gives(&khai, &pfizer(1));
    world.mend_roads_and_settle();
    assert_eq!(world.forwards(&hub).trouble, None);
    let LookAnswer::Citizen { citizen } = looks_elsewhere(&alley, &khai.card()) else { panic!("not found") };
    for team in [&alley, &tower] {
        team.knows(&[&hub]);
    }
    tower.cut(true);
    let second = tower.gives(&khai, &pfizer(2));
    tower.tries_to_sync();
    world.draws(&hub);
    // The hub brings it. The nation has not heard of it, and tells this area nothing of her.
    alley.syncs();
    assert_eq!(alley.doses_of(&citizen), [first, second]);

    let third = home.gives(&khai, &pfizer(3));
    home.syncs();
    world.nation();
    world.clock.advance_ms(11 * MS_PER_MINUTE);
    assert_eq!(looks_elsewhere(&alley, &khai.card()), LookAnswer::Citizen { citizen: citizen.clone() });
    assert_eq!(alley.doses_of(&citizen).len(), 3, "the hub's dose, and both of her home's");
    assert!(alley.doses_of(&citizen).contains(&third));

    assert_eq!(world.forwards(&hub).trouble, None);
    world.mend_roads_and_settle();
    for team in [&home, &alley, &tower] {
        assert_eq!(team.opens(&citizen).state_root, world.nation().root_of(&citizen));
    }
}

#[test]
fn a_visitor_of_long_ago_is_forgotten_and_fetched_again_when_wanted() {
    let (world, home, away, khai, dose) = two_areas();
    let LookAnswer::Citizen { citizen } = looks_elsewhere(&away, &khai.card()) else { panic!("not found") };
    world.clock.advance_ms(29 * MS_PER_DAY);
    away.syncs();
    assert_eq!(away.doses_of(&citizen), std::slice::from_ref(&dose));
    world.clock.advance_ms(2 * MS_PER_DAY);
    away.syncs();
    assert!(is_not_here(&away, &khai));
    assert!(away.desk.open_citizen(CitizenRef { citizen: citizen.clone() }).is_err());
    assert!(matches!(looks_elsewhere(&away, &khai.card()), LookAnswer::Citizen { .. }));
    assert_eq!(away.opens(&citizen).state_root, home.opens(&citizen).state_root);
    assert_eq!(away.doses_of(&citizen), [dose]);
}

#[test]
fn nobody_is_forgotten_of_whom_something_was_said_here_that_the_nation_did_not_send_back() {
    let (world, home, away, khai, first) = two_areas();
    let LookAnswer::Citizen { citizen } = looks_elsewhere(&away, &khai.card()) else { panic!("not found") };
    away.cut(true);
    let own = away.gives_to(&citizen, &pfizer(2));
    world.clock.advance_ms(31 * MS_PER_DAY);
    away.cut(false);
    // Pushed and not drawn yet: no feed tells of them, and this dose is on no other laptop.
    away.syncs();
    assert_eq!(away.doses_of(&citizen), [first.clone(), own.clone()]);
    world.mend_roads_and_settle();
    world.clock.advance_ms(31 * MS_PER_DAY);
    away.syncs();
    // At home here by now: a feed tells of them.
    assert_eq!(away.doses_of(&citizen), [first, own]);
    assert_eq!(away.opens(&citizen).state_root, home.opens(&citizen).state_root);
}

/// People of the own area are no visitors, however long nobody saw them.
#[test]
fn nobody_of_the_own_area_is_forgotten() {
    let (world, home, _away, khai, dose) = two_areas();
    world.clock.advance_ms(40 * MS_PER_DAY);
    home.syncs();
    assert_eq!(home.doses_of(&home.scans(&khai)), [dose]);
}
