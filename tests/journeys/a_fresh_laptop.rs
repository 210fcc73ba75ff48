use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use shared_model::citizen::{Address, Birth, BirthPrecision, PersonName, Phone, RegisterValue, Sex};
use shared_model::ids::CitizenId;
use world::{Handmade, Harm, Loss, Team, World, astrazeneca, pfizer};

#[test]
fn a_third_laptop_takes_everything_of_the_ward_and_agrees_with_the_others_to_the_last_statement() {
    let world = World::seeded(130);
    let (alley, tower) = (world.laptop("hem 42"), world.laptop("chung cu A"));
    let people = [
        world.citizen("Nguyễn Thị Minh Khai", "1990-05-01"),
        world.citizen("Trần Văn Bao", "1980-07-01"),
        world.citizen("Lê Thị Bình", "1971-01-01"),
    ];
    world.cut_all_roads();
    let first = alley.gives(&people[0], &astrazeneca(2));
    tower.gives(&people[0], &astrazeneca(2));
    let wrong = alley.gives(&people[1], &astrazeneca(1));
    alley.withdraws(&wrong, "wrong_person");
    tower.gives(&people[1], &pfizer(1));
    let lot = tower.gives(&people[2], &pfizer(1));
    tower.corrects_lot(&lot, "FK9413");
    alley.edits(&alley.scans(&people[2]), "phone", "0912345678");
    tower.edits(&tower.scans(&people[2]), "phone", "0987654321");
    world.mend_roads_and_settle();
    for case in world.nation().open_cases() {
        let names = (case.kind == "too_many_doses").then_some(first.as_str());
        if names.is_some() {
            world.nation().settles(&case, "same_dose", names);
        }
    }
    world.mend_roads_and_settle();
    let fresh = world.laptop("nha van hoa");
    assert!(!fresh.desk.sync_state().unwrap().area_ready);
    assert!(fresh.syncs().area_ready);
    let nation = world.nation();
    for person in &people {
        let citizen = fresh.scans(person);
        let seen = |team: &Team| {
            let view = team.opens(&citizen);
            let doses: Vec<_> =
                view.doses.iter().map(|dose| (dose.statement.clone(), dose.state, dose.lot.clone())).collect();
            (view.state_root, doses, view.fields, view.conflicts)
        };
        assert_eq!(seen(&fresh), seen(&alley));
        assert_eq!(seen(&fresh), seen(&tower));
        assert_eq!(seen(&fresh).0, nation.root_of(&citizen));
    }
}

/// Somebody with many corrections of a phone number, each made in the knowledge of the one before.
fn a_long_story(world: &World, device: &mut Handmade, number: u16) -> CitizenId {
    let [high, low] = number.to_be_bytes();
    let citizen = CitizenId([7, high, low, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    let born = shared_model::time::Date::new(1950 + i32::from(number % 50), 5, 1).unwrap();
    let form = vec![
        RegisterValue::Name(PersonName::parse(&format!("Nguyễn Thị {number}")).unwrap()),
        RegisterValue::Birth(Birth { date: born, precision: BirthPrecision::Day }),
        RegisterValue::Sex(Sex::Female),
        RegisterValue::Address(Address::parse("42 Hẻm 5, Phường 3").unwrap()),
    ];
    device.edits(world, citizen, form, &[]);
    device.gives(world, citizen);
    let mut last = Vec::new();
    for n in 0..20 {
        let phone = Phone::parse(&format!("09{:04}{n:04}", number % 10_000)).unwrap();
        last = vec![device.edits(world, citizen, vec![RegisterValue::Phone(phone)], &last)];
    }
    citizen
}

/// A feed that is far ahead is taken as files of a thousand entries, then read on from where the last of them ends.
#[test]
fn a_large_ward_is_taken_as_files_and_the_rest_of_it_is_read_behind_them() {
    let world = World::seeded(131);
    let mut office = world.handmade("van phong");
    let people: Vec<CitizenId> = (0..230).map(|number| a_long_story(&world, &mut office, number)).collect();
    assert_eq!(office.pushes(&world), []);
    world.nation();

    let fresh = world.laptop("nha van hoa");
    // The first try ends before the third file; what came stays, and nothing counts as read to its end.
    fresh.wire.lose(6, Loss::Question);
    let cut = fresh.tries_to_sync();
    assert_eq!((cut.trouble.as_deref(), cut.area_ready, cut.pulled), (Some("no_network"), false, 2_000));
    // News that is younger than the files; and the third file comes otherwise than it was announced.
    let last = a_long_story(&world, &mut office, 9_999);
    office.pushes(&world);
    let nation = world.nation();
    fresh.wire.lose_nothing();
    fresh.wire.harm(4, Loss::Answer, Harm::Flipped, 4_711);
    let before = fresh.wire.overheard.lock().unwrap().len();
    let state = fresh.syncs();
    assert_eq!((state.area_ready, state.pulled), (true, 231 * 22 - 2_000));
    let overheard = fresh.wire.overheard.lock().unwrap();
    let paths: Vec<&str> = overheard[before..].iter().map(|parcel| parcel.path.as_str()).collect();
    let files: Vec<&str> = paths.iter().copied().filter(|path| path.starts_with("/device/segment/")).collect();
    // The harmed one was fetched twice, and those of the first try not at all.
    assert_eq!((files.len(), files.iter().collect::<BTreeSet<_>>().len()), (4, 3), "{paths:?}");
    assert_eq!(files[0], files[1]);
    assert_eq!(paths.iter().filter(|path| **path == "/device/segments").count(), 2, "{paths:?}");
    assert_eq!(paths.iter().filter(|path| **path == "/device/pull").count(), 1, "{paths:?}");
    for citizen in [people[0], people[115], people[229], last] {
        let citizen = citizen.to_string();
        assert_eq!(fresh.opens(&citizen).state_root, nation.root_of(&citizen));
        assert_eq!(fresh.opens(&citizen).doses[0].who.author_name, "Đội van phong");
    }
    drop(overheard);
    fresh.wire.cut.store(false, Ordering::Relaxed);
    assert_eq!(fresh.syncs().pulled, 0);
}
