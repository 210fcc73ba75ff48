//! Sticks of another campaign, of another year, of a later version, for another laptop, and of thieves.

use std::fs;

use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};
use shared_model::ids::{BundleId, DeviceId};
use shared_model::sync::bundle::{CampaignTag, Content, Manifest, ReturnAsked, SEGMENT_MAGIC, Told};
use shared_model::time::MS_PER_DAY;
use stick::{Bundle, Identity, Recipients, SealedWriter, write_file};
use sync_server::stick::{NotGiven, Placed};
use world::sticks::{file_in, fingerprint};
use world::{World, astrazeneca};

use super::{ALL, NOT_ALL, NOTHING, a_day, carried, placed};

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
        at_hubs: None,
        prior: None,
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
