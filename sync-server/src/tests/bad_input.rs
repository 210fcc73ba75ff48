//! What comes over the road may be anything. Each kind of wrong has a code; nothing of it stops anyone.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use shared_model::envelope::{Authority, WireEnvelope};
use shared_model::limits;
use shared_model::statement::{Body as Said, Statement, Subject};
use shared_model::sync::feed::Cursor;
use shared_model::sync::message::{Greet, Page, Pull, Receipt, Refusal};

use super::laptop::{Answered, Laptop, citizen, read};
use super::nation::Nation;

fn refused<T: std::fmt::Debug>(answered: Answered<T>) -> (u16, String) {
    let (status, refusal) = answered.unwrap_err();
    (status.as_u16(), refusal.code)
}

async fn a_laptop_with_a_dose() -> (Nation, Laptop) {
    let nation = Nation::found().await;
    let mut laptop = Laptop::enrolled(&nation, 1, "26734").await;
    laptop.give(nation.now(), citizen(1), 1, "AZ0001");
    (nation, laptop)
}

async fn sends(
    nation: &Nation,
    laptop: &Laptop,
    body: Vec<u8>,
    folded: bool,
) -> Answered<shared_model::certificate::Signed> {
    read(laptop.ask_raw(nation, "/device/push", body, folded).await)
}

#[tokio::test]
async fn malformed_and_truncated_bodies_are_refused() {
    let (nation, laptop) = a_laptop_with_a_dose().await;
    let good = minicbor::to_vec(laptop.range(1)).unwrap();
    for bytes in
        [vec![], vec![0xff], b"not cbor".to_vec(), good[..good.len() - 1].to_vec(), [good.clone(), vec![0]].concat()]
    {
        assert_eq!(refused(sends(&nation, &laptop, bytes, false).await), (400, "malformed".to_owned()));
    }
    assert_eq!(refused(sends(&nation, &laptop, good[1..].to_vec(), true).await), (400, "malformed".to_owned()));
    assert!(sends(&nation, &laptop, good, false).await.is_ok());
}

#[tokio::test]
async fn oversized_bodies_and_bombs_stop_at_the_bound() {
    let (nation, laptop) = a_laptop_with_a_dose().await;
    let large = vec![0; limits::REQUEST_BYTES_MAX + 1];
    assert_eq!(refused(sends(&nation, &laptop, large, false).await), (413, "too_large".to_owned()));
    let bomb = zstd::bulk::compress(&vec![0; 200 * 1024 * 1024], 19).unwrap();
    assert!(bomb.len() < limits::REQUEST_BYTES_MAX);
    assert_eq!(refused(sends(&nation, &laptop, bomb, true).await), (413, "too_large".to_owned()));
}

