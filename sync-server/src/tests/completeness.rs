//! What has not arrived, over the wire: counts kept as they come, sums by unit, pages that stay small, and six words.

use std::fs;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};
use shared_model::envelope::{LogHead, PublicKey};
use shared_model::ids::DeviceId;
use shared_model::sync::hub::{HubEnrol, LogEnd};
use shared_model::sync::spoken::SpokenHead;
use shared_model::time::MS_PER_DAY;
use tempfile::TempDir;

use super::laptop::{Laptop, citizen};
use super::nation::{Console, Nation};
use crate::settings::Settings;
use crate::store::rows::HubContact;
use crate::{OpenError, open};

const UNITS: &str = "code,name,parent,valid_from,valid_to
79,Thành phố Hồ Chí Minh,,1976-07-02,
773,Quận 4,79,1976-07-02,
26734,Phường 3,773,1976-07-02,
";

async fn with_units() -> Nation {
    let mut nation = Nation::found().await;
    let file = nation.directory.path().join("units.csv");
    fs::write(&file, UNITS).unwrap();
    nation.restart_with(|settings| settings.units = Some(file)).await;
    nation
}

async fn asked(console: &Console<'_>, query: &str) -> Value {
    let (status, told) = console.get(&format!("completeness{query}")).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    told
}

#[tokio::test]
async fn what_is_counted_as_it_comes_is_what_would_be_counted_again() {
    let nation = Nation::found().await;
    let mut laptops = Vec::new();
    for n in 1..=3 {
        laptops.push(Laptop::enrolled(&nation, n, "26734").await);
    }
    for day in 0..4_u8 {
        for laptop in &mut laptops {
            for who in 0..=day {
                laptop.give(nation.now(), citizen(10 * day + who), 1, "AZ0001");
            }
            laptop.sync(&nation).await;
            // Said again, it is no second arrival.
            laptop.push(&nation, 1).await.unwrap();
        }
        nation.edge.pass(MS_PER_DAY);
    }
    // One disk in two laptops: both ends are kept, and counted.
    let mut twin = Laptop::new(1);
    (twin.campaign, twin.epoch, twin.log, twin.site) =
        (laptops[0].campaign, laptops[0].epoch, laptops[0].log[..3].to_vec(), laptops[0].site.clone());
    twin.give(nation.now(), citizen(99), 1, "AZ0001");
    assert!(twin.push(&nation, 4).await.unwrap().fresh_epoch.is_some());
    let store = nation.server.store();
    let counted = store.arrivals().await.unwrap();
    assert_eq!(counted, store.arrivals_counted_again().await.unwrap());
    assert_eq!(counted[&laptops[0].device].values().sum::<u64>(), 1 + 2 + 3 + 4 + 1);
}

