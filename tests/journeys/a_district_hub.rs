//! A hub between the alleys and the nation: everything is held twice the same day, and everybody's receipts come home.

use std::sync::atomic::Ordering;

use shared_model::sync::Trouble;
use shared_model::time::MS_PER_DAY;
use shared_model::view::Copies;
use sync_server::hub::join::JoinError;
use sync_server::keys::KeysError;
use world::{Harm, Loss, Team, World, astrazeneca, pfizer};

/// How far the newest statement of a laptop is known to lie.
fn newest(team: &Team) -> Option<Copies> {
    team.tries_to_sync().copies_of_last
}

#[test]
fn a_dose_held_by_the_hub_reaches_the_nation_and_its_receipt_comes_down_without_a_line() {
    let world = World::seeded(1);
    let (hub, alley) = (world.hub("Trung tâm y tế quận 5"), world.laptop("hem 42"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let heard = |team: &Team| team.desk.sync_state().unwrap().hubs_nearby;
    assert_eq!(heard(&alley).iter().map(|near| &near.url).collect::<Vec<_>>(), [&hub.url]);
    alley.knows(&[&hub]);
    assert_eq!(heard(&alley), [], "it is in the list now");
    alley.cut(true);
    let dose = alley.gives(&khai, &astrazeneca(1));

    let state = alley.tries_to_sync();
    assert_eq!((state.to_push, state.to_push_anywhere), (2, 0), "the nation lacks it, the hub does not");
    assert_eq!(state.copies_of_last, Some(Copies::Hub));
    assert_eq!(state.hubs[0].name.as_deref(), Some("Trung tâm y tế quận 5"));
    assert_eq!(state.hubs[0].trouble, None);

    let outcome = world.forwards(&hub);
    assert_eq!((outcome.pushed, outcome.complete, &outcome.trouble), (2, true, &None));
    let citizen = alley.scans(&khai);
    assert_eq!(world.nation().doses_of(&citizen), [dose]);

    // The laptop never met the nation again; the hub brings its word.
    assert_eq!(newest(&alley), Some(Copies::Nation));
    assert_eq!(world.nation().root_of(&citizen), alley.opens(&citizen).state_root);
}

#[test]
fn two_laptops_of_a_hub_know_each_others_doses_for_days_without_the_nation() {
    let world = World::seeded(2);
    let (hub, alley, tower) = (world.hub("quận 5"), world.laptop("hem 42"), world.laptop("chung cu a"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    world.forwards(&hub);
    for team in [&alley, &tower] {
        team.knows(&[&hub]);
        team.cut(true);
    }
    hub.cut(true);
    let dose = alley.gives(&khai, &astrazeneca(1));
    alley.tries_to_sync();
    world.draws(&hub);
    tower.tries_to_sync();
    let citizen = tower.scans(&khai);
    assert_eq!(tower.doses_of(&citizen), std::slice::from_ref(&dose));
    assert_eq!(tower.opens(&citizen).doses[0].who.author_name, "Đội hem 42", "the hub knows who that was");

    // A second dose elsewhere, and days later the line is back.
    tower.gives_to(&citizen, &pfizer(2));
    tower.tries_to_sync();
    assert_eq!(world.forwards(&hub).trouble, Some(Trouble::NoNetwork));
    hub.cut(false);
    assert!(world.forwards(&hub).complete);
    let nation = world.nation();
    assert_eq!(nation.doses_of(&citizen).len(), 2);
    world.mend_roads_and_settle();
    for team in [&alley, &tower] {
        assert_eq!(team.opens(&citizen).state_root, nation.root_of(&citizen));
        assert_eq!(newest(team), Some(Copies::Nation));
    }
}

#[test]
fn a_hub_tells_a_fresh_laptop_what_the_nation_knows() {
    let world = World::seeded(3);
    let (hub, alley) = (world.hub("quận 5"), world.laptop("hem 42"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let dose = alley.gives(&khai, &astrazeneca(1));
    alley.syncs();
    world.nation();
    let fresh = world.laptop("nha van hoa");
    fresh.knows(&[&hub]);
    fresh.cut(true);
    // Before it has read the nation's feed to the end, a hub does not pass for knowing the ward.
    assert!(!fresh.tries_to_sync().area_ready);
    assert!(world.forwards(&hub).complete);
    assert!(fresh.tries_to_sync().area_ready);
    let citizen = fresh.scans(&khai);
    assert_eq!(fresh.doses_of(&citizen), [dose]);
    assert_eq!(fresh.opens(&citizen).state_root, world.nation().root_of(&citizen));
    // A second look brings nothing: the hub's feed is read from where it was left.
    assert_eq!(fresh.tries_to_sync().pulled, 0);
}

#[test]
fn a_laptop_wanders_between_two_hubs_and_the_nation() {
    let world = World::seeded(4);
    let (here, there, alley) = (world.hub("quận 5"), world.hub("quận 6"), world.laptop("hem 42"));
    alley.cut(true);
    let mut doses = Vec::new();
    for (name, hub) in [("Lê Thị Ba", &here), ("Lê Thị Tư", &there), ("Lê Thị Năm", &here), ("Lê Thị Sáu", &there)]
    {
        alley.knows(&[hub]);
        let person = world.citizen(name, "1960-01-01");
        doses.push((alley.scans(&person), alley.gives(&person, &astrazeneca(1))));
        assert_eq!(newest(&alley), Some(Copies::Hub));
    }
    // Both forward the same log, one of them a part of it; the nation holds it once.
    assert!(world.forwards(&here).complete && world.forwards(&there).complete);
    assert_eq!(world.forwards(&here).pushed, 0);
    let nation = world.nation();
    for (citizen, dose) in doses {
        assert_eq!(nation.doses_of(&citizen), [dose]);
    }
    assert_eq!(newest(&alley), Some(Copies::Nation));
    alley.cut(false);
    assert_eq!(alley.syncs().pushed, 0, "the nation has it all already");
    let log = &nation.device("hem 42")["logs"];
    assert_eq!(log.as_array().map(Vec::len), Some(1), "no second epoch was begun: {log}");
}

#[test]
fn a_hub_put_back_to_an_old_copy_is_given_again_what_it_lost() {
    let world = World::seeded(5);
    let (hub, alley) = (world.hub("quận 5"), world.laptop("hem 42"));
    alley.knows(&[&hub]);
    alley.cut(true);
    alley.gives(&world.citizen("Lê Thị Ba", "1960-01-01"), &astrazeneca(1));
    alley.tries_to_sync();
    let copy = world.back_up_hub(&hub, "hub-backup");
    alley.gives(&world.citizen("Lê Thị Tư", "1960-01-01"), &astrazeneca(1));
    assert_eq!(newest(&alley), Some(Copies::Hub));
    world.restarts(&hub, &copy);
    let state = alley.tries_to_sync();
    assert_eq!((state.pushed, state.to_push_anywhere, state.log_epoch), (2, 0, 1), "from where the hub says it stands");
    assert_eq!(world.forwards(&hub).pushed, 4);
    assert_eq!(newest(&alley), Some(Copies::Nation));
}

#[test]
fn a_nation_put_back_to_an_old_copy_gets_from_the_hub_what_it_lost() {
    let world = World::seeded(6);
    let (hub, alley) = (world.hub("quận 5"), world.laptop("hem 42"));
    alley.knows(&[&hub]);
    alley.cut(true);
    alley.gives(&world.citizen("Lê Thị Ba", "1960-01-01"), &astrazeneca(1));
    alley.tries_to_sync();
    world.forwards(&hub);
    let copy = world.back_up("old");
    let person = world.citizen("Lê Thị Tư", "1960-01-01");
    let citizen = alley.scans(&person);
    let dose = alley.gives(&person, &astrazeneca(1));
    alley.tries_to_sync();
    world.forwards(&hub);
    assert_eq!(newest(&alley), Some(Copies::Nation));
    world.clock.advance_ms(MS_PER_DAY);

    world.restore(&copy);
    assert_eq!(world.nation().dose_count(), 1, "the copy is old");
    assert_eq!(world.forwards(&hub).pushed, 2, "the laptop was not there, and need not have been");
    assert_eq!(world.nation().doses_of(&citizen), [dose]);
    assert_eq!(newest(&alley), Some(Copies::Nation));
}

#[test]
fn a_nation_that_lost_a_laptops_enrolment_hears_of_it_from_the_hub() {
    let world = World::seeded(7);
    let hub = world.hub("quận 5");
    let copy = world.back_up("before");
    let alley = world.laptop("hem 42");
    let person = world.citizen("Lê Thị Ba", "1960-01-01");
    let citizen = alley.scans(&person);
    let dose = alley.gives(&person, &astrazeneca(1));
    alley.knows(&[&hub]);
    alley.cut(true);
    alley.tries_to_sync();
    world.restore(&copy);
    let outcome = world.forwards(&hub);
    assert_eq!((outcome.pushed, outcome.trouble), (2, None));
    assert_eq!(world.nation().doses_of(&citizen), [dose]);
    // The laptop itself is known again, too.
    alley.cut(false);
    alley.syncs();
}

#[test]
fn a_cloned_laptop_at_a_hub_loses_nothing_and_the_nation_sees_both_branches() {
    let world = World::seeded(8);
    let (hub, alley) = (world.hub("quận 5"), world.laptop("hem 42"));
    alley.knows(&[&hub]);
    alley.cut(true);
    alley.gives(&world.citizen("Lê Thị Ba", "1960-01-01"), &astrazeneca(1));
    alley.tries_to_sync();
    let clone = alley.cloned_to(&world, "clone");
    clone.cut(true);
    let (one, other) = (world.citizen("Lê Thị Tư", "1960-01-01"), world.citizen("Lê Thị Năm", "1960-01-01"));
    let (first, second) = (alley.gives(&one, &astrazeneca(1)), clone.gives(&other, &astrazeneca(1)));
    for _ in 0..2 {
        alley.tries_to_sync();
        clone.tries_to_sync();
    }
    assert!(world.forwards(&hub).trouble.is_none());
    let nation = world.nation();
    assert_eq!(nation.doses_of(&alley.scans(&one)), [first]);
    assert_eq!(nation.doses_of(&clone.scans(&other)), [second]);
    alley.tries_to_sync();
    clone.tries_to_sync();
    assert_eq!((newest(&alley), newest(&clone)), (Some(Copies::Nation), Some(Copies::Nation)));
}

/// The nation has heard the clone, and the hub has more of the laptop's own log than one push carries.
#[test]
fn a_parted_log_longer_than_one_push_is_forwarded_to_its_end_and_once() {
    let world = World::seeded(16);
    let (hub, alley) = (world.hub("quận 5"), world.laptop("hem 42"));
    alley.gives(&world.citizen("Lê Thị Ba", "1960-01-01"), &astrazeneca(1));
    alley.syncs();
    alley.knows(&[&hub]);
    let clone = alley.cloned_to(&world, "clone");
    clone.near.cut.store(true, Ordering::Relaxed);
    clone.gives(&world.citizen("Lê Thị Tư", "1960-01-01"), &astrazeneca(1));
    assert_eq!(clone.tries_to_sync().pushed, 2);
    alley.cut(true);
    (0..265).for_each(|n| drop(alley.gives(&world.citizen(&format!("Người {n}"), "1960-01-01"), &astrazeneca(1))));
    assert_eq!(newest(&alley), Some(Copies::Hub));
    // Nobody brings the laptop back: what is only at the hub must come from there.
    let outcome = world.forwards(&hub);
    assert_eq!((outcome.complete, outcome.trouble), (true, None));
    assert_eq!(world.nation().dose_count(), 267);
    let again = world.forwards(&hub);
    assert_eq!((again.pushed, again.complete), (0, true), "the nation says that it holds the branch");
    assert_eq!(world.status_of(&hub).entries_waiting, 0);
    // And where the laptop does come back, it has nothing to say again.
    let state = alley.tries_to_sync();
    let today = alley.desk.today().unwrap();
    assert_eq!((state.to_push, today.here_only, today.at_hub), (0, 0, 0));
    world.mend_roads_and_settle();
    assert_eq!(world.nation().dose_count(), 267);
}

#[test]
fn whatever_is_lost_or_bent_between_hub_and_nation_is_carried_again() {
    let world = World::seeded(9);
    let (hub, alley) = (world.hub("quận 5"), world.laptop("hem 42"));
    alley.knows(&[&hub]);
    alley.cut(true);
    let mut given = Vec::new();
    for message in 1..=6_u32 {
        for (turn, half) in [Loss::Question, Loss::Answer].into_iter().enumerate() {
            let person = world.citizen(&format!("Người {message} {turn}"), "1960-01-01");
            given.push((alley.scans(&person), alley.gives(&person, &astrazeneca(1))));
            alley.tries_to_sync();
            hub.wire.lose(message, half);
            world.forwards(&hub);
            hub.wire.lose_nothing();
            hub.wire.harm(message, half, [Harm::CutShort, Harm::Flipped][turn], u64::from(message) * 7_919);
            world.forwards(&hub);
            hub.wire.lose_nothing();
        }
    }
    let outcome = world.forwards(&hub);
    assert_eq!((outcome.complete, outcome.trouble), (true, None));
    let nation = world.nation();
    for (citizen, dose) in given {
        assert_eq!(nation.doses_of(&citizen), [dose]);
    }
}

#[test]
fn a_revoked_laptop_is_refused_by_the_hub_once_it_heard() {
    let world = World::seeded(10);
    let (hub, alley) = (world.hub("quận 5"), world.laptop("hem 42"));
    alley.knows(&[&hub]);
    alley.cut(true);
    alley.gives(&world.citizen("Lê Thị Ba", "1960-01-01"), &astrazeneca(1));
    alley.tries_to_sync();
    world.nation().revokes("hem 42");
    world.forwards(&hub);
    alley.gives(&world.citizen("Lê Thị Tư", "1960-01-01"), &astrazeneca(1));
    let state = alley.tries_to_sync();
    assert_eq!(state.hubs[0].trouble.as_deref(), Some("device_revoked"));
    assert_eq!(state.to_push_anywhere, 2, "it stays on the laptop");
}

#[test]
fn a_hub_that_was_ended_forwards_nothing_more_and_counts_as_no_copy() {
    let world = World::seeded(11);
    let (hub, alley) = (world.hub("quận 5"), world.laptop("hem 42"));
    alley.knows(&[&hub]);
    alley.cut(true);
    alley.gives(&world.citizen("Lê Thị Ba", "1960-01-01"), &astrazeneca(1));
    assert_eq!(newest(&alley), Some(Copies::Hub));
    world.nation().revokes("quận 5");
    let refused = world.forwards(&hub).trouble;
    assert!(matches!(refused, Some(Trouble::Refused { code, .. }) if code == "device_revoked"));
    alley.cut(false);
    // The nation tells the laptop, which brings everything itself.
    assert_eq!(alley.syncs().copies_of_last, Some(Copies::Nation));
    assert_eq!(alley.tries_to_sync().hubs[0].trouble.as_deref(), Some("not_genuine"));
}

#[test]
fn two_machines_of_one_hub_are_told_apart() {
    let world = World::seeded(12);
    let (hub, alley) = (world.hub("quận 5"), world.laptop("hem 42"));
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    world.forwards(&hub);
    let twin = world.twin_of(&hub, world.back_up_hub(&hub, "hub-twin"));
    alley.cut(true);
    alley.knows(&[&hub]);
    let dose = alley.gives(&khai, &astrazeneca(1));
    alley.tries_to_sync();
    for _ in 0..2 {
        assert!(world.forwards(&hub).complete);
        assert!(world.forwards(&twin).complete);
    }
    // Whichever of them a laptop meets, it reads that one's feed for what it is.
    let tower = world.laptop("chung cu a");
    tower.cut(true);
    for hub in [&hub, &twin, &hub, &twin] {
        tower.knows(&[hub]);
        let state = tower.tries_to_sync();
        assert_eq!(state.hubs[0].trouble, None, "{state:?}");
        assert_eq!(tower.doses_of(&tower.scans(&khai)), std::slice::from_ref(&dose));
    }
}

#[test]
fn only_a_hubs_code_lets_a_hub_in_and_only_a_hub() {
    let world = World::seeded(13);
    world.laptop_code("LAPTOP-1");
    let refused = world.tries_to_join(&world.folder().join("stranger"), "LAPTOP-1");
    assert!(matches!(&refused, Err(JoinError::Trouble(Trouble::Refused { code, .. })) if code == "code_unknown"));
    let code = world.hub_code("quận 7");
    assert_eq!(world.try_to_enrol(&code).unwrap_err().code, "code_refused", "a hub's code lets no laptop in");
    world.tries_to_join(&world.folder().join("district"), &code).unwrap();
    let again = world.tries_to_join(&world.folder().join("district"), &code);
    assert!(again.is_ok(), "an answer lost on the way can be asked for again");
    let nation = world.tries_to_join(&world.folder().join("nation"), &world.hub_code("quận 8"));
    assert!(matches!(nation, Err(JoinError::Keys(KeysError::IsNation))), "the nation's directory stays the nation's");
}

#[test]
fn another_campaigns_hub_is_nobody_to_a_laptop() {
    let (ours, theirs) = (World::seeded(14), World::seeded(15));
    let (hub, alley) = (theirs.hub("quận 5"), ours.laptop("hem 42"));
    ours.adopts(&hub);
    alley.knows(&[&hub]);
    alley.cut(true);
    alley.gives(&ours.citizen("Lê Thị Ba", "1960-01-01"), &astrazeneca(1));
    let state = alley.tries_to_sync();
    // It does not know the laptop, and the laptop's certificates are not its campaign's.
    assert_eq!(state.to_push_anywhere, 2);
    assert!(state.hubs[0].trouble.is_some());
}
