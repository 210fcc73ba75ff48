//! Days without a line, carried home on a stick; and everything that happens to sticks.

use std::fs;
use std::path::Path;
use std::process::Command;

use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};
use shared_model::ids::{BundleId, DeviceId};
use shared_model::sync::bundle::{CampaignTag, Content, Manifest, ReturnAsked, SEGMENT_MAGIC, Told};
use shared_model::time::{MS_PER_DAY, MS_PER_HOUR};
use stick::{Bundle, Identity, Recipients, SealedWriter, write_file};
use sync_server::stick::{NotGiven, Placed, Taken};
use world::sticks::{copied, file_in, fingerprint};
use world::{Person, Team, World, astrazeneca, pfizer};

const ALL: u8 = 0;
const NOT_ALL: u8 = 3;
const NOTHING: u8 = 4;

/// A laptop that nobody reaches, with so many people vaccinated.
fn a_day(world: &World, name: &str, people: usize) -> (Team, Vec<Person>) {
    let team = world.laptop(name);
    team.cut(true);
    let people: Vec<_> = (0..people).map(|n| world.citizen(&format!("Lê Văn {n}"), "1970-01-01")).collect();
    people.iter().for_each(|person| drop(team.gives(person, &astrazeneca(1))));
    (team, people)
}

fn placed(taken: &Taken) -> Vec<Placed> {
    taken.sticks.iter().flat_map(|stick| stick.ranges.values().copied()).collect()
}

fn carried(team: &Team) -> (u64, u32) {
    (team.desk.stick_state().unwrap().entries, team.desk.today().unwrap().here_only)
}

#[test]
fn a_day_without_a_line_goes_by_stick_and_its_receipts_come_home() {
    let world = World::seeded(200);
    let (alley, people) = a_day(&world, "hem 42", 3);
    assert_eq!(carried(&alley), (6, 6));
    let stick = world.stick("stick");
    let written = alley.writes_stick(&stick);
    assert_eq!((written.entries, written.readers.len()), (6, 1));
    assert_eq!(carried(&alley), (6, 6), "written is not received");

    let taken = world.takes_and_answers(&stick);
    assert_eq!((taken.exit_code(), placed(&taken)), (ALL, vec![Placed::Kept { fresh: 6, doubted: 0 }]));
    assert_eq!(world.nation().dose_count(), 3);
    let home = alley.reads_stick(&stick);
    assert_eq!((home.national_to, home.head), (6, 6));
    assert_eq!((home.files[0].words.clone(), home.files[0].is_damaged), (vec!["answer".to_owned()], false));
    assert_eq!(carried(&alley), (0, 0));
    assert!(alley.desk.stick_state().unwrap().last.unwrap().answered_ms.is_some());
    assert!(alley.desk.sync_state().unwrap().area_ready, "the news of its area came along");

    // Both sticks again: nothing changes, and it is said.
    let again = world.takes(&stick);
    assert_eq!((again.exit_code(), placed(&again)), (ALL, vec![Placed::HeldAlready]));
    assert!(matches!(again.sticks[0].told[..], [Told::Replayed { .. }]));
    assert_eq!(alley.reads_stick(&stick).files[0].words, ["again"]);
    // The next stick carries what is new alone, and the line finds nothing left to do.
    alley.gives(&people[0], &astrazeneca(2));
    assert_eq!(alley.writes_stick(&world.stick("next")).entries, 1);
    assert_eq!(world.takes(&world.stick("next")).exit_code(), ALL);
    alley.cut(false);
    assert_eq!(alley.syncs().pushed, 0);
    assert_eq!(world.nation().dose_count(), 4);
}

/// What two laptops and the nation know in the end, whichever way it went.
fn what_is_known(world: &World, teams: &[&Team], people: &[Person]) -> Vec<String> {
    let mut known = Vec::new();
    for person in people {
        let citizen = teams[0].scans(person);
        known.push(world.nation().root_of(&citizen));
        known.extend(teams.iter().map(|team| team.opens(&citizen).state_root));
    }
    for team in teams {
        let (state, today) = (team.desk.sync_state().unwrap(), team.desk.today().unwrap());
        known.push(format!("{:?}", (state.log_head, state.durable_to, state.to_push, state.area_ready)));
        known.push(format!("{:?}", (today.here_only, today.at_hub, today.at_nation, state.attention)));
    }
    known.push(world.nation().dose_count().to_string());
    known
}