#[tokio::test]
async fn sums_are_told_from_the_country_down_to_the_device() {
    let nation = with_units().await;
    let mut alley = Laptop::enrolled(&nation, 1, "26734").await;
    let mut strange = Laptop::enrolled(&nation, 2, "typo").await;
    for laptop in [&mut alley, &mut strange] {
        laptop.give(nation.now(), citizen(1), 1, "AZ0001");
        laptop.sync(&nation).await;
    }
    // Named at a hello, and then the line was gone.
    alley.give(nation.now(), citizen(2), 1, "AZ0001");
    alley.give(nation.now(), citizen(3), 1, "AZ0001");
    alley.hello(&nation).await.unwrap();
    nation.edge.pass(2 * MS_PER_DAY);
    let admin = nation.admin().await;

    let country = asked(&admin, "").await;
    assert_eq!(
        country["sum"],
        json!({ "devices": 2, "devices_silent": 2, "held": 2, "at_hubs": 0, "out_low": 2, "out_high": 6 })
    );
    assert_eq!(country["day"], "2021-10-02");
    let below: Vec<_> =
        country["below"].as_array().unwrap().iter().map(|unit| (&unit["code"], &unit["name"])).collect();
    assert_eq!(below, [(&json!("79"), &json!("Thành phố Hồ Chí Minh")), (&json!("typo"), &Value::Null)]);
    assert_eq!(country["devices"], json!([]));

    let district = asked(&admin, "?unit=773").await;
    assert_eq!((&district["below"][0]["code"], &district["below"][0]["sum"]["held"]), (&json!("26734"), &json!(1)));
    let ward = asked(&admin, "?unit=26734").await;
    let lies_in: Vec<_> = ward["lies_in"].as_array().unwrap().iter().map(|unit| &unit["code"]).collect();
    assert_eq!(lies_in, ["79", "773", "26734"]);
    assert_eq!(ward["sites"][0]["site"], "site-1");
    let device = &ward["devices"][0];
    assert_eq!(device["logs"][0]["hole"], json!({ "from": 2, "to": 3 }));
    let log = &device["logs"][0];
    assert_eq!((&log["signed"], &log["held"], &log["nationally"]), (&json!(3), &json!(1), &json!(1)));
    assert_eq!(device["days"], json!([{ "day": "2021-09-30", "entries": 1 }]));
    assert_eq!((&device["out_low"], &device["out_high"]), (&json!(2), &json!(4)));
    assert_eq!(device["clock_offset_ms"], 0);

    // Before there were units, nobody lay in any.
    let then = asked(&admin, "?day=1970-01-01").await;
    assert_eq!(then["below"].as_array().unwrap().len(), 2);
    assert_eq!(admin.get("completeness?unit=99999").await.0, StatusCode::NOT_FOUND);
    // The number of a card is no code, and lies in no address.
    assert_eq!(admin.get("completeness?unit=079190000001").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(admin.get("completeness?day=2021-13-01").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(admin.get("completeness?unit=773&after_device=zz").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_answer_does_not_grow_with_the_nation() {
    let nation = Nation::found().await;
    for n in 0..205_u8 {
        Laptop::enrolled(&nation, n + 1, "26734").await;
    }
    let admin = nation.admin().await;
    let (mut after, mut met) = (String::new(), Vec::new());
    loop {
        let page = asked(&admin, &format!("?unit=26734&after_device={after}")).await;
        assert_eq!(page["sum"]["devices"], 205);
        let devices = page["devices"].as_array().unwrap();
        assert!(devices.len() <= 100);
        met.extend(devices.iter().map(|device| device["id"].as_str().unwrap().to_owned()));
        match page["devices_next"].as_str() {
            Some(next) => next.clone_into(&mut after),
            None => break,
        }
    }
    assert_eq!(met.len(), 205);
    met.dedup();
    assert_eq!(met.len(), 205);
}

#[tokio::test]
async fn areas_without_a_register_are_told_page_by_page() {
    let nation = Nation::found().await;
    for n in 0..205_u8 {
        Laptop::enrolled(&nation, n + 1, &format!("{n:05}")).await;
    }
    let admin = nation.admin().await;
    let first = asked(&admin, "").await;
    assert_eq!((first["below"].as_array().unwrap().len(), &first["below_next"]), (200, &json!("00199")));
    let rest = asked(&admin, "?after_unit=00199").await;
    assert_eq!((rest["below"].as_array().unwrap().len(), &rest["below_next"]), (5, &Value::Null));
}

#[tokio::test]
async fn six_words_find_the_log_they_end_and_wrong_ones_are_helped() {
    let nation = Nation::found().await;
    let mut alley = Laptop::enrolled(&nation, 1, "26734").await;
    alley.give(nation.now(), citizen(1), 1, "AZ0001");
    alley.sync(&nation).await;
    let admin = nation.admin().await;
    let words = SpokenHead::of(alley.device, alley.epoch, alley.head()).to_string();
    let (status, told) = admin.post("check-end", &json!({ "words": words })).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&told["kind"], &told["held_to"], &told["site"]), (&json!("held"), &json!(1), &json!("site-1")));

    alley.give(nation.now(), citizen(2), 1, "AZ0001");
    let ahead = SpokenHead::of(alley.device, alley.epoch, alley.head()).to_string();
    assert_eq!(admin.post("check-end", &json!({ "words": ahead })).await.1, json!({ "kind": "not_held" }));

    let misheard: Vec<&str> = std::iter::once("xxqq").chain(words.split_whitespace().skip(1)).collect();
    let (_, told) = admin.post("check-end", &json!({ "words": misheard.join(" ") })).await;
    assert_eq!((&told["kind"], &told["unknown"][0]["place"]), (&json!("not_understood"), &json!(1)));
    let (_, told) = admin.post("check-end", &json!({ "words": "" })).await;
    assert_eq!(told["kind"], "not_understood");
}

#[tokio::test]
async fn a_register_with_a_wrong_line_stops_the_start_and_says_which_line() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("units.csv");
    fs::write(&file, UNITS.replace("26734,", "26734;")).unwrap();
    let settings = Settings { units: Some(file), ..Settings::in_directory(directory.path()) };
    let refused = open(settings, super::nation::Pretend::seeded(1)).await;
    let Err(wrong @ OpenError::Units(_)) = refused else { panic!("opened") };
    assert!(wrong.to_string().starts_with("line 4: "), "{wrong}");
}

#[tokio::test]
async fn what_lies_at_a_hub_is_out_and_will_come_without_the_laptop() {
    let nation = Nation::found().await;
    let mut laptop = Laptop::enrolled(&nation, 1, "26734").await;
    laptop.give(nation.now(), citizen(1), 1, "AZ0001");
    laptop.sync(&nation).await;
    let hub = DeviceId([77; 16]);
    let store = nation.server.store();
    let (code, _) = nation.server.hub_code("quan-4", vec!["26734".to_owned()]).await.unwrap();
    let key = PublicKey::of(&SigningKey::from_bytes(&[77; 32]));
    let asks = HubEnrol { code, hub, key, name: "quận 4".to_owned(), stick: None };
    let body = Body::from(minicbor::to_vec(asks).unwrap());
    let joined = nation.send(Request::post("/hub/enrol").body(body).unwrap()).await;
    assert_eq!(joined.status, StatusCode::OK);
    // It has more of the log that is here, and all of one that is not.
    let ahead = |epoch, seq| LogEnd {
        device: laptop.device,
        epoch,
        head: LogHead { seq, ..LogHead::empty(laptop.device, epoch) },
    };
    let contact = HubContact {
        hub,
        logs: vec![ahead(laptop.epoch, 9), ahead(laptop.epoch + 1, 5)],
        at: nation.now(),
        wall: nation.now(),
        nonce: [1; 16],
        last_nonce: None,
    };
    store.note_hub_contact(contact).await.unwrap();
    let admin = nation.admin().await;

    let told = asked(&admin, "?unit=26734").await;
    let sum = json!({ "devices": 1, "devices_silent": 0, "held": 1, "at_hubs": 13, "out_low": 13, "out_high": 13 });
    assert_eq!((&told["sum"], &told["sites"][0]["sum"]), (&sum, &sum));
    assert_eq!(told["devices"].as_array().unwrap().len(), 1, "a hub is no laptop: {told}");
    let logs: Vec<_> = told["devices"][0]["logs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|log| (log["held"].as_u64().unwrap(), log["nationally"].as_u64().unwrap(), log["hole"].clone()))
        .collect();
    assert_eq!(logs, [(9, 1, json!({ "from": 2, "to": 9 })), (5, 0, json!({ "from": 1, "to": 5 }))]);
    assert_eq!(nation.server.completeness().await.unwrap().country.at_hubs, 13);

    // What a stolen hub holds will not come.
    let (status, told) = admin.post(&format!("devices/{hub}/revoke"), &json!({ "note": "mất máy" })).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{told}");
    let told = asked(&admin, "").await;
    assert_eq!((&told["sum"]["at_hubs"], &told["sum"]["out_low"]), (&json!(0), &json!(0)));
}