#[tokio::test]
async fn unsigned_and_wrongly_signed_requests_are_refused() {
    let (nation, laptop) = a_laptop_with_a_dose().await;
    let body = minicbor::to_vec(laptop.range(1)).unwrap();
    let nonce = laptop.nonce(&nation).await.unwrap();
    let send = |authorization: Option<String>, body: Vec<u8>| {
        let mut request = Request::post("/device/push");
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        nation.send(request.body(Body::from(body)).unwrap())
    };
    let not_signed = (401, "not_signed".to_owned());
    let ask = async |authorization, body: Vec<u8>| refused(read::<Receipt>(send(authorization, body).await));
    assert_eq!(ask(None, body.clone()).await, not_signed);
    for header in ["", "SoTiem", "SoTiem device=\"00\"", "Bearer abc"] {
        assert_eq!(ask(Some(header.to_owned()), body.clone()).await, not_signed);
    }
    // Another path, another nonce, another body than the ones signed.
    let other_path = laptop.authorization("/device/pull", &nonce, &body);
    assert_eq!(ask(Some(other_path), body.clone()).await, not_signed);
    let other_nonce = laptop.authorization("/device/push", &[0; 40], &body);
    assert_eq!(ask(Some(other_nonce), body.clone()).await, not_signed);
    let signed = laptop.authorization("/device/push", &nonce, &body);
    let mut changed = body.clone();
    changed[10] ^= 1;
    assert_eq!(ask(Some(signed.clone()), changed).await, not_signed);

    nation.edge.pass(limits::NONCE_LIFE_MS + 1);
    let (status, refusal) = read::<Refusal>(send(Some(signed), body.clone()).await).unwrap_err();
    assert_eq!((status.as_u16(), refusal.code.as_str()), (401, "nonce_old"));
    // The refusal carries the nonce to go on with.
    let again = laptop.authorization("/device/push", &refusal.nonce.unwrap(), &body);
    assert_eq!(send(Some(again), body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn strangers_and_revoked_devices_are_told_so() {
    let (nation, laptop) = a_laptop_with_a_dose().await;
    laptop.push(&nation, 1).await.unwrap();
    let stranger = Laptop::new(9);
    assert_eq!(refused(stranger.nonce(&nation).await), (401, "unknown_device".to_owned()));

    let body = minicbor::to_vec(laptop.range(1)).unwrap();
    let nonce = laptop.nonce(&nation).await.unwrap();
    let admin = nation.admin().await;
    let path = format!("devices/{}/revoke", laptop.device);
    assert_eq!(admin.post(&path, &serde_json::json!({ "note": "mất máy" })).await.0, StatusCode::NO_CONTENT);
    let request = Request::post("/device/push")
        .header(header::AUTHORIZATION, laptop.authorization("/device/push", &nonce, &body))
        .body(Body::from(body))
        .unwrap();
    assert_eq!(refused(read::<Receipt>(nation.send(request).await)), (403, "device_revoked".to_owned()));
    // What it said before stays.
    nation.server.catch_up().await.unwrap();
    assert_eq!(nation.server.store().overview(nation.now()).await.unwrap().doses, 1);
}

#[tokio::test]
async fn nobody_pushes_into_another_log() {
    let (nation, laptop) = a_laptop_with_a_dose().await;
    let other = Laptop::enrolled(&nation, 2, "26734").await;
    let answered = other.ask::<Receipt>(&nation, "/device/push", &laptop.range(1)).await;
    assert_eq!(refused(answered), (401, "unknown_device".to_owned()));
}

#[tokio::test]
async fn holes_false_seals_and_reordered_entries_are_refused_whole() {
    let (nation, mut laptop) = a_laptop_with_a_dose().await;
    for n in 2..=4 {
        laptop.give(nation.now(), citizen(n), 1, "AZ0001");
    }
    let (status, refusal) = laptop.push(&nation, 3).await.unwrap_err();
    assert_eq!((status.as_u16(), refusal.code.as_str(), refusal.held.unwrap().seq), (409, "hole", 0));

    let ask = async |push| refused(laptop.ask::<Receipt>(&nation, "/device/push", &push).await);
    let bad_seal = (400, "bad_seal".to_owned());
    let mut unsealed = laptop.range(1);
    unsealed.seals.clear();
    assert_eq!(ask(unsealed).await, bad_seal);
    let mut reordered = laptop.range(1);
    reordered.entries.swap(1, 2);
    assert_eq!(ask(reordered).await, bad_seal);
    let mut forged = laptop.range(1);
    forged.seals[0].by_device.0[3] ^= 1;
    assert_eq!(ask(forged).await, bad_seal);
    let mut empty = laptop.range(1);
    empty.entries.clear();
    assert_eq!(ask(empty).await, (400, "malformed".to_owned()));
    let mut first_of_none = laptop.range(1);
    first_of_none.from = 0;
    assert_eq!(ask(first_of_none).await, (400, "malformed".to_owned()));
    let mut far = laptop.range(1);
    far.from = u64::MAX;
    assert_eq!(ask(far).await, (409, "hole".to_owned()));
    assert_eq!(laptop.push(&nation, 1).await.unwrap().held, laptop.head());
}

#[tokio::test]
async fn a_run_sealed_with_another_authors_key_is_kept_and_not_believed() {
    let (nation, mut laptop) = a_laptop_with_a_dose().await;
    laptop.author_key = ed25519_dalek::SigningKey::from_bytes(&[66; 32]);
    assert_eq!(doubted(&nation, &laptop, 1).await.1, "unknown_author");
}

#[tokio::test]
async fn a_stubborn_or_hostile_laptop_does_not_stop_the_projector() {
    use shared_model::citizen::{PersonName, RegisterValue};
    use shared_model::statement::{WithdrawReason, Withdrawn};
    let (nation, mut laptop) = a_laptop_with_a_dose().await;
    // A chain of edits, a chain of withdrawals, and everybody linked to everybody.
    let mut last = laptop.register(nation.now(), citizen(2), "Lê Văn An", "079190000001");
    for n in 0..200 {
        let name = RegisterValue::Name(PersonName::parse(&format!("Lê Văn {n}")).unwrap());
        last = laptop.edit(nation.now(), citizen(2), vec![name], &[last]);
    }
    laptop.push(&nation, 1).await.unwrap();
    let mut target = laptop.give(nation.now(), citizen(3), 1, "AZ0001");
    for _ in 0..450 {
        let withdrawn = Withdrawn { target, reason: WithdrawReason::Mistake, note: String::new() };
        target = laptop.say(nation.now(), citizen(3), Statement::Withdrawn(withdrawn));
    }
    laptop.push(&nation, 203).await.unwrap();
    let links_from = laptop.log.len() as u64 + 1;
    for n in 50..200_u8 {
        let linked = shared_model::statement::Linked { other: citizen(n + 1), note: String::new() };
        laptop.say(nation.now(), citizen(n), Statement::Linked(linked));
    }
    laptop.give(nation.now(), citizen(60), 1, "AZ0001");
    laptop.push(&nation, links_from).await.unwrap();
    nation.server.catch_up().await.unwrap();
    let overview = nation.server.store().overview(nation.now()).await.unwrap();
    // An even number of withdrawals leaves a dose standing.
    assert_eq!((overview.doses, overview.behind), (3, 0));
    laptop.sync(&nation).await;
    assert_eq!(laptop.feed.len(), laptop.log.len());
}

/// Pushes and tells the code of the only entry that is not believed.
async fn doubted(nation: &Nation, laptop: &Laptop, from: u64) -> (u64, String) {
    let receipt = laptop.push(nation, from).await.unwrap();
    assert_eq!(receipt.held, laptop.head());
    assert_eq!(receipt.quarantined.len(), 1, "{receipt:?}");
    (receipt.quarantined[0].seq, receipt.quarantined[0].code.clone())
}

#[tokio::test]
async fn what_is_not_believed_is_kept_and_shown_and_stops_nobody() {
    let (nation, mut laptop) = a_laptop_with_a_dose().await;
    let now = nation.now();

    let mut future = laptop.envelope(now, Subject::Citizen(citizen(2)), &plain(&laptop, now));
    future.header[1] = 9;
    laptop.log.push(future);
    laptop.give(now, citizen(3), 1, "AZ0001");
    assert_eq!(doubted(&nation, &laptop, 1).await, (2, "future_version".to_owned()));

    let mut mismatched = laptop.envelope(now, Subject::Citizen(citizen(4)), &plain(&laptop, now));
    mismatched.body.as_mut().unwrap()[5] ^= 1;
    laptop.log.push(mismatched);
    assert_eq!(doubted(&nation, &laptop, 4).await, (4, "body_mismatch".to_owned()));

    laptop.log.push(shared_model::envelope::Envelope { header: vec![1, 2, 3], body: Some(vec![4]) });
    assert_eq!(doubted(&nation, &laptop, 5).await, (5, "malformed".to_owned()));

    laptop.log.push(shared_model::envelope::Envelope { header: vec![0; 600], body: None });
    assert_eq!(doubted(&nation, &laptop, 6).await, (6, "beyond_limits".to_owned()));

    laptop.authority = Authority::National;
    laptop.give(now, citizen(5), 1, "AZ0001");
    laptop.authority = Authority::Team;
    assert_eq!(doubted(&nation, &laptop, 7).await, (7, "not_allowed".to_owned()));

    let author = laptop.author;
    laptop.author = shared_model::ids::AuthorId([77; 16]);
    laptop.give(now, citizen(6), 1, "AZ0001");
    assert_eq!(doubted(&nation, &laptop, 8).await, (8, "unknown_author".to_owned()));
    laptop.give(now, citizen(6), 1, "AZ0001");
    laptop.author = author;
    assert_eq!(doubted(&nation, &laptop, 9).await, (9, "wrong_author".to_owned()));

    laptop.give(now, citizen(7), 1, "AZ0001");
    laptop.sync(&nation).await;
    let overview = nation.server.store().overview(now).await.unwrap();
    assert_eq!((overview.doses, overview.quarantined, overview.behind), (3, 7, 0));
    assert_eq!(laptop.hello(&nation).await.unwrap().quarantined.len(), 7);
    let admin = nation.admin().await;
    let (_, lines) = admin.get("quarantine").await;
    assert_eq!(lines.as_array().unwrap().len(), 7);
    let (_, cases) = admin.get("cases").await;
    assert_eq!(cases["open"], 0);
}

fn plain(laptop: &Laptop, now: shared_model::time::Moment) -> Said {
    let statement = Statement::DoseGiven(laptop.dose(now, 1, "AZ0001"));
    Said { salt: [1; 8], statement, seen: Vec::new(), based_on: Vec::new() }
}

#[tokio::test]
async fn a_wrong_body_under_a_right_header_does_not_shut_out_the_right_one() {
    let (nation, mut laptop) = a_laptop_with_a_dose().await;
    let right = laptop.log[0].clone();
    laptop.log[0].body.as_mut().unwrap()[5] ^= 1;
    assert_eq!(doubted(&nation, &laptop, 1).await.1, "body_mismatch");
    laptop.log.push(right);
    laptop.sync(&nation).await;
    assert_eq!(nation.server.store().overview(nation.now()).await.unwrap().doses, 1);
}

#[tokio::test]
async fn a_kind_of_tomorrow_is_kept_relayed_and_acknowledged() {
    let (nation, mut laptop) = a_laptop_with_a_dose().await;
    let mut cbor = Vec::new();
    minicbor::encode(["một", "điều mới"], &mut cbor).unwrap();
    let unknown = laptop.say(nation.now(), citizen(1), Statement::Unknown { kind: 900, cbor });
    laptop.sync(&nation).await;
    assert!(laptop.feed.contains(&unknown));
    let overview = nation.server.store().overview(nation.now()).await.unwrap();
    assert_eq!((overview.doses, overview.quarantined), (1, 0));
}

#[tokio::test]
async fn an_erased_body_in_a_push_is_kept_with_a_code() {
    let (nation, mut laptop) = a_laptop_with_a_dose().await;
    laptop.log[0].body = None;
    let wire: WireEnvelope = laptop.log[0].clone().into();
    assert!(!wire.hash_left_out);
    assert_eq!(doubted(&nation, &laptop, 1).await.1, "malformed");
}

#[tokio::test]
async fn a_later_protocol_is_refused_and_unknown_paths_are_not_found() {
    let (nation, laptop) = a_laptop_with_a_dose().await;
    let body = minicbor::to_vec(Greet { device: laptop.device, protocol: 2 }).unwrap();
    let request = Request::post("/device/greet").body(Body::from(body)).unwrap();
    assert_eq!(refused(read::<Refusal>(nation.send(request).await)), (400, "future_protocol".to_owned()));
    let heard = nation.send(Request::get("/device/nothing").body(Body::empty()).unwrap()).await;
    assert_eq!(heard.status, StatusCode::NOT_FOUND);
    let far = Pull { cursor: Cursor { seq: u64::MAX, ..Cursor::start("26734".to_owned(), 1) }, entries_max: 0 };
    assert_eq!(laptop.ask::<Page>(&nation, "/device/pull", &far).await.unwrap_err().1.code, "feed_changed");
}
