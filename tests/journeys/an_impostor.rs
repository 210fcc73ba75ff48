use field_client::sync::road::{Parcel, Reply};
use shared_model::limits;
use shared_model::sync::message::{Refusal, refusal};
use world::handmade::{cbor, read};
use world::{Team, World, astrazeneca};

fn page(status: u16, body: &[u8]) -> Reply {
    Reply { status, zstd: false, body: body.to_vec() }
}

/// A laptop with one dose that the nation holds and one that it does not.
fn between_two_syncs(seed: u64) -> (World, Team) {
    let world = World::seeded(seed);
    let alley = world.laptop("hem 42");
    alley.gives(&world.citizen("Lê Văn An", "1970-01-01"), &astrazeneca(1));
    alley.syncs();
    // Once more, so that the next question is for a page of a feed and not for a whole one.
    world.nation();
    alley.syncs();
    alley.gives(&world.citizen("Lê Thị Bình", "1971-01-01"), &astrazeneca(1));
    (world, alley)
}

fn nothing_happened(alley: &Team) {
    let state = alley.desk.sync_state().unwrap();
    assert_eq!((state.durable_to, state.to_push, state.log_epoch, state.log_head), (2, 2, 1, 4));
    assert_eq!(alley.desk.today().unwrap().doses, 2);
}

#[test]
fn the_login_page_of_a_hotel_is_no_server_and_no_contact() {
    let (world, alley) = between_two_syncs(150);
    let last_contact = alley.desk.sync_state().unwrap().last_contact_ms;
    let html = b"<!doctype html><title>Wi-Fi mi\xe1\xbb\x85n ph\xc3\xad</title><form>";
    for status in [200, 302, 403, 502] {
        world.clock.advance_ms(60_000);
        alley.wire.is_answered_with(1, page(status, html));
        let state = alley.tries_to_sync();
        assert_eq!(state.trouble.as_deref(), Some("no_network"), "{status}");
        assert_eq!(state.last_contact_ms, last_contact, "{status}");
        nothing_happened(&alley);
    }
    alley.wire.lose_nothing();
    assert_eq!(alley.syncs().to_push, 0);
}

#[test]
fn answers_of_another_nation_are_not_genuine() {
    let (_, alley) = between_two_syncs(151);
    let (_, abroad) = between_two_syncs(152);
    for (message, path) in [(2, "/device/hello"), (3, "/device/push"), (4, "/device/pull")] {
        let reply = abroad.wire.answer_to(path).unwrap();
        alley.wire.is_answered_with(message, reply);
        assert_eq!(alley.tries_to_sync().trouble.as_deref(), Some("not_genuine"), "{path}");
        if message < 4 {
            nothing_happened(&alley);
        }
    }
    alley.wire.lose_nothing();
    assert_eq!(alley.syncs().to_push, 0);
}

/// Genuine once, and now old: what was signed for another question answers none.
#[test]
fn an_old_answer_played_again_is_taken_for_no_new_one() {
    let (world, alley) = between_two_syncs(153);
    for (message, path) in [(2, "/device/hello"), (3, "/device/push")] {
        alley.wire.is_answered_with(message, alley.wire.answer_to(path).unwrap());
        assert!(alley.tries_to_sync().trouble.is_some(), "{path}");
        nothing_happened(&alley);
    }
    // An old page makes the laptop doubt what it has read, and read it again.
    alley.wire.is_answered_with(4, alley.wire.answer_to("/device/pull").unwrap());
    alley.tries_to_sync();
    alley.wire.lose_nothing();
    assert_eq!(alley.syncs().to_push, 0);
    let nation = world.nation();
    assert_eq!((nation.dose_count(), nation.open_cases()), (2, vec![]));
}

#[test]
fn an_answer_that_unfolds_without_end_is_put_down() {
    let (_, alley) = between_two_syncs(154);
    let bomb = zstd::encode_all(std::io::Read::take(std::io::repeat(0), 1 << 30), 1).unwrap();
    assert!(bomb.len() < 200_000);
    for message in [1, 2, 3] {
        alley.wire.is_answered_with(message, Reply { status: 200, zstd: true, body: bomb.clone() });
        assert!(alley.tries_to_sync().trouble.is_some());
        nothing_happened(&alley);
    }
}

