use world::{Dice, Harm, Loss, World, astrazeneca};

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

/// A week without a line, then a line that breaks at every message in turn. Nothing is mended in between:
/// each sync goes on from wherever the one before it was cut.
#[test]
fn forty_doses_go_up_over_a_line_that_breaks_at_every_message() {
    for (seed, loss) in [(72, Loss::Question), (73, Loss::Answer)] {
        let world = World::seeded(seed);
        let alley = world.laptop("hem 42");
        let mut messages = 1;
        let mut given = 0;
        loop {
            for _ in 0..40 {
                given += 1;
                alley.gives(&world.citizen("Lê Văn An", "1970-01-01"), &astrazeneca(1));
            }
            alley.wire.lose(messages, loss);
            let cut = alley.tries_to_sync();
            let nation = world.nation();
            let log = &nation.device("hem 42")["logs"][0];
            assert_eq!(log["durable_to"].as_u64(), Some(2 * nation.dose_count()), "nothing is half there");
            assert!(cut.durable_to <= log["durable_to"].as_u64().unwrap(), "the laptop claims more than is held");
            if cut.trouble.is_none() {
                break;
            }
            messages += 1;
        }
        assert!(messages >= 5, "a sync of {messages} messages is no sync");
        let nation = world.nation();
        assert_eq!(nation.dose_count(), given);
        assert_eq!((alley.tries_to_sync().to_push, nation.open_cases()), (0, vec![]));
    }
}

/// More than one push can carry, so that a range begins where the one before it ended.
#[test]
fn a_log_of_several_ranges_is_pushed_to_its_end_however_often_the_line_breaks() {
    const STATEMENTS: u64 = 1_030;
    let world = World::seeded(74);
    let alley = world.laptop("hem 42");
    let citizens: Vec<String> = (0..STATEMENTS / 2)
        .map(|n| {
            let citizen = alley.scans(&world.citizen("Lê Văn An", "1970-01-01"));
            alley.edits(&citizen, "phone", &format!("09{n:08}"));
            citizen
        })
        .collect();
    let mut held = 0;
    for message in 3.. {
        alley.wire.lose(message, Loss::Answer);
        let state = alley.tries_to_sync();
        let durable_to = world.nation().device("hem 42")["logs"][0]["durable_to"].as_u64().unwrap();
        assert!(durable_to >= held, "the nation never holds less than before");
        held = durable_to;
        if state.trouble.is_none() {
            break;
        }
    }
    assert_eq!((held, alley.tries_to_sync().to_push), (STATEMENTS, 0));
    for citizen in citizens.iter().step_by(100) {
        assert_eq!(world.nation().root_of(citizen), alley.opens(citizen).state_root);
    }
}

/// One bit turned, or the end cut off, in every message of a sync, on its way there and on its way back.
#[test]
fn bytes_that_arrive_otherwise_than_they_were_sent_are_noticed_and_believed_by_nobody() {
    let world = World::seeded(75);
    let dice = Dice::seeded(75);
    let (alley, tower) = (world.laptop("hem 42"), world.laptop("chung cu A"));
    let mut given = 0;
    let mut noticed = 0;
    for half in [Loss::Question, Loss::Answer] {
        for harm in [Harm::CutShort, Harm::Flipped] {
            for message in 1.. {
                given += 1;
                tower.gives(&world.citizen("Lê Thị Bình", "1971-01-01"), &astrazeneca(1));
                tower.syncs();
                world.nation();
                alley.wire.harm(message, half, harm, dice.roll());
                let state = alley.tries_to_sync();
                let reached = alley.wire.carried();
                alley.wire.lose_nothing();
                noticed += u32::from(state.trouble.is_some());
                alley.syncs();
                if reached < message {
                    break;
                }
            }
        }
    }
    // The others were noticed too and made good in the same sync, or hit what nobody believes anyway.
    assert!(noticed >= 8, "only {noticed} harmed messages stopped a sync");
    let nation = world.nation();
    assert_eq!((nation.dose_count(), nation.get("quarantine").as_array().map(Vec::len)), (given, Some(0)));
    let people = alley.desk.look(field_client::desk::view::Look { text: "bình".to_owned(), from_camera: false });
    match people.unwrap() {
        field_client::desk::view::LookAnswer::People { lines, .. } => assert_eq!(lines.len() as u64, given.min(30)),
        other => panic!("{other:?}"),
    }
}
