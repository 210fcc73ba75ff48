//! A laptop that never meets the nation still knows whose card to ask for: a hub hands the nation's filters on, and so do
//! the sticks that come home.

use std::fs;

use field_client::desk::view::LookAnswer;
use shared_model::time::{MS_PER_DAY, MS_PER_HOUR};
use sync_server::prior::When;
use world::sticks::file_in;
use world::{Person, Team, World, astrazeneca};

const HUE: &str = "19753";

/// Doses a laptop tells of somebody it does not know; nothing where it asks for no card.
fn doses_told(team: &Team, person: &Person) -> u8 {
    match team.looks_at(person) {
        LookAnswer::NewCard { prior, .. } => prior.map_or(0, |prior| prior.doses),
        other => panic!("somebody known: {other:?}"),
    }
}

/// Somebody is vaccinated twice in Huế, and the nation writes what it knows into a filter.
fn vaccinated_in_hue(world: &World) -> (Team, Person) {
    let (hue, khai) = (world.laptop_in(HUE, "Hue"), world.citizen("Nguyễn Thị Minh Khai", "1990-05-01"));
    (1..=2).for_each(|number| drop(hue.gives(&khai, &astrazeneca(number))));
    hue.syncs();
    world.writes_filter(When::Now).unwrap();
    (hue, khai)
}

fn citizens_held(team: &Team) -> Option<u64> {
    team.tries_to_sync().prior.filter(|prior| prior.bytes_missing == 0).map(|prior| prior.citizens)
}

#[test]
fn a_hub_hands_the_nations_filters_on() {
    let world = World::seeded(260);
    let (hub, alley) = (world.hub("quận 5"), world.laptop("hem 42"));
    let (_, khai) = vaccinated_in_hue(&world);
    alley.knows(&[&hub]);
    alley.cut(true);
    assert_eq!(citizens_held(&alley), None, "the hub has none yet, and says so");
    world.forwards(&hub);
    world.clock.advance_ms(2 * MS_PER_HOUR);
    assert_eq!(citizens_held(&alley), Some(1));
    assert_eq!(doses_told(&alley, &khai), 2);
    // They outlive the hub's process, and the nation's absence.
    hub.cut(true);
    world.restarts(&hub, &hub.data);
    let tower = world.laptop("chung cu a");
    tower.knows(&[&hub]);
    tower.cut(true);
    assert_eq!((citizens_held(&tower), doses_told(&tower, &khai)), (Some(1), 2));
}

#[test]
fn what_a_hub_still_has_from_yesterday_takes_the_place_of_nothing_newer() {
    let world = World::seeded(261);
    let (hub, alley) = (world.hub("quận 5"), world.laptop("hem 42"));
    let (hue, khai) = vaccinated_in_hue(&world);
    world.forwards(&hub);
    world.clock.advance_ms(MS_PER_DAY);
    let ba = world.citizen("Lê Thị Ba", "1960-01-01");
    hue.gives(&ba, &astrazeneca(1));
    hue.syncs();
    world.writes_filter(When::BaseNow).unwrap();
    assert_eq!(citizens_held(&alley), Some(2));
    alley.knows(&[&hub]);
    alley.cut(true);
    world.clock.advance_ms(2 * MS_PER_HOUR);
    assert_eq!(citizens_held(&alley), Some(2));
    assert_eq!((doses_told(&alley, &khai), doses_told(&alley, &ba)), (2, 1));
    // Once the hub asked again it has the new ones, and not the old ones beside them.
    world.forwards(&hub);
    let files = fs::read_dir(hub.data.join("prior")).unwrap().count();
    assert_eq!(files, 1, "one segment of one base");
}

/// Somebody lays the filters of another campaign into the hub's directory.
#[test]
fn filters_that_this_campaign_did_not_sign_are_nobodys() {
    let (world, abroad) = (World::seeded(262), World::seeded(263));
    let (hub, theirs) = (world.hub("quận 5"), abroad.hub("nước ngoài"));
    drop(vaccinated_in_hue(&abroad));
    abroad.forwards(&theirs);
    world.forwards(&hub);
    fs::copy(theirs.data.join("keys/prior.cbor"), hub.data.join("keys/prior.cbor")).unwrap();
    world::copy_folder(&theirs.data.join("prior"), &hub.data.join("prior"));
    world.restarts(&hub, &hub.data);
    let alley = world.laptop("hem 42");
    alley.knows(&[&hub]);
    alley.cut(true);
    let state = alley.tries_to_sync();
    assert_eq!((state.hubs[0].trouble.clone(), state.prior), (None, None));
}

#[test]
fn the_stick_that_comes_home_brings_the_filters_that_are_missing() {
    let world = World::seeded(264);
    let (hub, alley, tower) = (world.hub("quận 5"), world.laptop("hem 42"), world.laptop("chung cu a"));
    let (_, khai) = vaccinated_in_hue(&world);
    world.forwards(&hub);
    let carry = |team: &Team, name: &str, by_hub: bool| {
        let stick = world.stick(name);
        team.cut(true);
        team.writes_stick(&stick);
        let taken = if by_hub { world.hub_takes_and_answers(&hub, &stick) } else { world.takes_and_answers(&stick) };
        assert_eq!(taken.exit_code(), 0, "{:?}", taken.lines());
        let bytes = fs::metadata(file_in(&stick, "return")).unwrap().len();
        team.reads_stick(&stick);
        bytes
    };
    for (team, name, by_hub) in [(&alley, "nation", false), (&tower, "hub", true)] {
        assert_eq!(doses_told(team, &khai), 0);
        let first = carry(team, name, by_hub);
        assert_eq!(doses_told(team, &khai), 2, "by the {name}'s stick");
        let second = carry(team, &format!("{name} again"), by_hub);
        assert!(second < first, "what is here is not carried again: {second} of {first}");
    }
}
