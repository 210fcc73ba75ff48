//! A disagreement becomes a case, an answer becomes a statement, and both come home.

use axum::http::StatusCode;
use serde_json::json;
use shared_model::citizen::{PersonName, RegisterValue};
use shared_model::ids::StatementId;
use shared_model::statement::{Linked, Statement};
use shared_model::time::{MS_PER_DAY, MS_PER_HOUR};

use super::laptop::{Laptop, citizen};
use super::nation::Nation;

fn name(text: &str) -> RegisterValue {
    RegisterValue::Name(PersonName::parse(text).unwrap())
}

/// Two teams of two areas, each unaware of the other, give one person a second dose.
async fn two_second_doses(nation: &Nation) -> (Laptop, Laptop) {
    let mut alley = Laptop::enrolled(nation, 1, "26734").await;
    let mut tower = Laptop::enrolled(nation, 2, "70000").await;
    let khai = citizen(42);
    alley.register(nation.now(), khai, "Nguyễn Thị Minh Khai", "079190000001");
    alley.give(nation.now(), khai, 1, "AZ0001");
    nation.edge.pass(60 * MS_PER_DAY);
    alley.give(nation.now(), khai, 2, "AZ0002");
    tower.give(nation.now().plus_ms(MS_PER_HOUR), khai, 2, "AZ0003");
    nation.edge.pass(2 * MS_PER_HOUR);
    alley.sync(nation).await;
    tower.sync(nation).await;
    (alley, tower)
}

#[tokio::test]
async fn one_person_given_dose_two_at_two_sites_opens_one_case_that_is_settled_and_undone() {
    let nation = Nation::found().await;
    let (mut alley, mut tower) = two_second_doses(&nation).await;
    let admin = nation.admin().await;
    let case = admin.only_case("open").await;
    assert_eq!(case["kind"], "too_many_doses");
    assert_eq!(case["sides"].as_array().unwrap().len(), 2);
    assert_eq!(case["citizens"][0]["name"], "Nguyễn Thị Minh Khai");
    let (_, list) = admin.get("cases").await;
    assert_eq!(list["cases"][0]["sites"], json!(["site-1", "site-2"]));

    // The second team reads the whole story, for it vaccinated this person too.
    tower.sync(&nation).await;
    assert_eq!(tower.feed.len(), 4);

    let kept = case["sides"][0]["statement"].as_str().unwrap();
    let (status, settled) = admin.settle(&case, "same_dose", Some(kept)).await;
    assert_eq!((status, &settled["status"]), (StatusCode::OK, &json!("settled")));
    assert_eq!(settled["settlements"][0]["who"]["author_name"], "admin");
    let settlement = settled["settlements"][0]["statement"].as_str().unwrap().to_owned();
    let id = StatementId::parse(&settlement).unwrap();
    alley.sync(&nation).await;
    tower.sync(&nation).await;
    assert!(alley.feed.contains(&id) && tower.feed.contains(&id));
    let (_, khai) = admin.get(&format!("citizens/{}", citizen(42))).await;
    assert_eq!(khai["doses"].as_array().unwrap().iter().filter(|dose| dose["state"] == "given").count(), 2);

    // Answered once: whoever looked at the old screen is told so.
    let (status, stale) = admin.settle(&case, "really_two", None).await;
    assert_eq!((status, stale["code"].as_str()), (StatusCode::CONFLICT, Some("stale")));

    let undo = json!({ "settlement": settlement, "note": "nhầm" });
    let path = format!("cases/{}/undo", case["id"].as_str().unwrap());
    let (status, open) = admin.post(&path, &undo.clone()).await;
    assert_eq!((status, &open["status"]), (StatusCode::OK, &json!("open")));
    assert_eq!(open["settlements"][0]["undone"], true);
    assert_eq!(admin.post(&path, &undo).await.0, StatusCode::CONFLICT);
    let before = alley.feed.len();
    alley.sync(&nation).await;
    assert_eq!(alley.feed.len(), before + 1);
    let (status, settled) = admin.settle(&case, "really_two", None).await;
    assert_eq!((status, &settled["status"]), (StatusCode::OK, &json!("settled")));
}

#[tokio::test]
async fn the_fast_road_raises_what_the_whole_road_raises() {
    let nation = Nation::found().await;
    let mut alley = Laptop::enrolled(&nation, 1, "26734").await;
    let mut tower = Laptop::enrolled(&nation, 2, "26734").await;
    alley.register(nation.now(), citizen(1), "Lê Văn An", "079190000001");
    alley.give(nation.now(), citizen(1), 1, "AZ0001");
    alley.sync(&nation).await;
    // A dose alone, to a card that is known: no document is opened for it.
    tower.give(nation.now().plus_ms(20 * MS_PER_HOUR), citizen(1), 1, "AZ0009");
    nation.edge.pass(21 * MS_PER_HOUR);
    tower.sync(&nation).await;
    let before = nation.server.store().cases(all()).await.unwrap();
    assert_eq!(before.open, 1);
    nation.server.rebuild().await.unwrap();
    let after = nation.server.store().cases(all()).await.unwrap();
    assert_eq!(before.cases, after.cases);
}

fn all() -> crate::store::rows::CaseQuery {
    crate::store::rows::CaseQuery { status: None, kind: None, after: None, max: 100 }
}

