use world::{Loss, World, astrazeneca};

/// Every message of a sync is lost once, before it arrived or after it took effect; the next sync mends it.
#[test]
fn a_sync_cut_at_any_message_loses_nothing_and_doubles_nothing() {
    let world = World::seeded(70);
    let alley = world.laptop("hem 42");
    let mut given = 0;
    for loss in [Loss::Question, Loss::Answer] {
        for message in 1.. {
            for _ in 0..3 {
                given += 1;
                alley.gives(&world.citizen("Lê Văn An", "1970-01-01"), &astrazeneca(1));
            }
            alley.wire.lose(message, loss);
            let cut = alley.tries_to_sync();
            let reached = alley.wire.carried();
            alley.wire.lose_nothing();
            if cut.trouble.is_none() {
                assert!(reached < message, "message {message} was lost and nobody noticed");
                break;
            }
            assert_eq!(cut.trouble.as_deref(), Some("no_network"), "{loss:?} of message {message}");
            assert_eq!(alley.syncs().to_push, 0, "{loss:?} of message {message}");
            assert_eq!(world.nation().dose_count(), given, "{loss:?} of message {message}");
        }
    }
    let nation = world.nation();
    let log = &nation.device("hem 42")["logs"][0];
    assert_eq!(log["durable_to"].as_u64(), Some(2 * given));
    assert_eq!(log["missing"].as_array().map(Vec::len), Some(0));
}

/// What goes over the road can be sent again by anybody who listened; it changes nothing.
#[test]
fn a_request_sent_again_is_answered_and_changes_nothing() {
    let world = World::seeded(71);
    let alley = world.laptop("hem 42");
    alley.gives(&world.citizen("Lê Văn An", "1970-01-01"), &astrazeneca(1));
    alley.syncs();
    let overheard = alley.wire.overheard.lock().unwrap().clone();
    for parcel in overheard.iter().filter(|parcel| parcel.path == "/device/push") {
        let reply = world.replay(parcel);
        assert_eq!(reply.status, 200, "the same range is acknowledged again");
    }
    assert_eq!(world.nation().dose_count(), 1);
    // Changed by a single bit, it is nobody's.
    for parcel in overheard.iter().filter(|parcel| parcel.path == "/device/push") {
        let mut forged = parcel.clone();
        let body = forged.body.as_mut().unwrap();
        let middle = body.len() / 2;
        body[middle] ^= 1;
        assert_eq!(world.replay(&forged).status, 401);
    }
}
