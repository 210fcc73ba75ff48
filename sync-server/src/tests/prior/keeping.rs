//! How filters are written, kept, handed out and dropped.

use std::fs;

use axum::http::StatusCode;
use shared_model::ids::to_hex;
use shared_model::prior::{PriorAnswer, PriorAsk};
use shared_model::statement::{Linked, Statement};
use shared_model::sync::message::refusal;
use shared_model::time::MS_PER_DAY;

use super::told;
use crate::prior::{PriorError, When};
use crate::tests::laptop::{Laptop, citizen};
use crate::tests::nation::Nation;

async fn nation_of(doses: &[(u8, u8)]) -> (Nation, Laptop) {
    let nation = Nation::found().await;
    let mut laptop = Laptop::enrolled(&nation, 1, "26734").await;
    for (who, number) in doses {
        laptop.give(nation.now(), citizen(*who), *number, "AZ0001");
    }
    laptop.sync(&nation).await;
    (nation, laptop)
}

fn files_of(nation: &Nation) -> Vec<String> {
    let names = fs::read_dir(&nation.server.office.prior).unwrap().map(|file| file.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).filter(|name| name != "lock").collect();
    names.sort();
    names
}

#[tokio::test]
async fn before_the_first_dose_there_is_no_filter_and_laptops_are_told_so() {
    let (nation, laptop) = nation_of(&[]).await;
    assert_eq!(nation.server.build_prior(When::AtNight).await.unwrap(), None);
    let asked = laptop.ask::<PriorAnswer>(&nation, "/device/prior", &PriorAsk {}).await;
    assert_eq!(asked.unwrap_err().1.code, refusal::NOT_FOUND);
}

#[tokio::test]
async fn an_empty_nation_may_be_told_of_too() {
    let (nation, laptop) = nation_of(&[]).await;
    nation.server.build_prior(When::BaseNow).await.unwrap().unwrap();
    assert_eq!(told(laptop.filters(&nation).await.look_up(citizen(9))), 0);
}

#[tokio::test]
async fn each_card_of_a_person_tells_the_doses_of_all_also_when_the_link_comes_later() {
    let (nation, mut laptop) = nation_of(&[(1, 1), (2, 2), (3, 3)]).await;
    let link = |other| Statement::Linked(Linked { other: citizen(other), note: String::new() });
    laptop.say(nation.now(), citizen(2), link(3));
    laptop.sync(&nation).await;
    // Enough others that three changed cards make a delta.
    for who in 20..60 {
        laptop.give(nation.now(), citizen(who), 1, "AZ0001");
    }
    laptop.sync(&nation).await;
    nation.server.build_prior(When::Now).await.unwrap().unwrap();
    let filters = laptop.filters(&nation).await;
    assert_eq!([1, 2, 3].map(|who| told(filters.look_up(citizen(who)))), [1, 2, 2]);

    laptop.say(nation.now(), citizen(1), link(2));
    laptop.sync(&nation).await;
    let delta = nation.server.build_prior(When::Now).await.unwrap().unwrap();
    assert!(delta.base.is_some() && delta.citizens == 3, "{delta:?}");
    let filters = laptop.filters(&nation).await;
    // The third card was not named by the new link.
    assert_eq!([1, 2, 3].map(|who| told(filters.look_up(citizen(who)))), [3, 3, 3]);
}

#[tokio::test]
async fn a_card_whose_record_can_not_be_drawn_is_told_with_all_that_was_said() {
    let (nation, mut laptop) = nation_of(&[(2, 1)]).await;
    for lot in 0..510 {
        laptop.give(nation.now(), citizen(1), 1, &format!("AZ{lot:04}"));
    }
    // More than one push may hold.
    let hello = laptop.hello(&nation).await.unwrap();
    let mut from = hello.held.seq + 1;
    while from <= laptop.log.len() as u64 {
        let mut part = laptop.range(from);
        part.entries.truncate(200);
        let to = from + part.entries.len() as u64 - 1;
        let head = laptop.head_at(to);
        let keys = shared_model::envelope::SigningKeys { device: &laptop.key, author: &laptop.author_key };
        let seal =
            shared_model::envelope::Seal::make(laptop.device, laptop.epoch, to, head.chain, laptop.author, &keys);
        part.seals = vec![seal];
        let _: shared_model::certificate::Signed = laptop.ask(&nation, "/device/push", &part).await.unwrap();
        from = to + 1;
    }
    // Something that takes the whole road.
    let other = citizen(2);
    laptop.say(nation.now(), citizen(1), Statement::Linked(Linked { other, note: String::new() }));
    laptop.sync(&nation).await;
    nation.server.rebuild().await.unwrap();
    nation.server.build_prior(When::Now).await.unwrap().unwrap();
    let filters = laptop.filters(&nation).await;
    assert_eq!([1, 2].map(|who| told(filters.look_up(citizen(who)))), [7, 7]);
}