#[test]
fn a_stick_out_and_home_leads_to_what_a_line_would_have() {
    let by = |carry: &dyn Fn(&World, [&Team; 2])| {
        let world = World::seeded(201);
        let (alley, mut people) = a_day(&world, "hem 42", 4);
        let (tower, others) = a_day(&world, "chung cu A", 3);
        tower.gives(&people[0], &pfizer(1));
        alley.edits(&alley.scans(&people[1]), "phone", "0912345678");
        people.extend(others);
        for _ in 0..2 {
            carry(&world, [&alley, &tower]);
        }
        what_is_known(&world, &[&alley, &tower], &people)
    };
    let over_a_line = by(&|world, teams| {
        teams.iter().for_each(|team| {
            team.cut(false);
            team.syncs();
            world.nation();
        });
    });
    let by_stick = by(&|world, teams| {
        for (n, team) in teams.into_iter().enumerate() {
            let stick = world.stick(&format!("stick-{n}-{}", world.clock.now().0));
            team.writes_stick(&stick);
            assert_eq!(world.takes_and_answers(&stick).exit_code(), ALL);
            team.reads_stick(&stick);
        }
    });
    assert_eq!(by_stick, over_a_line);
}

#[test]
fn a_damaged_region_costs_what_was_in_it_and_the_next_stick_fills_the_hole() {
    let world = World::seeded(202);
    let (alley, people) = a_day(&world, "hem 42", 520);
    let stick = world.stick("stick");
    alley.writes_stick(&stick);
    let file = file_in(&stick, "outward");
    let whole = fs::read(&file).unwrap();
    let begins: Vec<usize> = (0..whole.len()).filter(|at| whole[*at..].starts_with(&SEGMENT_MAGIC)).collect();
    assert!(begins.len() > 1, "{} bytes in one segment", whole.len());
    // The last segment first: what lies before it is taken.
    let mut damaged = whole.clone();
    damaged[begins[begins.len() - 1] + 200] ^= 1;
    fs::write(&file, &damaged).unwrap();
    let taken = world.takes(&stick);
    let fresh = placed(&taken)
        .iter()
        .map(|placed| if let Placed::Kept { fresh, .. } = placed { *fresh } else { 0 })
        .sum::<u64>();
    assert_eq!(taken.exit_code(), NOT_ALL);
    assert!((1..2 * people.len() as u64).contains(&fresh), "{fresh}");
    // Then the first one: what lies behind it is placed, and what was in it was here.
    let mut damaged = whole.clone();
    damaged[begins[0] + 200] ^= 1;
    fs::write(&file, &damaged).unwrap();
    let taken = world.takes(&stick);
    assert_eq!(taken.exit_code(), NOT_ALL);
    assert!(!placed(&taken).iter().any(|placed| matches!(placed, Placed::Waits { .. })), "{:?}", taken.lines());
    assert_eq!(world.nation().dose_count(), people.len() as u64);
    fs::write(&file, &whole).unwrap();
    assert_eq!(world.takes(&stick).exit_code(), ALL);
}

#[test]
fn what_lies_behind_a_hole_is_named_and_placed_when_the_hole_is_filled() {
    let world = World::seeded(203);
    let (alley, _) = a_day(&world, "hem 42", 2);
    let first = world.stick("first");
    alley.writes_stick(&first);
    let copy = world.back_up("before");
    let held = world.takes_and_answers(&first);
    assert_eq!(held.exit_code(), ALL);
    alley.reads_stick(&first);
    let more = world.citizen("Lê Thị Bình", "1971-01-01");
    alley.gives(&more, &astrazeneca(1));
    let second = world.stick("second");
    alley.writes_stick(&second);
    world.restore(&copy);
    let taken = world.takes(&second);
    assert_eq!((taken.exit_code(), placed(&taken)), (NOT_ALL, vec![Placed::Waits { missing_from: 1, missing_to: 4 }]));
    assert!(taken.lines().iter().any(|line| line.contains("1 to 4 are not here")), "{:?}", taken.lines());
    // Both sticks in one folder, the later one read first.
    let both = copied(&world, &first, "both");
    fs::copy(file_in(&second, "outward"), both.join("a-first-by-name.outward")).unwrap();
    let taken = world.takes(&both);
    assert_eq!(taken.exit_code(), ALL, "{:?}", taken.lines());
    assert_eq!(world.nation().dose_count(), 3);
}

