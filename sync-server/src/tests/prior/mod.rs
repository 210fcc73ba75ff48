//! Filters of prior doses as laptops meet them: fetched, checked and asked.

mod keeping;
mod random_nations;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use shared_model::ids::{CitizenId, to_hex};
use shared_model::merge::merge;
use shared_model::prior::{Filter, Filters, Manifest, Prior, PriorAnswer, PriorAsk};

use super::laptop::Laptop;
use super::nation::{Heard, Nation};

impl Laptop {
    /// Fetches a file, or a part of it.
    async fn fetch_file(&self, nation: &Nation, path: &str, range: Option<&str>) -> Heard {
        let nonce = self.nonce(nation).await.unwrap();
        let request = Request::get(path).header(header::AUTHORIZATION, self.authorization(path, &nonce, &[]));
        let request = match range {
            Some(range) => request.header(header::RANGE, range),
            None => request,
        };
        nation.send(request.body(Body::empty()).unwrap()).await
    }

    async fn segment(&self, nation: &Nation, sha256: [u8; 32]) -> Vec<u8> {
        let heard = self.fetch_file(nation, &format!("/device/prior/{}", to_hex(&sha256)), None).await;
        assert_eq!(heard.status, StatusCode::OK);
        heard.body
    }

    /// The filters in force, as a laptop holds them.
    async fn filters(&self, nation: &Nation) -> Filters<Vec<u8>> {
        let answer: PriorAnswer = self.ask(nation, "/device/prior", &PriorAsk {}).await.unwrap();
        let mut filters: Option<Filters<Vec<u8>>> = None;
        for signed in &answer.manifests {
            let mut filter = Filter::new(Manifest::open(signed, self.campaign).unwrap()).unwrap();
            for (number, word) in (0..).zip(filter.manifest().segments.clone()) {
                let bytes = self.segment(nation, word.sha256).await;
                filter.put(number, &bytes.clone(), bytes).unwrap();
            }
            match &mut filters {
                None => filters = Some(Filters::new(answer.key().unwrap(), filter).unwrap()),
                Some(filters) => filters.add(filter).unwrap(),
            }
        }
        filters.unwrap()
    }
}

/// How many doses the nation holds of whoever holds this card, drawn afresh from the testimony.
async fn doses_held(nation: &Nation, card: CitizenId) -> u32 {
    let testimony = nation.server.store().testimony(card).await.unwrap();
    let merged = merge(card, testimony.kept.values().map(|kept| &kept.said), &nation.server.office.rules).unwrap();
    u32::try_from(merged.record.history.given().count()).unwrap()
}

fn told(prior: Prior) -> u32 {
    match prior {
        Prior::MayHave(doses) => doses.get().into(),
        Prior::NoneKnown => 0,
        Prior::CannotSay => panic!("every segment is held"),
    }
}
