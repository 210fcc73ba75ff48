//! Logs with two ends: cloned disks, restored backups. Nothing is lost by either.

use axum::http::StatusCode;
use serde_json::json;

use super::laptop::{Laptop, citizen};
use super::nation::Nation;

/// The same disk in two laptops.
fn clone_of(laptop: &Laptop, n: u8) -> Laptop {
    let mut twin = Laptop::new(n);
    (twin.device, twin.author, twin.campaign, twin.epoch) =
        (laptop.device, laptop.author, laptop.campaign, laptop.epoch);
    (twin.key, twin.author_key) = (laptop.key.clone(), laptop.author_key.clone());
    (twin.log, twin.site) = (laptop.log.clone(), laptop.site.clone());
    twin
}

#[tokio::test]
async fn both_branches_of_a_cloned_disk_are_kept_and_a_case_is_raised() {
    let nation = Nation::found().await;
    let mut original = Laptop::enrolled(&nation, 1, "26734").await;
    original.give(nation.now(), citizen(1), 1, "AZ0001");
    original.sync(&nation).await;
    let mut twin = clone_of(&original, 1);
    original.give(nation.now(), citizen(2), 1, "AZ0001");
    original.sync(&nation).await;
    let lost_otherwise = twin.give(nation.now(), citizen(3), 1, "AZ0001");

    let receipt = twin.push(&nation, 2).await.unwrap();
    // As far as the two are the same; the original's end is not the twin's.
    assert_eq!((receipt.held.seq, receipt.national_to), (1, 1));
    assert_eq!(receipt.fresh_epoch, Some(2));
    nation.server.catch_up().await.unwrap();
    assert_eq!(nation.server.store().overview(nation.now()).await.unwrap().doses, 3);

    // The twin goes on in its own epoch; what had arrived is recognised.
    twin.epoch = 2;
    assert_eq!(twin.push(&nation, 1).await.unwrap().held, twin.head());
    nation.server.catch_up().await.unwrap();
    assert_eq!(nation.server.store().overview(nation.now()).await.unwrap().doses, 3);
    original.cursor = None;
    original.feed.clear();
    // Neither may go on in the old one: the original gets an epoch that is not the twin's.
    let hello = original.hello(&nation).await.unwrap();
    assert_eq!(hello.fresh_epoch, Some(3));
    original.epoch = 3;
    original.sync(&nation).await;
    assert_eq!(original.feed.iter().filter(|id| **id == lost_otherwise).count(), 1);
    assert_eq!(original.feed.len(), 3);

    let admin = nation.admin().await;
    let case = admin.only_case("open").await;
    assert_eq!((case["kind"].as_str(), case["sides"].as_array().unwrap().len()), (Some("cloned_device"), 2));
    let (status, settled) = admin.settle(&case, "acknowledge", None).await;
    assert_eq!((status, &settled["status"]), (StatusCode::OK, &json!("settled")));
    original.sync(&nation).await;
    assert_eq!(original.feed.len(), 4);
    let undo = json!({ "settlement": settled["settlements"][0]["statement"], "note": "" });
    let (_, open) = admin.post(&format!("cases/{}/undo", case["id"].as_str().unwrap()), &undo).await;
    assert_eq!(open["status"], "open");
    let (_, devices) = admin.get("devices").await;
    let line = devices.as_array().unwrap().iter().find(|line| line["is_console"] == false).unwrap();
    assert_eq!(line["logs"][0]["forked"], true);
}

#[tokio::test]
async fn a_branch_pushed_again_or_further_is_one_fork() {
    let nation = Nation::found().await;
    let mut original = Laptop::enrolled(&nation, 1, "26734").await;
    let mut twin = clone_of(&original, 1);
    original.give(nation.now(), citizen(1), 1, "AZ0001");
    original.sync(&nation).await;
    twin.give(nation.now(), citizen(2), 1, "AZ0001");
    twin.push(&nation, 1).await.unwrap();
    twin.push(&nation, 1).await.unwrap();
    twin.give(nation.now(), citizen(3), 1, "AZ0001");
    twin.push(&nation, 2).await.unwrap();
    nation.server.catch_up().await.unwrap();
    let admin = nation.admin().await;
    assert_eq!(admin.count("open").await, 1);
    assert_eq!(nation.server.store().overview(nation.now()).await.unwrap().doses, 3);
}