/// The laptop has only sticks, and learns from one that the nation lost what it had said to hold.
#[test]
fn a_nation_put_back_to_an_old_copy_is_given_everything_again_by_stick() {
    let world = World::seeded(204);
    let (alley, _) = a_day(&world, "hem 42", 2);
    let copy = world.back_up("before");
    let carry = |name: &str| {
        let stick = world.stick(name);
        alley.writes_stick(&stick);
        world.takes_and_answers(&stick);
        alley.reads_stick(&stick)
    };
    assert_eq!(carry("first").national_to, 4);
    world.restore(&copy);
    alley.gives(&world.citizen("Lê Thị Bình", "1971-01-01"), &astrazeneca(1));
    assert_eq!(carry("second").national_to, 0, "the word says less than was known when the stick was made");
    assert_eq!(carried(&alley), (6, 6));
    assert_eq!(carry("third").national_to, 6);
    assert_eq!(world.nation().dose_count(), 3);
}

#[test]
fn a_return_stick_from_before_the_nation_was_put_back_is_not_believed() {
    let world = World::seeded(205);
    let (alley, _) = a_day(&world, "hem 42", 2);
    let copy = world.back_up("before");
    let stick = world.stick("stick");
    alley.writes_stick(&stick);
    world.takes_and_answers(&stick);
    // The answer stays in a drawer; the line says the same, and then that the nation lost it.
    alley.cut(false);
    alley.syncs();
    alley.cut(true);
    world.restore(&copy);
    alley.cut(false);
    alley.syncs();
    alley.cut(true);
    alley.gives(&world.citizen("Lê Thị Bình", "1971-01-01"), &astrazeneca(1));
    let before = alley.desk.sync_state().unwrap();
    let home = alley.reads_stick(&stick);
    assert_eq!(home.files[0].words, ["stale"]);
    assert_eq!(home.files[0].entries, 0);
    assert_eq!(alley.desk.sync_state().unwrap(), before);
    alley.cut(false);
    alley.syncs();
    assert_eq!(world.nation().dose_count(), 3);
}

/// A server that has lost a device altogether is told of it by the campaign's own signature.
#[test]
fn a_device_that_a_restored_nation_has_forgotten_is_introduced_by_its_certificate() {
    let world = World::seeded(206);
    world.nation();
    let copy = world.back_up("empty");
    let (alley, _) = a_day(&world, "hem 42", 2);
    let stick = world.stick("stick");
    alley.writes_stick(&stick);
    world.restore(&copy);
    let taken = world.takes_and_answers(&stick);
    assert_eq!((taken.exit_code(), taken.introduced.len()), (ALL, 1), "{:?}", taken.lines());
    assert_eq!(world.nation().dose_count(), 2);
    assert_eq!(alley.reads_stick(&stick).national_to, 4);
}

#[test]
fn a_clone_found_by_stick_goes_on_in_a_fresh_epoch() {
    let world = World::seeded(207);
    let (alley, _) = a_day(&world, "hem 42", 1);
    let twin = alley.cloned_to(&world, "clone");
    twin.cut(true);
    alley.gives(&world.citizen("Lê Thị Bình", "1971-01-01"), &astrazeneca(1));
    twin.gives(&world.citizen("Lê Thị Chi", "1972-01-01"), &astrazeneca(1));
    for (team, name) in [(&alley, "one"), (&twin, "two")] {
        let stick = world.stick(name);
        team.writes_stick(&stick);
        world.takes_and_answers(&stick);
        team.reads_stick(&stick);
    }
    assert_eq!(alley.desk.sync_state().unwrap().log_epoch, 1);
    assert!(twin.desk.sync_state().unwrap().log_epoch > 1, "the twin's log has another end than the one held");
    let stick = world.stick("three");
    twin.writes_stick(&stick);
    assert_eq!(world.takes_and_answers(&stick).exit_code(), ALL);
    let home = twin.reads_stick(&stick);
    assert_eq!(home.national_to, home.head);
    assert_eq!(world.nation().dose_count(), 3);
}

