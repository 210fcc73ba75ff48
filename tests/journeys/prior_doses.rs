//! Somebody from elsewhere comes to a table without a line: the laptop knows whose card to ask for, and refuses nobody.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use field_client::desk::view::LookAnswer;
use shared_model::ids::CitizenId;
use shared_model::prior::{Filter, Filters, Manifest, Mark, PriorAnswer, PriorAsk};
use shared_model::time::MS_PER_DAY;
use shared_model::view::PriorView;
use sync_server::prior::When;
use world::{Loss, Person, Team, World, astrazeneca, pfizer};

const HUE: &str = "19753";

fn told(answer: &LookAnswer) -> Option<&PriorView> {
    match answer {
        LookAnswer::NewCard { prior, .. } => prior.as_ref(),
        other => panic!("somebody known: {other:?}"),
    }
}

fn doses_told(team: &Team, person: &Person) -> u8 {
    told(&team.looks_at(person)).map_or(0, |prior| prior.doses)
}

/// A team in Huế vaccinates so many times, and the nation knows.
fn vaccinated(world: &World, hue: &Team, person: &Person, doses: u8) {
    for number in 1..=doses {
        hue.gives(person, &astrazeneca(number));
    }
    hue.syncs();
    world.nation();
}

fn files_in(folder: PathBuf) -> Vec<PathBuf> {
    let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).filter(|path| path.is_file()).collect();
    files.retain(|path| path.file_name().is_some_and(|name| name != "lock"));
    files.sort();
    files
}

