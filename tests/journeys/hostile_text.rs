use world::{World, astrazeneca};

#[test]
fn markup_in_a_name_travels_as_the_text_it_is() {
    let world = World::seeded(100);
    let (alley, tower) = (world.laptop("hem 42"), world.laptop("chung cu A"));
    let name = "<img src=x onerror=alert(1)> Nguyễn";
    let citizen = alley.registers_walk_in(&[("name", name), ("birth", "1990-05-01"), ("sex", "female")]);
    alley.gives_to(&citizen, &astrazeneca(1));
    alley.syncs();
    let nation = world.nation();
    tower.syncs();
    assert_eq!(nation.get(&format!("citizens/{citizen}"))["name"], name);
    assert_eq!(tower.shows(&citizen, "name"), name);
}

#[test]
fn garbage_before_the_camera_is_named_and_changes_nothing() {
    use field_client::desk::view::{Look, LookAnswer};
    let world = World::seeded(101);
    let alley = world.laptop("hem 42");
    let long = "x".repeat(1_000_000);
    let rubbish = [
        "||||||",
        "\0\0\0",
        "https://example.test/a",
        "HC1:NCFOXN",
        "079190123456|||",
        &long,
        "079190123456||Nguyễn Thị Minh Khai|31021990|Nữ|x|15042021",
    ];
    for text in rubbish {
        let seen = alley.desk.look(Look { text: text.to_owned(), from_camera: true }).unwrap();
        assert!(matches!(seen, LookAnswer::NotUnderstood { .. } | LookAnswer::Nothing), "{seen:?}");
    }
    assert_eq!(alley.desk.sync_state().unwrap().log_head, 0);
}