#[test]
fn a_stick_cut_off_anywhere_is_taken_as_far_as_it_goes() {
    let world = World::seeded(208);
    let (alley, _) = a_day(&world, "hem 42", 12);
    let stick = world.stick("stick");
    alley.writes_stick(&stick);
    let file = file_in(&stick, "outward");
    let whole = fs::read(&file).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 60) {
        fs::write(&file, &whole[..at]).unwrap();
        let taken = world.takes_and_answers(&stick);
        assert_eq!(taken.exit_code(), if at == 0 { NOTHING } else { NOT_ALL }, "cut at {at}: {:?}", taken.lines());
        assert!(placed(&taken).iter().all(|placed| !matches!(placed, Placed::Refused(_))));
        assert!(!taken.lines().is_empty());
    }
    fs::write(&file, &whole).unwrap();
    assert_eq!(world.takes_and_answers(&stick).exit_code(), ALL);
    assert_eq!(world.nation().dose_count(), 12);
    // The same with the stick that comes home.
    let file = file_in(&stick, "return");
    let whole = fs::read(&file).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 60) {
        fs::write(&file, &whole[..at]).unwrap();
        let home = alley.reads_stick(&file);
        assert!(home.files[0].unread.is_some() || home.files[0].is_damaged, "cut at {at}");
    }
    fs::write(&file, &whole).unwrap();
    assert_eq!(alley.reads_stick(&file).national_to, 24);
}

#[test]
fn a_stick_of_another_campaign_is_left() {
    let (world, abroad) = (World::seeded(209), World::seeded(210));
    let (alley, _) = a_day(&world, "hem 42", 1);
    let (stranger, _) = a_day(&abroad, "nuoc ngoai", 1);
    let stick = world.stick("stick");
    stranger.writes_stick(&stick);
    let taken = world.takes_and_answers(&stick);
    assert_eq!((taken.exit_code(), taken.given.len()), (NOTHING, 0));
    assert!(taken.lines().iter().any(|line| line.contains("another campaign")), "{:?}", taken.lines());
    abroad.takes_and_answers(&stick);
    assert_eq!(alley.reads_stick(&stick).files[0].unread.as_deref(), Some("foreign"));
    assert_eq!(world.nation().dose_count(), 0);
}

#[test]
fn a_stick_from_next_year_is_taken_and_its_clock_is_named() {
    let world = World::seeded(211);
    let (alley, _) = a_day(&world, "hem 42", 1);
    alley.clock_jumps_by_minutes(365 * MS_PER_DAY / 60_000);
    alley.gives(&world.citizen("Lê Thị Bình", "1971-01-01"), &astrazeneca(1));
    let stick = world.stick("stick");
    alley.writes_stick(&stick);
    let taken = world.takes_and_answers(&stick);
    assert_eq!(taken.exit_code(), ALL);
    assert!(matches!(taken.sticks[0].told[..], [Told::Ahead { by_ms, .. }] if by_ms > 364 * MS_PER_DAY));
    assert_eq!((alley.reads_stick(&stick).national_to, world.nation().dose_count()), (4, 2));
}

/// A segment as a writer of version 2 may make one.
fn of_a_later_version(world: &World) -> Vec<u8> {
    let head = [&[2, 2][..], &CampaignTag::of(world.server().campaign_key()).0, &9_u32.to_be_bytes()].concat();
    let sum = Sha256::digest([b"so-tiem/segment/1\0", head.as_slice()].concat());
    let mut bytes = SEGMENT_MAGIC.to_vec();
    for byte in [head.as_slice(), &sum[..8], b"who knows"].concat() {
        bytes.push(byte);
        if byte == SEGMENT_MAGIC[0] {
            bytes.push(0);
        }
    }
    bytes
}