#[tokio::test]
async fn two_names_for_one_person_are_one_case_and_the_chosen_one_is_shown() {
    let nation = Nation::found().await;
    let mut alley = Laptop::enrolled(&nation, 1, "26734").await;
    let mut tower = Laptop::enrolled(&nation, 2, "26734").await;
    let first = alley.register(nation.now(), citizen(1), "Lê Văn An", "079190000001");
    alley.sync(&nation).await;
    let one = alley.edit(nation.now(), citizen(1), vec![name("Lê Văn Ân")], &[first]);
    tower.edit(nation.now(), citizen(1), vec![name("Lê Văn Anh")], &[first]);
    alley.sync(&nation).await;
    tower.sync(&nation).await;
    let admin = nation.admin().await;
    let case = admin.only_case("open").await;
    assert_eq!((case["kind"].as_str(), case["register"].as_str()), (Some("edited_in_two_places"), Some("name")));
    let (_, not_offered) = admin.settle(&case, "really_two", None).await;
    assert_eq!(not_offered["code"], "not_offered");
    let (_, settled) = admin.settle(&case, "choose_value", Some(&one.to_string())).await;
    assert_eq!(settled["status"], "settled");
    assert_eq!(settled["citizens"][0]["name"], "Lê Văn Ân");
}

#[tokio::test]
async fn one_number_on_two_cards_is_asked_about_and_joins_them_when_they_are_one() {
    let nation = Nation::found().await;
    let mut alley = Laptop::enrolled(&nation, 1, "26734").await;
    let mut tower = Laptop::enrolled(&nation, 2, "70000").await;
    alley.register(nation.now(), citizen(1), "Lê Văn An", "079190000001");
    tower.register(nation.now(), citizen(2), "Lê Văn An", "079190000001");
    tower.give(nation.now(), citizen(2), 1, "AZ0001");
    alley.sync(&nation).await;
    tower.sync(&nation).await;
    let admin = nation.admin().await;
    let case = admin.only_case("open").await;
    assert_eq!((case["kind"].as_str(), case["citizens"].as_array().unwrap().len()), (Some("two_cards_one_person"), 2));
    let (_, settled) = admin.settle(&case, "same_person", None).await;
    assert_eq!(settled["status"], "settled");
    assert_eq!(settled["citizens"].as_array().unwrap().len(), 1);
    let (_, one) = admin.get(&format!("citizens/{}", citizen(1))).await;
    assert_eq!((one["cards"].as_array().unwrap().len(), one["doses"].as_array().unwrap().len()), (2, 1));
    // Both homes have the whole story of the person who now holds both cards.
    alley.sync(&nation).await;
    tower.sync(&nation).await;
    assert_eq!((alley.feed.len(), tower.feed.len()), (4, 4));

    let undo = json!({ "settlement": settled["settlements"][0]["statement"], "note": "" });
    let (_, open) = admin.post(&format!("cases/{}/undo", case["id"].as_str().unwrap()), &undo).await;
    assert_eq!((open["status"].as_str(), open["citizens"].as_array().unwrap().len()), (Some("open"), 2));
}

#[tokio::test]
async fn cards_that_a_team_linked_are_one_person_everywhere() {
    let nation = Nation::found().await;
    let mut alley = Laptop::enrolled(&nation, 1, "26734").await;
    alley.register(nation.now(), citizen(1), "Lê Văn An", "079190000001");
    alley.register(nation.now(), citizen(2), "Lê Văn An", "079190000001");
    alley.sync(&nation).await;
    let admin = nation.admin().await;
    assert_eq!(admin.count("open").await, 1);
    alley.say(nation.now(), citizen(1), Statement::Linked(Linked { other: citizen(2), note: String::new() }));
    alley.sync(&nation).await;
    assert_eq!((admin.count("open").await, admin.count("gone").await), (0, 1));
}

#[tokio::test]
async fn a_case_taken_back_at_the_table_is_gone_and_sent_back_ones_stay() {
    use shared_model::statement::{WithdrawReason, Withdrawn};
    let nation = Nation::found().await;
    let (mut alley, _tower) = two_second_doses(&nation).await;
    let admin = nation.admin().await;
    let case = admin.only_case("open").await;
    let (_, sent) = admin.settle(&case, "send_back", None).await;
    assert_eq!(sent["status"], "sent_back");
    let own = alley.log.last().unwrap().statement_id();
    let withdrawn = Withdrawn { target: own, reason: WithdrawReason::Mistake, note: "ghi nhầm".to_owned() };
    alley.say(nation.now(), citizen(42), Statement::Withdrawn(withdrawn));
    alley.sync(&nation).await;
    assert_eq!((admin.count("sent_back").await, admin.count("gone").await), (0, 1));
}

#[tokio::test]
async fn a_dose_of_next_year_is_doubted() {
    let nation = Nation::found().await;
    let mut alley = Laptop::enrolled(&nation, 1, "26734").await;
    let dose = alley.dose(nation.now().plus_ms(400 * MS_PER_DAY), 1, "AZ0001");
    alley.say(nation.now(), citizen(1), Statement::DoseGiven(dose));
    alley.sync(&nation).await;
    let admin = nation.admin().await;
    assert_eq!(admin.only_case("open").await["kind"], "implausible_time");
}

#[tokio::test]
async fn a_withdrawal_that_came_first_waits_for_what_it_takes_back() {
    use shared_model::statement::{WithdrawReason, Withdrawn};
    let nation = Nation::found().await;
    let mut alley = Laptop::enrolled(&nation, 1, "26734").await;
    let mut tower = Laptop::enrolled(&nation, 2, "26734").await;
    let dose = alley.give(nation.now(), citizen(1), 1, "AZ0001");
    let withdrawn = Withdrawn { target: dose, reason: WithdrawReason::NotGiven, note: String::new() };
    tower.say(nation.now(), citizen(1), Statement::Withdrawn(withdrawn));
    tower.sync(&nation).await;
    alley.sync(&nation).await;
    assert_eq!(nation.server.store().overview(nation.now()).await.unwrap().doses, 0);
    assert_eq!(alley.feed.len(), 2);
}
