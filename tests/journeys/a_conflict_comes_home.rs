use shared_model::view::{CaseStatus, DoseStateView};
use world::nation::QueuedCase;
use world::{Team, World, astrazeneca};

/// Two teams, one citizen, dose two twice; everybody has heard of everything.
fn a_case(seed: u64) -> (World, [Team; 2], String, [String; 2], QueuedCase) {
    let world = World::seeded(seed);
    let teams = [world.laptop("hem 42"), world.laptop("chung cu A")];
    let khai = world.citizen("Nguyễn Thị Minh Khai", "1990-05-01");
    let doses = [0, 1].map(|team: usize| teams[team].gives(&khai, &astrazeneca(2)));
    let citizen = teams[0].scans(&khai);
    everybody_syncs(&world, &teams);
    let case = world.nation().only_case("too_many_doses");
    (world, teams, citizen, doses, case)
}

fn everybody_syncs(world: &World, teams: &[Team; 2]) {
    for _ in 0..2 {
        for team in teams {
            team.syncs();
            world.nation();
        }
    }
}

fn everybody_agrees(world: &World, teams: &[Team; 2], citizen: &str) {
    let root = world.nation().root_of(citizen);
    for team in teams {
        assert_eq!(team.opens(citizen).state_root, root);
    }
}

#[test]
fn the_same_dose_said_twice_counts_once_on_every_screen() {
    let (world, teams, citizen, doses, case) = a_case(20);
    assert!(teams.iter().all(|team| team.opens(&citizen).conflicts[0].status == CaseStatus::Open));
    world.nation().settles(&case, "same_dose", Some(&doses[0]));
    everybody_syncs(&world, &teams);
    assert_eq!(world.nation().doses_of(&citizen), [doses[0].clone()]);
    for team in &teams {
        let view = team.opens(&citizen);
        assert_eq!(team.doses_of(&citizen), [doses[0].clone()]);
        assert!(view.doses.iter().any(|dose| dose.statement == doses[1] && dose.state == DoseStateView::Echo));
        assert_eq!(view.conflicts[0].status, CaseStatus::Settled);
        assert_eq!(view.conflicts[0].answer.as_deref(), Some("same_dose"));
    }
    assert_eq!(world.nation().open_cases(), []);
    everybody_agrees(&world, &teams, &citizen);
}

#[test]
fn a_dose_that_was_not_given_is_taken_out_and_the_answer_can_be_taken_back() {
    let (world, teams, citizen, doses, case) = a_case(21);
    world.nation().settles(&case, "withdraw_dose", Some(&doses[1]));
    everybody_syncs(&world, &teams);
    assert!(teams.iter().all(|team| team.doses_of(&citizen) == [doses[0].clone()]));
    world.nation().undoes(&case);
    everybody_syncs(&world, &teams);
    let reopened = world.nation().only_case("too_many_doses");
    assert_eq!(reopened.id, case.id, "the same statements raise the same case");
    assert!(teams.iter().all(|team| team.doses_of(&citizen).len() == 2));
    everybody_agrees(&world, &teams, &citizen);
}

#[test]
fn two_doses_that_were_really_given_both_count_and_are_not_asked_about_again() {
    let (world, teams, citizen, _, case) = a_case(22);
    world.nation().settles(&case, "really_two", None);
    everybody_syncs(&world, &teams);
    assert!(teams.iter().all(|team| team.doses_of(&citizen).len() == 2));
    let nation = world.nation();
    assert_eq!((nation.open_cases(), nation.cases("settled")), (vec![], vec![case]));
}

#[test]
fn a_case_can_be_settled_once_and_only_with_an_answer_it_takes() {
    let (world, _, _, doses, case) = a_case(23);
    let nation = world.nation();
    let path = format!("cases/{}/settle", case.id);
    let answer =
        |answer: &str, names: Option<&str>| serde_json::json!({ "answer": answer, "names": names, "note": "" });
    let (status, _) = nation.post(&path, answer("same_person", None));
    assert!((400..500).contains(&status), "a dose case took an answer about persons");
    let (status, _) = nation.post(&path, answer("same_dose", Some(&"00".repeat(32))));
    assert!((400..500).contains(&status), "it took a statement that is not in dispute");
    nation.settles(&case, "same_dose", Some(&doses[0]));
    let (status, body) = nation.post(&path, answer("really_two", None));
    assert_eq!((status, body["code"].as_str()), (409, Some("stale")));
}

#[test]
fn a_case_ends_when_the_team_itself_takes_its_dose_back() {
    let (world, teams, citizen, doses, case) = a_case(24);
    world.nation().settles(&case, "send_back", None);
    everybody_syncs(&world, &teams);
    assert!(teams.iter().all(|team| team.opens(&citizen).conflicts[0].status == CaseStatus::SentBack));
    teams[1].withdraws(&doses[1], "entered_twice");
    world.mend_roads_and_settle();
    let nation = world.nation();
    assert_eq!((nation.open_cases(), nation.cases("sent_back")), (vec![], vec![]));
    assert_eq!(nation.doses_of(&citizen), [doses[0].clone()]);
    assert!(teams.iter().all(|team| team.opens(&citizen).conflicts.is_empty()));
    everybody_agrees(&world, &teams, &citizen);
}

#[test]
fn the_last_of_several_answers_counts_and_all_of_them_are_remembered() {
    let (world, teams, citizen, doses, case) = a_case(25);
    world.nation().settles(&case, "same_dose", Some(&doses[0]));
    world.nation().undoes(&case);
    world.nation().settles(&case, "withdraw_dose", Some(&doses[0]));
    world.nation().undoes(&case);
    world.nation().settles(&case, "same_dose", Some(&doses[1]));
    world.mend_roads_and_settle();
    let page = world.nation().get(&format!("cases/{}", case.id));
    let undone: Vec<_> = page["settlements"].as_array().unwrap().iter().map(|s| s["undone"] == true).collect();
    assert_eq!(undone, [true, true, false]);
    assert!(teams.iter().all(|team| team.doses_of(&citizen) == [doses[1].clone()]));
    everybody_agrees(&world, &teams, &citizen);
}
