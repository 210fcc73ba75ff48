//! The medium is full, locked or gone; and who may read it is asked now and then.

use std::fs;
use std::path::Path;
use std::process::Command;

use shared_model::time::MS_PER_HOUR;
use world::World;
use world::sticks::fingerprint;

use super::{ALL, a_day, carried};

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
