use field_client::desk::view::{CitizenRef, Look, LookAnswer};
use shared_model::time::{MS_PER_DAY, MS_PER_MINUTE};
use world::{Person, Team, World, pfizer};

fn looks_elsewhere(team: &Team, text: &str) -> LookAnswer {
    team.desk.look_elsewhere(Look { text: text.to_owned(), from_camera: true }).unwrap()
}

fn is_not_here(team: &Team, person: &Person) -> bool {
    matches!(team.looks_at(person), LookAnswer::NewCard { .. })
}

/// Two areas, and somebody who had a dose in the other one.
fn two_areas() -> (World, Team, Team, Person, String) {
    let world = World::seeded(140);
    let home = world.laptop("hem 42");
    let away = world.laptop_in("27000", "cho Ben Thanh");
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
    drop(home);
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
    let before = away.wire.overheard.lock().unwrap().len();
    assert!(matches!(looks_elsewhere(&away, &khai.card()), LookAnswer::Nothing));
    assert_eq!(away.wire.overheard.lock().unwrap().len(), before, "nobody was asked");
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
