//! Feeds: no number skipped, no statement twice, whatever happens at once.

use std::sync::Arc;

use shared_model::citizen::RegisterValue;
use shared_model::sync::feed::{Cursor, check_page};
use shared_model::sync::message::{Page, Pull};
use shared_model::time::{MS_PER_DAY, MS_PER_HOUR};

use super::laptop::{Laptop, citizen};
use super::nation::{Nation, store_of};
use crate::store::Store;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_never_skips_an_entry_while_many_push_at_once() {
    let nation = Arc::new(Nation::found().await);
    let follower = nation.server.follow();
    let mut pushers = Vec::new();
    for n in 1..=6_u8 {
        let mut laptop = Laptop::enrolled(&nation, n, "26734").await;
        let nation = Arc::clone(&nation);
        pushers.push(tokio::spawn(async move {
            for round in 0..20_u8 {
                laptop.give(nation.now(), citizen(n * 20 + round), 1, "AZ0001");
                laptop.push(&nation, u64::from(round) + 1).await.unwrap();
            }
        }));
    }
    let reader = Laptop::enrolled(&nation, 99, "26734").await;
    let epoch = reader.hello(&nation).await.unwrap().feeds[0].epoch;
    let mut cursor = Cursor::start("26734".to_owned(), epoch);
    while cursor.seq < 120 {
        let pull = Pull { cursor: cursor.clone(), entries_max: 7 };
        let page: Page = reader.ask(&nation, "/device/pull", &pull).await.unwrap();
        // Sums and numbers are checked entry by entry under the campaign's signature.
        cursor = check_page(&cursor, &page, reader.campaign).unwrap().cursor;
    }
    for pusher in pushers {
        pusher.await.unwrap();
    }
    follower.abort();
    nation.server.catch_up().await.unwrap();
    assert_eq!(nation.server.store().feed_heads(vec!["26734".to_owned()]).await.unwrap()[0].seq, 120);
}

#[tokio::test]
async fn what_is_drawn_again_from_the_log_is_what_was_there() {
    let (store, nation) = tests_store().await;
    let mut alley = Laptop::enrolled(&nation, 1, "26734").await;
    let mut tower = Laptop::enrolled(&nation, 2, "70000").await;
    for n in 1..=40_u8 {
        // Every fourth number is on two cards.
        let number = format!("0791900000{:02}", if n % 4 == 0 { n - 1 } else { n });
        alley.register(nation.now(), citizen(n), "Lê Văn An", &number);
        alley.give(nation.now(), citizen(n), 1, "AZ0001");
    }
    alley.sync(&nation).await;
    nation.edge.pass(5 * MS_PER_DAY);
    for n in 1..=40_u8 {
        tower.give(nation.now(), citizen(n), if n % 3 == 0 { 1 } else { 2 }, "AZ0002");
    }
    tower.sync(&nation).await;
    let admin = nation.admin().await;
    let (_, list) = admin.get("cases?status=open").await;
    let cases = list["cases"].as_array().unwrap().clone();
    assert!(cases.len() > 20, "{}", cases.len());
    for case in cases.iter().filter(|case| case["kind"] == "two_cards_one_person").take(3) {
        admin.settle(case, "same_person", None).await;
    }
    for case in cases.iter().filter(|case| case["kind"] == "too_many_doses").take(5) {
        let (_, full) = admin.get(&format!("cases/{}", case["id"].as_str().unwrap())).await;
        admin.settle(&full, "withdraw_dose", full["sides"][0]["statement"].as_str()).await;
    }
    nation.edge.pass(MS_PER_HOUR);
    alley.sync(&nation).await;
    let before = store.conclusions().await.unwrap();
    store.rebuild().await.unwrap();
    let after = store.conclusions().await.unwrap();
    let lost: Vec<_> = before.iter().filter(|line| !after.contains(line)).take(3).collect();
    let new: Vec<_> = after.iter().filter(|line| !before.contains(line)).take(3).collect();
    assert_eq!((lost, new), (vec![], vec![]));
}

/// A second handle on the same file, for looking inside.
async fn tests_store() -> (Store, Nation) {
    let nation = Nation::found().await;
    let rules = shared_model::rules::Rulebook::of([shared_model::rules::covid_2021().unwrap()]);
    (store_of(&nation.directory, rules).await.unwrap(), nation)
}

#[tokio::test]
async fn who_moves_takes_the_whole_story_along() {
    let nation = Nation::found().await;
    let mut old_home = Laptop::enrolled(&nation, 1, "26734").await;
    let mut new_home = Laptop::enrolled(&nation, 2, "70000").await;
    let registered = old_home.register(nation.now(), citizen(1), "Lê Văn An", "079190000001");
    let dose = old_home.give(nation.now(), citizen(1), 1, "AZ0001");
    old_home.sync(&nation).await;
    new_home.sync(&nation).await;
    assert!(new_home.feed.is_empty());
    let moved = old_home.edit(nation.now(), citizen(1), vec![RegisterValue::Unit("70000".to_owned())], &[registered]);
    old_home.sync(&nation).await;
    new_home.sync(&nation).await;
    assert_eq!(new_home.feed, [registered, dose, moved]);
}

#[tokio::test]
async fn people_of_an_area_go_home_when_its_first_laptop_comes() {
    let nation = Nation::found().await;
    let mut away = Laptop::enrolled(&nation, 1, "26734").await;
    let registered = away.register(nation.now(), citizen(1), "Lê Văn An", "079190000001");
    let unit = away.edit(nation.now(), citizen(1), vec![RegisterValue::Unit("70000".to_owned())], &[registered]);
    away.sync(&nation).await;
    let mut home = Laptop::enrolled(&nation, 2, "70000").await;
    nation.server.catch_up().await.unwrap();
    home.sync(&nation).await;
    assert_eq!(home.feed, [registered, unit]);
}

#[tokio::test]
async fn a_feed_is_for_those_who_live_there() {
    let nation = Nation::found().await;
    let stranger = Laptop::enrolled(&nation, 1, "70000").await;
    let epoch = stranger.hello(&nation).await.unwrap().feeds[0].epoch;
    let ask = |feed: &str, epoch| Pull { cursor: Cursor::start(feed.to_owned(), epoch), entries_max: 10 };
    let (status, refusal) = stranger.ask::<Page>(&nation, "/device/pull", &ask("26734", epoch)).await.unwrap_err();
    assert_eq!((status.as_u16(), refusal.code.as_str()), (403, "feed_not_yours"));
    let (status, refusal) = stranger.ask::<Page>(&nation, "/device/pull", &ask("70000", epoch ^ 1)).await.unwrap_err();
    assert_eq!((status.as_u16(), refusal.code.as_str()), (409, "feed_changed"));
}

#[tokio::test]
async fn a_cursor_from_a_lost_database_is_noticed_by_its_holder() {
    let nation = Nation::found().await;
    let mut laptop = Laptop::enrolled(&nation, 1, "26734").await;
    laptop.give(nation.now(), citizen(1), 1, "AZ0001");
    laptop.sync(&nation).await;
    let mut cursor = laptop.cursor.clone().unwrap();
    cursor.seq += 5;
    let page: Page =
        laptop.ask(&nation, "/device/pull", &Pull { cursor: cursor.clone(), entries_max: 10 }).await.unwrap();
    assert!(check_page(&cursor, &page, laptop.campaign).is_err());
}
