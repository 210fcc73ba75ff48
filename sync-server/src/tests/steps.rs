//! ⑩ However the projector's steps are cut, and whether they were read ahead, the record is the same.

use std::collections::BTreeSet;

use shared_model::citizen::RegisterValue;
use shared_model::ids::StatementId;
use shared_model::rules::{Rulebook, covid_2021};
use shared_model::statement::{Linked, Statement, WithdrawReason, Withdrawn};
use shared_model::time::MS_PER_DAY;

use super::laptop::{Laptop, citizen};
use super::nation::{Nation, store_of};
use crate::store::Store;

/// Two teams speak of the same people; half of what they say is of people whom a step cannot have met before.
async fn told() -> (Store, Nation) {
    let nation = Nation::found().await;
    let mut alley = Laptop::enrolled(&nation, 1, "26734").await;
    let mut tower = Laptop::enrolled(&nation, 2, "70000").await;
    let now = nation.now();
    for n in 1..=24_u8 {
        // Every fourth number is on two cards.
        let number = format!("0791900000{:02}", if n % 4 == 0 { n - 1 } else { n });
        let registered = alley.register(now, citizen(n), "Lê Văn An", &number);
        let given = alley.give(now, citizen(n), 1, "AZ0001");
        match n % 6 {
            0 => drop(alley.edit(now, citizen(n), vec![RegisterValue::Unit("70000".to_owned())], &[registered])),
            1 => drop(alley.say(now, citizen(n), withdrawn(given))),
            2 => {
                let linked = alley.say(
                    now,
                    citizen(n),
                    Statement::Linked(Linked { other: citizen(n - 1), note: String::new() }),
                );
                let apart = tower.say(now, citizen(n), withdrawn(linked));
                if n % 4 == 0 {
                    alley.say(now, citizen(n), withdrawn(apart));
                }
            }
            _ => {}
        }
    }
    let later = now.plus_ms(5 * MS_PER_DAY);
    for n in (1..=24_u8).rev() {
        tower.give(later, citizen(n), 2, "AZ0002");
        tower.register(
            later,
            citizen(n),
            if n % 5 == 0 { "Lê Văn Ân" } else { "Lê Văn An" },
            &format!("0791900000{n:02}"),
        );
    }
    nation.edge.pass(6 * MS_PER_DAY);
    // What was withdrawn may come after what withdraws it.
    tower.push(&nation, 1).await.unwrap();
    alley.push(&nation, 1).await.unwrap();
    let rules = Rulebook::of([covid_2021().unwrap()]);
    (store_of(&nation.directory, rules).await.unwrap(), nation)
}

fn withdrawn(target: StatementId) -> Statement {
    Statement::Withdrawn(Withdrawn { target, reason: WithdrawReason::Mistake, note: String::new() })
}

/// Without feeds, which tell in which order a place heard of things, and without cases that are gone and whom they
/// were about, which tell what was once thought.
async fn record(store: &Store) -> Vec<String> {
    let lines = store.conclusions().await.unwrap();
    let case_of =
        |line: &str| line.split_once("[Blob(").and_then(|(_, rest)| rest.split_once(')')).map(|(id, _)| id.to_owned());
    let gone: BTreeSet<String> =
        lines.iter().filter(|line| line.contains("\"gone\"")).filter_map(|line| case_of(line)).collect();
    let is_history = |line: &String| line.starts_with("feed") || gone.iter().any(|case| line.contains(case));
    lines.into_iter().filter(|line| !is_history(line)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_of_any_size_draw_one_record() {
    let (store, _nation) = told().await;
    while store.project(10_000).await.unwrap().behind > 0 {}
    let whole = record(&store).await;
    assert!(whole.iter().filter(|line| line.starts_with("case_file")).count() > 20);
    store.rebuild().await.unwrap();
    assert_eq!(record(&store).await, whole, "drawn again");
    for size in [1, 2, 7, 31] {
        let (store, _nation) = told().await;
        while store.project(size).await.unwrap().behind > 0 {}
        let drawn = record(&store).await;
        let odd: Vec<_> = drawn.iter().filter(|line| !whole.contains(line)).take(3).collect();
        assert_eq!(odd, Vec::<&String>::new(), "steps of {size}");
        assert_eq!(drawn.len(), whole.len(), "steps of {size}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_server_drew_meanwhile_is_not_drawn_twice() {
    let (one, nation) = told().await;
    let other = store_of(&nation.directory, Rulebook::of([covid_2021().unwrap()])).await.unwrap();
    // Each looks ahead from where it stood, and finds that the other one went on.
    while one.project(7).await.unwrap().behind > 0 && other.project(5).await.unwrap().behind > 0 {}
    let (alone, _nation) = told().await;
    while alone.project(10_000).await.unwrap().behind > 0 {}
    assert_eq!(record(&one).await, record(&alone).await);
}
