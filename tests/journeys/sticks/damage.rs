//! What is torn, rotten or cut off costs what was in it, is named, and is filled by the next stick.

use std::fs;

use shared_model::sync::bundle::SEGMENT_MAGIC;
use sync_server::stick::Placed;
use world::sticks::{copied, file_in};
use world::{World, astrazeneca};

use super::{ALL, NOT_ALL, NOTHING, a_day, placed};

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