#[tokio::test]
async fn a_file_is_fetched_in_parts_and_the_parts_are_the_file() {
    let (nation, laptop) = nation_of(&[(1, 1), (2, 1)]).await;
    let filter = nation.server.build_prior(When::Now).await.unwrap().unwrap();
    let path = format!("/device/prior/{}", to_hex(&filter.files[0]));
    let whole = laptop.fetch_file(&nation, &path, None).await.body;
    assert_eq!(whole.len() as u64, filter.bytes);
    let first = laptop.fetch_file(&nation, &path, Some("bytes=0-9")).await;
    let rest = laptop.fetch_file(&nation, &path, Some("bytes=10-")).await;
    assert_eq!((first.status, rest.status), (StatusCode::PARTIAL_CONTENT, StatusCode::PARTIAL_CONTENT));
    assert_eq!([first.body, rest.body].concat(), whole);
}

#[tokio::test]
async fn what_a_cut_off_build_left_is_swept_up_and_lost_files_are_written_again() {
    let (nation, laptop) = nation_of(&[(1, 2)]).await;
    let directory = nation.server.office.prior.clone();
    let first = nation.server.build_prior(When::Now).await.unwrap().unwrap();
    let orphan = directory.join("ab".repeat(32));
    fs::write(&orphan, b"of a build that was cut off").unwrap();
    fs::create_dir(directory.join("marks")).unwrap();
    fs::write(directory.join("marks/0"), b"12345678").unwrap();
    fs::remove_file(directory.join(to_hex(&first.files[0]))).unwrap();
    // Nothing is new and the night has not come, and yet.
    let again = nation.server.build_prior(When::AtNight).await.unwrap().unwrap();
    assert!(again.base.is_none() && again.number == 2);
    assert_eq!(files_of(&nation), [to_hex(&again.files[0])]);
    assert_eq!(told(laptop.filters(&nation).await.look_up(citizen(1))), 1);
}

#[tokio::test]
async fn two_builds_at_once_are_one() {
    let (nation, _) = nation_of(&[(1, 1)]).await;
    fs::create_dir_all(&nation.server.office.prior).unwrap();
    let held = fs::File::create(nation.server.office.prior.join("lock")).unwrap();
    held.lock().unwrap();
    assert!(matches!(nation.server.build_prior(When::Now).await, Err(PriorError::Busy)));
    drop(held);
    nation.server.build_prior(When::Now).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_build_that_can_not_write_leaves_the_filters_of_before() {
    let (nation, mut laptop) = nation_of(&[(1, 1)]).await;
    nation.server.build_prior(When::Now).await.unwrap().unwrap();
    let before = files_of(&nation);
    laptop.give(nation.now(), citizen(2), 1, "AZ0001");
    laptop.sync(&nation).await;
    let marks = nation.server.office.prior.join("marks");
    fs::write(&marks, b"no directory").unwrap();
    assert!(matches!(nation.server.build_prior(When::Now).await, Err(PriorError::Files(_))));
    fs::remove_file(&marks).unwrap();
    assert_eq!(files_of(&nation), before);
    assert_eq!(told(laptop.filters(&nation).await.look_up(citizen(1))), 1);
}

#[tokio::test]
async fn bases_of_before_stay_for_three_days_and_every_base_has_a_key_of_its_own() {
    let (nation, laptop) = nation_of(&[(1, 1)]).await;
    let mut checks = Vec::new();
    for _ in 0..4 {
        let built = nation.server.build_prior(When::BaseNow).await.unwrap().unwrap();
        let answer: PriorAnswer = laptop.ask(&nation, "/device/prior", &PriorAsk {}).await.unwrap();
        checks.push((answer.key().unwrap().check(), built.files[0]));
        nation.edge.pass(2 * MS_PER_DAY);
    }
    checks.dedup_by_key(|(check, _)| *check);
    assert_eq!(checks.len(), 4);
    // The second had been in force for four days when the fourth was written: nobody is fetching the first any more.
    let kept: Vec<String> = checks[1..].iter().map(|(_, file)| to_hex(file)).collect();
    let mut there = files_of(&nation);
    there.retain(|name| kept.contains(name));
    assert_eq!((there.len(), files_of(&nation).len()), (3, 3));
    assert!(nation.server.store().has_prior_file(checks[1].1).await.unwrap());
    assert!(!nation.server.store().has_prior_file(checks[0].1).await.unwrap());
}
