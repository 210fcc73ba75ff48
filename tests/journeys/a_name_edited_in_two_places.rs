use shared_model::view::CaseStatus;
use world::{Team, World};

fn everybody_syncs(world: &World, teams: [&Team; 2]) {
    for _ in 0..2 {
        for team in teams {
            team.syncs();
            world.nation();
        }
    }
}

#[test]
fn both_names_are_kept_and_shown_until_the_nation_chooses() {
    let world = World::seeded(30);
    let (alley, tower) = (world.laptop("hem 42"), world.laptop("chung cu A"));
    let bao = world.citizen("Trần Văn Bao", "1980-07-01");
    let citizen = alley.scans(&bao);
    everybody_syncs(&world, [&alley, &tower]);
    alley.edits(&citizen, "name", "Trần Văn Bảo");
    tower.edits(&citizen, "name", "Trần Văn Bửu");
    everybody_syncs(&world, [&alley, &tower]);

    let nation = world.nation();
    let case = nation.only_case("edited_in_two_places");
    let view = alley.opens(&citizen);
    let field = view.fields.iter().find(|field| field.register == "name").unwrap();
    assert_eq!(field.others.len(), 1, "the other name has not been overwritten");
    assert_eq!(view.name, tower.opens(&citizen).name, "both laptops show the same one meanwhile");

    let page = nation.get(&format!("cases/{}", case.id));
    let chosen = page["sides"]
        .as_array()
        .unwrap()
        .iter()
        .find(|side| side["values"].as_array().unwrap().iter().any(|value| value["text"] == "Trần Văn Bảo"));
    nation.settles(&case, "choose_value", chosen.unwrap()["statement"].as_str());
    everybody_syncs(&world, [&alley, &tower]);
    for team in [&alley, &tower] {
        assert_eq!(team.shows(&citizen, "name"), "Trần Văn Bảo");
        assert_eq!(team.opens(&citizen).conflicts[0].status, CaseStatus::Settled);
    }
    world.nation().undoes(&case);
    assert_eq!(world.nation().only_case("edited_in_two_places").id, case.id);
}

#[test]
fn two_teams_who_write_the_same_name_do_not_quarrel() {
    let world = World::seeded(31);
    let (alley, tower) = (world.laptop("hem 42"), world.laptop("chung cu A"));
    let citizen = alley.scans(&world.citizen("Trần Văn Bao", "1980-07-01"));
    everybody_syncs(&world, [&alley, &tower]);
    for team in [&alley, &tower] {
        team.edits(&citizen, "name", "Trần Văn Bảo");
        team.edits(&citizen, "phone", "0912345678");
    }
    everybody_syncs(&world, [&alley, &tower]);
    assert_eq!(world.nation().open_cases(), []);
    assert_eq!(tower.shows(&citizen, "name"), "Trần Văn Bảo");
}

#[test]
fn different_fields_edited_in_two_places_meet_without_a_case() {
    let world = World::seeded(32);
    let (alley, tower) = (world.laptop("hem 42"), world.laptop("chung cu A"));
    let citizen = alley.scans(&world.citizen("Trần Văn Bao", "1980-07-01"));
    everybody_syncs(&world, [&alley, &tower]);
    alley.edits(&citizen, "phone", "0912345678");
    tower.edits(&citizen, "priority_group", "9");
    everybody_syncs(&world, [&alley, &tower]);
    assert_eq!(world.nation().open_cases(), []);
    for team in [&alley, &tower] {
        assert_eq!(
            (team.shows(&citizen, "phone"), team.shows(&citizen, "priority_group")),
            ("0912345678".into(), "9".into())
        );
    }
}