/// A refusal is signed by nobody, so it may delay a laptop and never change it.
#[test]
fn a_forged_refusal_delays_and_changes_nothing() {
    let (_, alley) = between_two_syncs(155);
    let codes = [
        (refusal::HOLE, "other"),
        (refusal::DEVICE_REVOKED, "device_revoked"),
        (refusal::FEED_CHANGED, "other"),
        (refusal::BUSY, "server_busy"),
        ("a code of tomorrow", "other"),
    ];
    for (code, shown) in codes {
        let forged = Refusal { code: code.to_owned(), held: None, retry_after_s: Some(u32::MAX), nonce: None };
        alley.wire.is_answered_with(3, page(409, &cbor(&forged)));
        let state = alley.tries_to_sync();
        if code != refusal::FEED_CHANGED {
            assert_eq!(state.trouble.as_deref(), Some(shown));
        }
        nothing_happened(&alley);
    }
    alley.wire.lose_nothing();
    assert_eq!(alley.syncs().to_push, 0);
}

#[test]
fn every_bad_request_has_a_code_and_leaves_no_trace() {
    let world = World::seeded(156);
    let mut device = world.handmade("may la");
    let citizen = device.citizen(&world.citizen("Nguyễn Thị Minh Khai", "1990-05-01"));
    device.gives(&world, citizen);
    device.gives(&world, citizen);
    let push = device.range();
    let good = cbor(&push);
    let mut unsealed = push.clone();
    unsealed.seals.clear();
    let mut swapped = push.clone();
    swapped.entries.swap(0, 1);
    let mut forged = push.clone();
    forged.seals[0].by_device.0[7] ^= 1;
    let mut other_chain = push;
    other_chain.previous.0[0] ^= 1;
    let bomb = zstd::encode_all(std::io::Read::take(std::io::repeat(0), 1 << 28), 1).unwrap();
    let zstd = |mut parcel: Parcel| {
        parcel.headers.push(("content-encoding", "zstd".to_owned()));
        parcel
    };
    let ask = |body: Vec<u8>| device.parcel(&world, "/device/push", Some(body));
    let mut flipped = ask(good.clone());
    flipped.body.as_mut().unwrap()[20] ^= 1;
    let mut elsewhere = ask(good.clone());
    elsewhere.path = "/device/pull".to_owned();
    let mut anonymous = ask(good.clone());
    anonymous.headers.clear();
    let mut unknown_folding = ask(good.clone());
    unknown_folding.headers.push(("content-encoding", "br".to_owned()));
    let bad: Vec<(&str, u16, &str, Parcel)> = vec![
        ("empty", 400, refusal::MALFORMED, ask(Vec::new())),
        ("truncated", 400, refusal::MALFORMED, ask(good[..good.len() - 1].to_vec())),
        ("followed by more", 400, refusal::MALFORMED, ask([good.clone(), vec![0]].concat())),
        ("folded in an unknown way", 400, refusal::MALFORMED, unknown_folding),
        ("said to be folded", 400, refusal::MALFORMED, zstd(ask(good.clone()))),
        ("a bomb", 413, refusal::TOO_LARGE, zstd(ask(bomb))),
        ("oversized", 413, refusal::TOO_LARGE, ask(vec![0; limits::REQUEST_BYTES_MAX + 1])),
        ("flipped", 401, refusal::NOT_SIGNED, flipped),
        ("signed for elsewhere", 401, refusal::NOT_SIGNED, elsewhere),
        ("signed by nobody", 401, refusal::NOT_SIGNED, anonymous),
        ("unsealed", 400, refusal::BAD_SEAL, ask(cbor(&unsealed))),
        ("reordered", 400, refusal::BAD_SEAL, ask(cbor(&swapped))),
        ("sealed falsely", 400, refusal::BAD_SEAL, ask(cbor(&forged))),
        ("chained to another log", 400, refusal::BAD_SEAL, ask(cbor(&other_chain))),
    ];
    for (what, status, code, parcel) in bad {
        let reply = world.replay(&parcel);
        let refused = read::<Refusal>(&reply).unwrap_err();
        assert_eq!((reply.status, refused.code.as_str()), (status, code), "{what}");
    }
    // Good, but asked again when the nonce has run out.
    let late = ask(good);
    world.clock.advance_ms(limits::NONCE_LIFE_MS + 1_000);
    let refused = read::<Refusal>(&world.replay(&late)).unwrap_err();
    assert_eq!((refused.code.as_str(), refused.nonce.is_some()), (refusal::NONCE_OLD, true));
    let nation = world.nation();
    assert_eq!((nation.dose_count(), nation.get("quarantine").as_array().map(Vec::len)), (0, Some(0)));
    assert_eq!(device.pushes(&world), []);
    assert_eq!(world.nation().doses_of(&citizen.to_string()).len(), 2);
}