#[tokio::test]
async fn a_laptop_restored_from_an_old_copy_is_given_a_fresh_epoch_and_reads_its_own_doses_back() {
    let nation = Nation::found().await;
    let mut laptop = Laptop::enrolled(&nation, 1, "26734").await;
    laptop.give(nation.now(), citizen(1), 1, "AZ0001");
    let forgotten = laptop.give(nation.now(), citizen(2), 1, "AZ0001");
    laptop.push(&nation, 1).await.unwrap();
    laptop.log.truncate(1);
    let hello = laptop.hello(&nation).await.unwrap();
    assert_eq!((hello.held.seq, hello.fresh_epoch), (1, Some(2)));
    laptop.epoch = 2;
    laptop.sync(&nation).await;
    assert!(laptop.feed.contains(&forgotten));
    assert_eq!(laptop.feed.len(), 2);
    let admin = nation.admin().await;
    assert_eq!(admin.count("open").await, 0);
}

#[tokio::test]
async fn what_a_laptop_has_and_the_nation_lacks_is_a_list() {
    let nation = Nation::found().await;
    let mut laptop = Laptop::enrolled(&nation, 1, "26734").await;
    for n in 1..=5 {
        laptop.give(nation.now(), citizen(n), 1, "AZ0001");
    }
    laptop.hello(&nation).await.unwrap();
    let admin = nation.admin().await;
    let (_, devices) = admin.get("devices").await;
    let line = devices.as_array().unwrap().iter().find(|line| line["is_console"] == false).unwrap();
    assert_eq!(line["logs"][0]["missing"], json!([{ "from": 1, "to": 5 }]));
    assert_eq!(admin.get("overview").await.1["statements_missing"], 5);
    laptop.sync(&nation).await;
    assert_eq!(admin.get("overview").await.1["statements_missing"], 0);
}

#[tokio::test]
async fn a_twin_whose_unsent_doses_lie_below_the_others_head_loses_none() {
    let nation = Nation::found().await;
    let mut original = Laptop::enrolled(&nation, 1, "26734").await;
    original.give(nation.now(), citizen(1), 1, "AZ0001");
    original.sync(&nation).await;
    let mut twin = clone_of(&original, 1);
    for n in 10..20 {
        original.give(nation.now(), citizen(n), 1, "AZ0001");
    }
    original.sync(&nation).await;
    for n in 30..35 {
        twin.give(nation.now(), citizen(n), 1, "AZ0001");
    }
    // Told by hello, before it pushed anything: nothing of its log may count as held.
    let hello = twin.hello(&nation).await.unwrap();
    assert_eq!((hello.held.seq, hello.national_to, hello.fresh_epoch), (0, 0, Some(2)));
    // Told by a push: held as far as the two are the same.
    let receipt = twin.push(&nation, 2).await.unwrap();
    assert_eq!((receipt.held.seq, receipt.fresh_epoch), (1, Some(3)));
    twin.epoch = 3;
    twin.sync(&nation).await;
    assert_eq!(nation.server.store().overview(nation.now()).await.unwrap().doses, 16);
}

#[tokio::test]
async fn the_same_range_pushed_twice_at_once_is_kept_once() {
    let nation = Nation::found().await;
    let mut laptop = Laptop::enrolled(&nation, 1, "26734").await;
    for n in 1..=50 {
        laptop.give(nation.now(), citizen(n), 1, "AZ0001");
    }
    let (one, two) = tokio::join!(laptop.push(&nation, 1), laptop.push(&nation, 1));
    assert_eq!((one.unwrap().held, two.unwrap().held), (laptop.head(), laptop.head()));
    nation.server.catch_up().await.unwrap();
    assert_eq!(nation.server.store().overview(nation.now()).await.unwrap().doses, 50);
}
