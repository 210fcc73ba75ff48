//! A laptop without a line is asked over the telephone whether the nation holds what it holds.

use serde_json::{Value, json};
use world::{Nation, Team, World, astrazeneca};

fn reads_out(team: &Team) -> String {
    team.desk.sync_state().unwrap().log_words.expect("a log with something in it")
}

fn is_told(nation: &Nation, heard: &str) -> Value {
    let (status, told) = nation.post("check-end", json!({ "words": heard }));
    assert_eq!(status, 200, "{told}");
    told
}

#[test]
fn six_words_read_out_from_a_laptop_say_whether_the_nation_holds_all_of_it() {
    let world = World::seeded(700);
    let alley = world.laptop("hem 42");
    assert_eq!(alley.desk.sync_state().unwrap().log_words, None, "an empty log has no end to speak of");
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    alley.gives(&khai, &astrazeneca(1));
    alley.syncs();
    let nation = world.nation();
    let before = reads_out(&alley);
    let held = is_told(&nation, &before.to_uppercase());
    assert_eq!((&held["kind"], &held["device_name"]), (&json!("held"), &json!("hem 42")), "{held}");
    assert_eq!(held["held_to"], alley.desk.sync_state().unwrap().log_head);

    // Offline it goes on, and so do the words.
    world.cut_all_roads();
    alley.gives(&world.citizen("Trần Đức Ưng", "1984-02-11"), &astrazeneca(1));
    let words = reads_out(&alley);
    assert_ne!(words, before);
    assert_eq!(is_told(&nation, &words)["kind"], "not_held");

    // One of them misheard is a mistake of hearing, and no other laptop.
    let mut misheard: Vec<&str> = words.split(' ').collect();
    misheard[2] = if misheard[2] == "voi" { "vòng" } else { "voi" };
    assert_eq!(is_told(&nation, &misheard.join(" "))["kind"], "not_understood");
}
