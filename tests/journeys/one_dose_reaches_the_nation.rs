use shared_model::view::{Copies, DoseStateView};
use world::{World, astrazeneca};

#[test]
fn a_dose_given_in_an_alley_is_in_the_national_record_with_nothing_missing() {
    let world = World::seeded(1);
    let alley = world.laptop("hem 42");
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");

    alley.cut(true);
    let dose = alley.gives(&khai, &astrazeneca(1));
    let citizen = alley.scans(&khai);
    let seen = &alley.opens(&citizen).doses[0];
    assert_eq!((seen.state, seen.copies), (DoseStateView::Given, Copies::Here));
    assert_eq!(alley.tries_to_sync().trouble.as_deref(), Some("no_network"));

    alley.cut(false);
    let state = alley.syncs();
    assert_eq!((state.to_push, state.durable_to), (0, 2));
    assert_eq!(alley.opens(&citizen).doses[0].copies, Copies::Nation);

    let nation = world.nation();
    assert_eq!(nation.doses_of(&citizen), [dose]);
    assert_eq!(nation.root_of(&citizen), alley.opens(&citizen).state_root);
    let log = &nation.device("hem 42")["logs"][0];
    assert_eq!((log["durable_to"].as_u64(), log["claimed_head"].as_u64()), (Some(2), Some(2)));
    assert_eq!(log["missing"].as_array().map(Vec::len), Some(0));
}

#[test]
fn what_a_laptop_has_signed_and_not_sent_is_named_by_its_numbers() {
    let world = World::seeded(2);
    let alley = world.laptop("hem 42");
    alley.gives(&world.citizen("Trần Văn Út", "1955-02-03"), &astrazeneca(1));
    alley.syncs();
    for name in ["Lê Thị Ba", "Lê Thị Tư"] {
        alley.gives(&world.citizen(name, "1960-01-01"), &astrazeneca(1));
    }
    // The laptop says hello, names its head, and the line breaks.
    alley.wire.lose(3, world::Loss::Question);
    alley.tries_to_sync();
    let nation = world.nation();
    let log = &nation.device("hem 42")["logs"][0];
    assert_eq!(log["missing"], serde_json::json!([{ "from": 3, "to": 6 }]));
}

#[test]
fn a_fresh_laptop_of_the_ward_knows_everybody_after_one_sync() {
    let world = World::seeded(3);
    let alley = world.laptop("hem 42");
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let dose = alley.gives(&khai, &astrazeneca(1));
    alley.syncs();
    world.nation();
    let fresh = world.laptop("nha van hoa");
    let state = fresh.syncs();
    assert!(state.area_ready && state.pulled == 2, "{state:?}");
    let citizen = fresh.scans(&khai);
    assert_eq!(fresh.doses_of(&citizen), [dose]);
    assert_eq!(fresh.opens(&citizen).state_root, alley.opens(&citizen).state_root);
    assert_eq!(fresh.opens(&citizen).doses[0].who.author_name, "Đội hem 42");
    assert_eq!(fresh.syncs().pulled, 0, "the second time there is nothing new");
}