#[test]
fn what_a_later_version_wrote_is_left_and_said() {
    let world = World::seeded(212);
    let (alley, _) = a_day(&world, "hem 42", 1);
    let stick = world.stick("stick");
    alley.writes_stick(&stick);
    // Behind what is known: that is taken, and the rest is named.
    let file = file_in(&stick, "outward");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, [whole, of_a_later_version(&world)].concat()).unwrap();
    let taken = world.takes_and_answers(&stick);
    assert_eq!((taken.exit_code(), placed(&taken)), (NOT_ALL, vec![Placed::Kept { fresh: 2, doubted: 0 }]));
    assert!(taken.lines().iter().any(|line| line.contains("need version 2")), "{:?}", taken.lines());
    // And nothing else.
    fs::write(&file, of_a_later_version(&world)).unwrap();
    let taken = world.takes(&stick);
    assert_eq!(taken.exit_code(), NOTHING);
    assert!(taken.lines().iter().any(|line| line.contains("later version")), "{:?}", taken.lines());
    let home = file_in(&stick, "return");
    fs::write(&home, of_a_later_version(&world)).unwrap();
    assert_eq!(alley.reads_stick(&home).files[0].unread.as_deref(), Some("later_version"));
}

#[test]
fn a_wrong_file_and_an_empty_stick_are_named() {
    let world = World::seeded(213);
    let (alley, _) = a_day(&world, "hem 42", 1);
    let stick = world.stick("stick");
    assert_eq!(world.takes(&stick).exit_code(), NOTHING);
    assert_eq!(alley.reads_stick(&stick).files, []);
    let photo = stick.join("ảnh.jpg");
    fs::write(&photo, b"\xff\xd8\xff\xe0\x00\x10JFIF".repeat(40_000)).unwrap();
    let taken = world.takes(&photo);
    assert_eq!(taken.exit_code(), NOTHING);
    assert!(taken.lines().iter().any(|line| line.contains("no file of this system")));
    assert_eq!(alley.reads_stick(&photo).files[0].unread.as_deref(), Some("not_a_stick"));
    // Its own outward stick, chosen by mistake.
    alley.writes_stick(&stick);
    assert_eq!(alley.reads_stick(&file_in(&stick, "outward")).files[0].unread.as_deref(), Some("not_for_us"));
    assert!(world.tries_to_take(&stick.join("nowhere"), None).is_err());
    assert!(world.tries_to_take(&stick, Some(&stick.join("nowhere"))).is_err());
    let import = field_client::desk::view::StickImport { path: "đâu đó".to_owned() };
    assert_eq!(alley.desk.stick_import(import).unwrap_err().code, "stick_gone");
}

#[test]
fn a_return_stick_opens_for_the_laptop_that_asked_and_for_no_other() {
    let world = World::seeded(214);
    let (alley, _) = a_day(&world, "hem 42", 1);
    let (tower, _) = a_day(&world, "chung cu A", 1);
    let stick = world.stick("stick");
    alley.writes_stick(&stick);
    world.takes_and_answers(&stick);
    let before = tower.desk.sync_state().unwrap();
    assert_eq!(tower.reads_stick(&stick).files[0].unread.as_deref(), Some("not_for_us"));
    assert_eq!(tower.desk.sync_state().unwrap(), before);
    assert_eq!(carried(&tower), (2, 2));
    assert_eq!(alley.reads_stick(&stick).national_to, 2);
}

/// Somebody makes a stick of his own that asks for a laptop's area, to be sealed to himself.
#[test]
fn nobody_has_an_area_sealed_to_himself() {
    let world = World::seeded(215);
    let (alley, _) = a_day(&world, "hem 42", 1);
    let (stick, thief) = (world.stick("stick"), Identity::draw());
    let (bundle, campaign) = (BundleId([5; 16]), world.server().campaign_key());
    let device = DeviceId::parse(&alley.desk.status().unwrap().device).unwrap();
    let asked = ReturnAsked {
        bundle,
        campaign,
        device,
        recipient: thief.recipient(),
        cursors: Vec::new(),
        app_version: String::new(),
        known: Vec::new(),
    };
    let forged = asked.sign(&SigningKey::from_bytes(&[1; 32]));
    let nation = Recipients::parse([world.server().stick_recipient().as_str()]).unwrap();
    let manifest =
        Manifest { bundle, campaign, maker: device, made_ms: 0, ranges: Vec::new(), feeds: Vec::new(), frames: None };
    write_file(&stick, "own.outward", |out| {
        let mut out = SealedWriter::new(out, campaign, nation);
        let mut bundle = Bundle::begin(manifest, &mut out)?;
        bundle.add(&Content::ReturnAsked(forged))?;
        bundle.close()?;
        out.finish().map(drop)
    })
    .unwrap();
    let taken = world.takes_and_answers(&stick);
    assert_eq!(taken.given.len(), 0);
    assert_eq!(fingerprint(&stick).len(), 1);
}