#[test]
fn somebody_vaccinated_in_another_province_is_asked_for_the_card_and_not_refused() {
    let world = World::seeded(600);
    let (hue, alley) = (world.laptop_in(HUE, "Hue"), world.laptop("hem 42"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    vaccinated(&world, &hue, &khai, 2);
    world.writes_filter(When::AtNight).unwrap();
    let state = alley.syncs();
    let filter = state.prior.unwrap();
    assert_eq!((filter.as_of.as_deref(), filter.citizens, filter.bytes_missing), (Some("2021-09-29"), 1, 0));

    world.cut_all_roads();
    let seen = alley.looks_at(&khai);
    let asked = PriorView { doses: 2, or_more: false, as_of: "2021-09-29".to_owned() };
    assert_eq!(told(&seen), Some(&asked));
    let card = alley.scans(&khai);
    assert_eq!(alley.opens(&card).prior, Some(asked.clone()));
    // The card says one more was due; nothing stands in the way of it.
    alley.gives_to(&card, &pfizer(3));
    assert_eq!(alley.opens(&card).prior, Some(asked));

    world.mend_roads_and_settle();
    // The whole story has come down.
    let view = alley.opens(&card);
    assert_eq!((view.doses.len(), view.prior), (3, None));
}

#[test]
fn nothing_is_asked_where_the_laptop_knows_as_much_and_hardly_ever_of_strangers() {
    let world = World::seeded(601);
    let (hue, alley) = (world.laptop_in(HUE, "Hue"), world.laptop("hem 42"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    vaccinated(&world, &hue, &khai, 1);
    world.writes_filter(When::Now).unwrap();
    alley.syncs();
    world.cut_all_roads();
    assert_eq!(doses_told(&alley, &khai), 1);
    let card = alley.scans(&khai);
    // The card she carries is typed in by giving what it says.
    alley.gives_to(&card, &astrazeneca(1));
    assert_eq!(alley.opens(&card).prior, None);
    let strangers = (0..200).map(|n| world.citizen("Lê Văn An", &format!("19{:02}-03-04", n % 100)));
    let hits = strangers.filter(|stranger| doses_told(&alley, stranger) > 0).count();
    assert!(hits <= 10, "{hits} of 200 strangers were taken for somebody");
}

#[test]
fn a_typed_number_is_looked_up_as_the_card_it_stands_on() {
    let world = World::seeded(602);
    let (hue, alley) = (world.laptop_in(HUE, "Hue"), world.laptop("hem 42"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    vaccinated(&world, &hue, &khai, 2);
    world.writes_filter(When::Now).unwrap();
    alley.syncs();
    world.cut_all_roads();
    let typed = alley.registers_walk_in(&[
        ("name", "Nguyễn Thị Minh Khai"),
        ("birth", "1990-05-01"),
        ("sex", "female"),
        ("national_id", &khai.number),
    ]);
    assert_eq!(alley.opens(&typed).prior.map(|prior| prior.doses), Some(2));
}

#[test]
fn each_of_two_cards_tells_the_doses_of_both_once_they_are_one_person() {
    let world = World::seeded(603);
    let (hue, alley) = (world.laptop_in(HUE, "Hue"), world.laptop("hem 42"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let fresh = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    vaccinated(&world, &hue, &khai, 1);
    vaccinated(&world, &hue, &fresh, 1);
    // The second card is found to be hers by the number of the first.
    let second = hue.scans(&fresh);
    hue.edits(&second, "old_national_id", &khai.number[..9]);
    let first = hue.scans(&khai);
    hue.edits(&first, "old_national_id", &khai.number[..9]);
    hue.syncs();
    let case = world.nation().only_case("two_cards_one_person");
    world.nation().settles(&case, "same_person", None);
    world.writes_filter(When::Now).unwrap();
    alley.syncs();
    world.cut_all_roads();
    assert_eq!([&khai, &fresh].map(|card| doses_told(&alley, card)), [2, 2]);
}

#[test]
fn a_dose_taken_back_is_asked_about_until_the_next_base() {
    let world = World::seeded(604);
    let (hue, alley) = (world.laptop_in(HUE, "Hue"), world.laptop("hem 42"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    // So that one changed card is less than a quarter.
    for n in 0..8 {
        hue.gives(&world.citizen("Lê Văn An", &format!("19{}-01-01", 50 + n)), &astrazeneca(1));
    }
    hue.gives(&khai, &astrazeneca(1));
    let mistaken = hue.gives(&khai, &astrazeneca(2));
    hue.syncs();
    world.writes_filter(When::AtNight).unwrap();
    alley.syncs();
    assert_eq!(doses_told(&alley, &khai), 2);

    hue.withdraws(&mistaken, "not_given");
    hue.syncs();
    world.clock.advance_ms(MS_PER_DAY);
    assert!(world.writes_filter(When::AtNight).unwrap().base.is_some());
    alley.syncs();
    // A delta can't say "one less": a stranger's chance hit could then hide a dose that was given.
    assert_eq!(doses_told(&alley, &khai), 2);

    world.clock.advance_ms(MS_PER_DAY);
    assert!(world.writes_filter(When::BaseNow).unwrap().base.is_none());
    alley.syncs();
    assert_eq!(doses_told(&alley, &khai), 1);
}

#[test]
fn a_damaged_file_says_nothing_wrong_and_is_fetched_again() {
    let world = World::seeded(605);
    let (hue, alley) = (world.laptop_in(HUE, "Hue"), world.laptop("hem 42"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    vaccinated(&world, &hue, &khai, 2);
    world.writes_filter(When::Now).unwrap();
    alley.syncs();
    let files = files_in(alley.folder.join("prior"));
    let mut bytes = fs::read(&files[0]).unwrap();
    bytes[30] ^= 4;
    fs::write(&files[0], bytes).unwrap();
    assert_eq!(doses_told(&alley, &khai), 0, "a block that does not read back tells nothing");
    alley.syncs();
    assert_eq!(doses_told(&alley, &khai), 2);
    // Lost while the laptop is off.
    fs::remove_file(&files_in(alley.folder.join("prior"))[0]).unwrap();
    let alley = alley.loses_power();
    assert_eq!(doses_told(&alley, &khai), 0);
    alley.syncs();
    assert_eq!(doses_told(&alley, &khai), 2);
}

#[test]
fn a_download_cut_off_anywhere_is_no_trouble_of_the_sync_and_is_resumed() {
    let world = World::seeded(606);
    let (hue, alley) = (world.laptop_in(HUE, "Hue"), world.laptop("hem 42"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    alley.syncs();
    // The second sync on a settled laptop: a nonce, hello, and then what there is of filters.
    vaccinated(&world, &hue, &khai, 1);
    let mut cuts = 0;
    for message in 1..12 {
        for half in [Loss::Question, Loss::Answer] {
            world.clock.advance_ms(MS_PER_DAY);
            world.writes_filter(When::BaseNow).unwrap();
            alley.wire.lose(message, half);
            let state = alley.tries_to_sync();
            let carried = alley.wire.carried();
            alley.wire.lose_nothing();
            let doses_came_through = state.trouble.is_none();
            let filter_came_through = state.prior.is_some_and(|prior| prior.bytes_missing == 0);
            cuts += u32::from(doses_came_through && carried >= message);
            assert!(filter_came_through || doses_came_through || carried >= message);
            world.clock.advance_ms(MS_PER_DAY);
            let state = alley.syncs();
            assert_eq!(state.prior.map(|prior| prior.bytes_missing), Some(0), "cut at message {message}");
            assert_eq!(doses_told(&alley, &khai), 1);
        }
    }
    assert!(cuts > 0, "no cut fell among the filter's messages");
}

#[test]
fn a_wrong_clock_and_a_filter_of_years_ago_are_told_with_the_nations_date() {
    let world = World::seeded(607);
    let (hue, alley) = (world.laptop_in(HUE, "Hue"), world.laptop("hem 42"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    vaccinated(&world, &hue, &khai, 2);
    alley.clock_is_off_by_days(-4_000);
    world.writes_filter(When::Now).unwrap();
    alley.syncs();
    world.cut_all_roads();
    let asked = PriorView { doses: 2, or_more: false, as_of: "2021-09-29".to_owned() };
    assert_eq!(told(&alley.looks_at(&khai)), Some(&asked));
    world.clock.advance_ms(3 * 365 * MS_PER_DAY);
    let alley = alley.loses_power();
    assert_eq!(told(&alley.looks_at(&khai)), Some(&asked));
}

#[test]
fn stolen_files_alone_tell_nothing() {
    let world = World::seeded(608);
    let (hue, alley) = (world.laptop_in(HUE, "Hue"), world.laptop("hem 42"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    vaccinated(&world, &hue, &khai, 2);
    world.writes_filter(When::Now).unwrap();
    alley.syncs();
    let spy = world.handmade("spy");
    let answer: PriorAnswer = spy.asks(&world, "/device/prior", &PriorAsk {}).unwrap();
    let key = answer.key().unwrap();
    let card = CitizenId::parse(&hue.scans(&khai)).unwrap();
    let mark = Mark::of(&key, card).0;

    let of_server = files_in(world.folder().join("nation/prior"));
    let of_laptop = files_in(alley.folder.join("prior"));
    assert_eq!((of_server.len(), of_laptop.len()), (1, 1));
    for path in of_server.iter().chain(&of_laptop) {
        let bytes = fs::read(path).unwrap();
        for needle in [card.as_bytes().to_vec(), mark.to_be_bytes().to_vec(), mark.to_le_bytes().to_vec()] {
            assert!(bytes.windows(needle.len()).all(|window| window != needle), "{}", path.display());
        }
    }
    // What lies on the laptop is not even the segment.
    let segment = fs::read(&of_server[0]).unwrap();
    let sealed = fs::read(&of_laptop[0]).unwrap();
    assert!(!sealed.windows(8).any(|window| segment.windows(8).any(|plain| plain == window)));

    // And the segment is asked with the key of its base or not at all.
    let opened = Manifest::open(&answer.manifests[0], world.server().campaign_key()).unwrap();
    let mut filter = Filter::new(opened).unwrap();
    filter.put(0, &segment, segment.clone()).unwrap();
    let guessed = shared_model::prior::PriorKey::new([7; 32]);
    assert!(Filters::new(guessed, filter.clone()).is_err());
    assert!(Filters::new(key, filter).is_ok());
}

#[test]
fn a_revoked_laptop_gets_neither_key_nor_files_and_the_next_base_has_another_key() {
    let world = World::seeded(609);
    let (hue, alley) = (world.laptop_in(HUE, "Hue"), world.laptop("hem 42"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    vaccinated(&world, &hue, &khai, 1);
    world.writes_filter(When::Now).unwrap();
    alley.syncs();
    let keys: Vec<PathBuf> = files_in(alley.folder.join("prior"));
    let device = world.nation().device("hem 42")["id"].as_str().unwrap().to_owned();
    let (status, _) =
        world.nation().post(&format!("devices/{device}/revoke"), serde_json::json!({ "note": "mất máy" }));
    assert_eq!(status, 204);
    world.clock.advance_ms(MS_PER_DAY);
    world.writes_filter(When::BaseNow).unwrap();
    assert_eq!(alley.tries_to_sync().trouble.as_deref(), Some("device_revoked"));
    assert_eq!(files_in(alley.folder.join("prior")), keys);
    assert!(!alley.wire.cut.load(Ordering::Relaxed));
}
