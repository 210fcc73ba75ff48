use world::{World, astrazeneca};

#[test]
fn a_server_restored_from_an_old_copy_is_given_everything_again() {
    let world = World::seeded(80);
    let alley = world.laptop("hem 42");
    alley.gives(&world.citizen("Lê Văn An", "1970-01-01"), &astrazeneca(1));
    alley.syncs();
    world.nation();
    let copy = world.back_up("backup");
    for name in ["Lê Thị Bình", "Lê Thị Chi"] {
        alley.gives(&world.citizen(name, "1971-01-01"), &astrazeneca(1));
    }
    alley.syncs();
    assert_eq!(world.nation().dose_count(), 3);

    world.restore(&copy);
    assert_eq!(world.nation().dose_count(), 1, "the copy is older");
    let state = alley.syncs();
    assert_eq!((state.to_push, state.durable_to), (0, 6));
    assert_eq!(world.nation().dose_count(), 3);
}
