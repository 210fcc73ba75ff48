//! Whoever looks after a hub is told how it stands with the nation.

use shared_model::time::{MS_PER_DAY, MS_PER_HOUR};
use sync_server::hub::status::Status;
use world::{Hub, World, astrazeneca};

fn status(world: &World, hub: &Hub) -> Status {
    world.status_of(hub)
}

#[test]
fn what_waits_and_since_when_is_told_until_the_nation_has_it() {
    let world = World::seeded(280);
    let (hub, alley, tower) = (world.hub("quận 5"), world.laptop("hem 42"), world.laptop("chung cu a"));
    let fresh = status(&world, &hub);
    assert_eq!((fresh.last_contact_ms, fresh.days_without_upstream, fresh.entries_waiting), (None, None, 0));
    assert!(fresh.lines().iter().any(|line| line.contains("has not answered yet")), "{:?}", fresh.lines());
    world.forwards(&hub);
    let heard_ms = status(&world, &hub).last_contact_ms.unwrap();
    hub.cut(true);
    for team in [&alley, &tower] {
        team.knows(&[&hub]);
        team.cut(true);
        world.clock.advance_ms(MS_PER_HOUR);
        team.gives(&world.citizen("Lê Thị Ba", "1960-01-01"), &astrazeneca(1));
        team.tries_to_sync();
    }
    world.clock.advance_ms(3 * MS_PER_DAY);
    world.forwards(&hub);
    let alone = status(&world, &hub);
    assert_eq!((alone.last_contact_ms, alone.days_without_upstream), (Some(heard_ms), Some(3)));
    assert_eq!(alone.trouble.as_deref(), Some("no_network"));
    let waits_ms = alone.oldest_waiting_ms.unwrap() - heard_ms;
    assert!(alone.entries_waiting == 4 && (MS_PER_HOUR..2 * MS_PER_HOUR).contains(&waits_ms), "{alone:?}");
    assert_eq!(alone.waiting.iter().map(|log| log.name.as_str()).collect::<Vec<_>>(), ["hem 42", "chung cu a"]);
    assert!(alone.lines().iter().any(|line| line.contains("3 days without the nation")), "{:?}", alone.lines());

    // It outlives a restart, and is over once the line is back.
    world.restarts(&hub, &hub.data);
    assert_eq!(Status { now_ms: alone.now_ms, ..status(&world, &hub) }, alone);
    hub.cut(false);
    assert!(world.forwards(&hub).complete);
    let done = status(&world, &hub);
    assert_eq!((done.entries_waiting, done.trouble.as_deref(), done.days_without_upstream), (0, None, Some(0)));
    assert!(done.lines().iter().any(|line| line == "nothing waits to be forwarded"), "{:?}", done.lines());
}

#[test]
fn what_the_nation_does_not_believe_or_take_is_told_with_its_code() {
    let world = World::seeded(281);
    let (hub, alley) = (world.hub("quận 5"), world.laptop("hem 42"));
    alley.knows(&[&hub]);
    alley.cut(true);
    alley.gives(&world.citizen("Lê Thị Ba", "1960-01-01"), &astrazeneca(1));
    alley.tries_to_sync();
    world.nation().revokes("hem 42");
    world.forwards(&hub);
    // The next word names what was kept and not believed.
    world.forwards(&hub);
    let told = status(&world, &hub);
    assert_eq!(told.doubted_by_nation.get("revoked"), Some(&2), "{told:?}");
    world.nation().revokes("quận 5");
    world.forwards(&hub);
    assert_eq!(status(&world, &hub).trouble.as_deref(), Some("device_revoked"));
    let json = serde_json::to_value(status(&world, &hub)).unwrap();
    assert_eq!(json["trouble"], "device_revoked");
}
