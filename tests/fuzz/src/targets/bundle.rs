//! The rules of a campaign, as people write them and as they are signed; and what a signed nonsense makes of a life.

use shared_model::certificate::Signed;
use shared_model::citizen::{Birth, BirthPrecision, Sex};
use shared_model::conflict::dose_clashes;
use shared_model::dose::{LotNumber, ProductCode};
use shared_model::merge::merge;
use shared_model::record::History;
use shared_model::rules::{Bundle, PersonFacts, ProposedDose, Rulebook, due, findings};
use shared_model::statement::{Statement, Subject};
use shared_model::time::{Date, MS_PER_DAY};
use shared_model::view::finding_view;

use crate::Target;
use crate::country::desk::Desk;
use crate::country::people::dose;
use crate::country::{campaign, campaign_public, card, morning};

pub const TARGET: Target = Target { name: "bundle", run, seeds };

/// As small as a bundle can be with one of everything in it.
const SMALL: &str = r#"{"title_vi":"Thử","title_en":"Trial","version":1,"valid_from":"2021-03-01",
"products":[{"code":"pfizer","name":"Comirnaty","manufacturer":"BioNTech","doses":{"is":2,"sources":["one"]},
"intervals":[{"after_dose":1,"days_min":{"is":21,"sources":["one"]},"days_recommended_from":{"is":21,"sources":["one"]},
"days_recommended_to":{"is":28,"unconfirmed":true}}],"age_years_min":{"is":18,"sources":["one"]},
"age_years_max":{"is":90,"sources":["one"]},"doses_per_vial":{"is":6,"sources":["one"]},
"components_differ":{"is":false,"sources":["one"]},"eu_code":{"is":"EU/1/20/1528","sources":["one"]},
"route":{"is":"im","sources":["one"]},"authorised_from":{"is":"2021-06-12","sources":["one"]}},
{"code":"astrazeneca","name":"AZ","manufacturer":"AZ","doses":{"is":2,"sources":["one"]},
"intervals":[{"after_dose":1,"days_min":{"is":28,"sources":["one"]},"days_recommended_from":{"is":56,"sources":["one"]},
"days_recommended_to":{"is":84,"sources":["one"]}}],"age_years_min":{"is":18,"sources":["one"]},
"route":{"is":"im","sources":["one"]},"authorised_from":{"is":"2021-02-01","sources":["one"]}}],
"interval_changes":[{"product":"astrazeneca","after_dose":1,"units":["79"],"from":"2021-08-01","days_min":28,
"days_recommended_from":42,"days_recommended_to":84,"sources":["one"]}],
"age_changes":[{"product":"pfizer","from":"2021-10-14","age_years_min":12,"sources":["one"]}],
"mixing":[{"first":"astrazeneca","then":["pfizer"],"from":"2021-07-07","consent":true,"sources":["one"]}],
"extra_doses":[{"kind":"booster","place":3,"after":["pfizer"],"wait":{"months":3},"from":"2021-12-17",
"age_years_min":18,"products":["pfizer"],"sources":["one"]}],
"priority_groups":[{"number":1,"title_vi":"Tuyến đầu","title_en":"Front line","sources":["one"]}],
"sources":[{"id":"one","title":"Quyết định","date":"2021-02-26","found_at":"https://moh.gov.vn"}]}"#;

pub fn small() -> Bundle {
    Bundle::from_json(SMALL).expect("the small bundle")
}

fn run(bytes: &[u8]) {
    let (how, bytes) = bytes.split_first().map_or((0, bytes), |(how, rest)| (*how, rest));
    let bundle = match how % 3 {
        0 => Bundle::from_json(&String::from_utf8_lossy(bytes)).ok(),
        1 => Bundle::from_cbor(bytes).ok(),
        _ => minicbor::decode::<Bundle>(bytes).ok(),
    };
    let Some(bundle) = bundle else { return };
    let written = bundle.to_cbor();
    let again = Bundle::from_cbor(&written).expect("what was written here is read");
    assert_eq!((again.id(), &again), (bundle.id(), &bundle));
    if how % 3 == 1 {
        assert_eq!(written, bytes, "two forms of one bundle");
    }
    let signed = Signed::make(&bundle, &campaign());
    assert_eq!(signed.open::<Bundle>(campaign_public()).as_ref(), Ok(&bundle));
    rules_lives(&bundle);
}

/// Whatever the rules say, something is said of every life under them.
fn rules_lives(bundle: &Bundle) {
    let book = Rulebook::of([bundle.clone(), small()]);
    let days = [bundle.valid_from(), morning().campaign_date(), Date::from_days(i32::MAX), Date::from_days(i32::MIN)];
    let first = bundle.products().first().map_or("pfizer", |product| product.code.as_str()).to_owned();
    for (history, birth) in histories(&first) {
        let clashes = dose_clashes(&history, &book);
        assert_eq!(dose_clashes(&history, &book), clashes);
        let person = PersonFacts { birth, sex: Some(Sex::Female), unit: Some("79-760".to_owned()) };
        for today in days {
            let _ = due(&history, &person, bundle, today);
            let proposed = ProposedDose {
                product: ProductCode::parse(&first).unwrap(),
                lot: LotNumber::parse("FK9412").unwrap(),
                lot_expiry: Some(today),
                number: 2,
                on: today,
            };
            for finding in findings(&history, &person, &proposed, bundle, today) {
                let _ = finding_view(&finding, bundle);
            }
        }
    }
}

/// Nobody's, one dose, two of different products far apart in time, and one at the end of time.
fn histories(product: &str) -> Vec<(History, Option<Birth>)> {
    let mut desk = Desk::new(1);
    let mut history = |doses: &[Statement]| {
        let said: Vec<_> = doses.iter().map(|dose| desk.says(Subject::Citizen(card(0)), dose.clone())).collect();
        merge(card(0), &said, &Rulebook::default()).unwrap().record.history
    };
    let born = |date| Some(Birth { date, precision: BirthPrecision::Year });
    let early = morning().plus_ms(-40 * MS_PER_DAY);
    let at_the_end = shared_model::time::Moment(i64::MAX);
    vec![
        (History::default(), born(Date::from_days(0))),
        (history(&[dose(product, "A1", 1, early)]), None),
        (
            history(&[dose("astrazeneca", "A1", 1, early), dose(product, "B1", 2, morning())]),
            born(Date::from_days(i32::MIN)),
        ),
        (history(&[dose(product, "A1", 1, early), dose(product, "B1", 2, at_the_end)]), born(Date::from_days(15_000))),
    ]
}

fn seeds() -> Vec<Vec<u8>> {
    let written = small().to_cbor();
    vec![
        [&[0][..], SMALL.as_bytes()].concat(),
        [
            &[0][..],
            br#"{"title_vi":"a","title_en":"b","version":1,"valid_from":"2021-03-01","products":[],"sources":[]}"#,
        ]
        .concat(),
        [&[1][..], &written].concat(),
        [&[2][..], &written].concat(),
    ]
}