#[test]
fn a_laptop_that_was_taken_back_is_heard_and_told_nothing() {
    let world = World::seeded(216);
    let (alley, _) = a_day(&world, "hem 42", 1);
    let stick = world.stick("stick");
    alley.writes_stick(&stick);
    world.revokes(&alley);
    let taken = world.takes_and_answers(&stick);
    assert_eq!(placed(&taken), [Placed::Kept { fresh: 2, doubted: 2 }], "kept, and not believed");
    assert!(matches!(taken.given[..], [(_, Err(NotGiven::Revoked))]));
    assert_eq!((taken.exit_code(), fingerprint(&stick).len()), (NOT_ALL, 1));
    assert_eq!(world.nation().dose_count(), 0);
}

/// A medium of its own in this folder, where this machine lets tests have one.
fn mount(folder: &Path, options: &str) -> Option<Mounted> {
    fs::create_dir_all(folder).unwrap();
    let done = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder).output();
    done.is_ok_and(|done| done.status.success()).then(|| Mounted(folder.to_owned()))
}

struct Mounted(std::path::PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
    }
}

#[test]
fn a_stick_that_is_full_or_locked_or_gone_is_told_and_costs_nothing() {
    let world = World::seeded(217);
    let (alley, _) = a_day(&world, "hem 42", 60);
    let gone = alley.tries_to_write_stick(&world.folder().join("gone")).unwrap_err();
    assert_eq!(gone.code, "stick_gone");
    let small = world.folder().join("small");
    if let Some(_mounted) = mount(&small, "size=4k") {
        let full = alley.tries_to_write_stick(&small).unwrap_err();
        assert_eq!(full.code, "stick_full");
        let bytes = |name: &str| full.params[name].parse::<u64>().unwrap();
        assert!(bytes("needed_bytes") > bytes("free_bytes"), "{full:?}");
        assert_eq!(fingerprint(&small), [], "it has its room back");
    }
    let locked = world.folder().join("locked");
    if let Some(_mounted) = mount(&locked, "ro") {
        assert_eq!(alley.tries_to_write_stick(&locked).unwrap_err().code, "stick_read_only");
    }
    assert_eq!(carried(&alley), (120, 120));
    let stick = world.stick("stick");
    let needed = alley.desk.stick_state().unwrap().bytes_max;
    let written = alley.writes_stick(&stick);
    assert!(written.bytes <= needed, "{} of {needed}", written.bytes);
    assert_eq!(world.takes_and_answers(&stick).exit_code(), ALL);
    assert_eq!(alley.reads_stick(&stick).national_to, 120);
}

/// A laptop that was enrolled long ago hears of the servers that read sticks with a later sync, and now and then again.
#[test]
fn who_may_read_sticks_is_asked_now_and_then() {
    let world = World::seeded(218);
    let alley = world.laptop("hem 42");
    let asked = || {
        let overheard = alley.wire.overheard.lock().unwrap();
        overheard.iter().filter(|parcel| parcel.path == "/device/stick-recipients").count()
    };
    alley.syncs();
    assert_eq!((asked(), alley.desk.stick_state().unwrap().readers.len()), (0, 1), "told at enrolment");
    world.clock.advance_ms(13 * MS_PER_HOUR);
    alley.syncs();
    alley.syncs();
    assert_eq!((asked(), alley.desk.stick_state().unwrap().readers.len()), (1, 1));
    // A clock that was put back asks as well, and a list that does not come changes nothing.
    alley.clock_jumps_by_minutes(-60 * 24);
    alley.syncs();
    assert_eq!((asked(), alley.desk.stick_state().unwrap().readers.len()), (2, 1));
}
