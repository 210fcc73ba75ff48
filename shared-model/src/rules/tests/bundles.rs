//! The bundle as text, as bytes, as a signed word, and in its book.

use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use crate::certificate::{NotGenuine, Signed};
use crate::envelope::PublicKey;
use crate::limits;
use crate::rules::testing::{altered, day, product, rules, source};
use crate::rules::{Advice, Bundle, BundleError, Rulebook, Severity, Wrong};

fn with(pointer: &str, value: Value) -> Result<Bundle, BundleError> {
    altered([(pointer, value)])
}

#[test]
fn the_committed_rules_are_a_bundle() {
    let rules = rules();
    let codes: Vec<_> = rules.products().iter().map(|product| product.code.as_str()).collect();
    // The eight of 2021: VTV infographic of 21 September 2021.
    assert_eq!(codes, ["astrazeneca", "pfizer", "moderna", "vero-cell", "sputnik-v", "janssen", "hayat-vax", "abdala"]);
    assert_eq!(rules.priority_groups().len(), 16);
    assert_eq!(rules.valid_from(), day("2021-02-01"));
    assert!(rules.to_cbor().len() < limits::BUNDLE_BYTES_MAX / 10);
}

/// eu-dcc-valuesets, vaccine-medicinal-product.json of 2022-01-26.
#[test]
fn certificates_call_the_products_by_the_codes_of_the_value_set() {
    for (code, expected) in [
        ("astrazeneca", "EU/1/21/1529"),
        ("pfizer", "EU/1/20/1528"),
        ("moderna", "EU/1/20/1507"),
        ("janssen", "EU/1/20/1525"),
        ("vero-cell", "BBIBP-CorV"),
        ("sputnik-v", "Sputnik-V"),
        ("hayat-vax", "Hayat-Vax"),
        ("abdala", "Abdala"),
    ] {
        let found = rules().product(&product(code)).and_then(|product| product.eu_code.clone());
        assert_eq!(found.map(|code| code.value).as_deref(), Some(expected), "{code}");
    }
}

#[test]
fn a_bundle_survives_its_bytes_and_has_one_id() {
    let rules = rules();
    let bytes = rules.to_cbor();
    let read = Bundle::from_cbor(&bytes).unwrap();
    assert_eq!(read, rules);
    assert_eq!(read.to_cbor(), bytes);
    assert_eq!(read.id(), rules.id());
    assert_eq!(minicbor::to_vec(&rules).unwrap(), bytes);
}

#[test]
fn layout_of_the_text_is_not_part_of_the_rules() {
    let compact = Bundle::from_json(&source().to_string()).unwrap();
    assert_eq!(compact.id(), rules().id());
    assert_ne!(with("/version", json!(2)).unwrap().id(), rules().id());
}

#[test]
fn bytes_that_say_the_same_in_another_way_are_refused() {
    let bytes = rules().to_cbor();
    let mut longer = bytes.clone();
    longer.push(0xf6);
    assert_eq!(Bundle::from_cbor(&longer), Err(BundleError::NotCanonical));
    // The map's length in two bytes instead of one.
    let unusual = [&[0xb8, bytes[0] & 0x1f], &bytes[1..]].concat();
    assert_eq!(Bundle::from_cbor(&unusual), Err(BundleError::NotCanonical));
    assert_eq!(Bundle::from_cbor(&bytes[..bytes.len() - 1]), Err(BundleError::Malformed));
    assert_eq!(Bundle::from_cbor(&[]), Err(BundleError::Malformed));
    assert_eq!(Bundle::from_cbor(&vec![0; limits::BUNDLE_BYTES_MAX + 1]), Err(BundleError::TooLarge));
    assert_eq!(Bundle::from_json(&" ".repeat(limits::BUNDLE_BYTES_MAX + 1)), Err(BundleError::TooLarge));
}

#[test]
fn only_the_campaign_can_sign_rules_and_only_checked_ones_open() {
    let (campaign, stranger) = (SigningKey::from_bytes(&[7; 32]), SigningKey::from_bytes(&[8; 32]));
    let signed = Signed::make(&rules(), &campaign);
    assert_eq!(signed.open::<Bundle>(PublicKey::of(&campaign)), Ok(rules()));
    assert_eq!(signed.open::<Bundle>(PublicKey::of(&stranger)), Err(NotGenuine::Signature));
}

#[test]
fn every_mistake_is_named_by_its_field() {
    let range = |min, max| Wrong::Range { min, max };
    let table = [
        ("/version", json!(0), "version", range(1, u32::MAX)),
        ("/version", json!("1"), "version", Wrong::Type),
        ("/valid_from", json!("2021-02-30"), "valid_from", Wrong::Date),
        ("/title_vi", json!("  "), "title_vi", Wrong::Text { chars_max: limits::NOTE_CHARS_MAX }),
        ("/title_en", json!(null), "title_en", Wrong::Missing),
        ("/colour", json!("red"), "colour", Wrong::UnknownField),
        ("/products", json!([]), "products", Wrong::Empty),
        ("/products/1/code", json!("Pfizer"), "products[1].code", Wrong::Code),
        ("/products/1/code", json!("moderna"), "products[2].code", Wrong::Repeated),
        ("/products/1/doses/is", json!(300), "products[1].doses.is", Wrong::Type),
        ("/products/1/doses/is", json!(0), "products[1].doses", range(1, 20)),
        ("/products/1/doses/is", json!(3), "products[1].intervals", range(2, 2)),
        ("/products/1/doses/sources", json!([]), "products[1].doses.sources", Wrong::NoSource),
        ("/products/1/doses/sources", json!(["rumour"]), "products[1].doses.sources[0]", Wrong::UnknownSource),
        ("/products/1/doses/sure", json!(true), "products[1].doses.sure", Wrong::UnknownField),
        ("/products/1/intervals/0/after_dose", json!(2), "products[1].intervals[0].after_dose", Wrong::Order),
        ("/products/1/intervals/0/days_min/is", json!(0), "products[1].intervals[0].days_min", range(1, 3_653)),
        (
            "/products/1/intervals/0/days_min/is",
            json!(22),
            "products[1].intervals[0].days_recommended_from",
            range(22, 3_653),
        ),
        ("/products/7/age_years_max/is", json!(18), "products[7].age_years_max", range(19, 125)),
        ("/products/0/authorised_from/is", json!(20210201), "products[0].authorised_from.is", Wrong::Type),
        ("/interval_changes/0/product", json!("sinovac"), "interval_changes[0].product", Wrong::UnknownProduct),
        ("/interval_changes/0/after_dose", json!(2), "interval_changes[0].after_dose", range(1, 1)),
        ("/interval_changes/0/units", json!(["79-"]), "interval_changes[0].units[0]", Wrong::Code),
        ("/mixing/0/then", json!([]), "mixing[0].then", Wrong::Empty),
        ("/mixing/0/then", json!(["astrazeneca"]), "mixing[0].then", Wrong::Repeated),
        ("/mixing/0/until", json!("2021-07-22"), "mixing[0].until", Wrong::Order),
        ("/extra_doses/0/kind", json!("third"), "extra_doses[0].kind", Wrong::Word),
        ("/extra_doses/0/wait", json!({"days": 1, "months": 1}), "extra_doses[0].wait", Wrong::Word),
        ("/extra_doses/0/wait", json!({"months": 500}), "extra_doses[0].wait.months", range(1, 120)),
        ("/extra_doses/0/place", json!(0), "extra_doses[0].place", range(1, 20)),
        ("/priority_groups/1/number", json!(1), "priority_groups[1].number", Wrong::Order),
        ("/priority_groups/15/number", json!(17), "priority_groups[15].number", range(1, 16)),
        ("/sources/1/id", json!("decision-3588"), "sources[1].id", Wrong::Repeated),
    ];
    for (pointer, value, field, wrong) in table {
        let expected = BundleError::Field { field: field.to_owned(), wrong };
        assert_eq!(with(pointer, value.clone()), Err(expected), "{pointer} {value}");
    }
    assert_eq!(Bundle::from_json("{\n  \"version\": ,"), Err(BundleError::Json { line: 2, column: 14 }));
    assert_eq!(Bundle::from_json("[]"), Err(BundleError::Field { field: "bundle".to_owned(), wrong: Wrong::Type }));
}

#[test]
fn an_unconfirmed_value_needs_no_source_and_a_confirmed_one_does() {
    let mut changed = source();
    *changed.pointer_mut("/products/1/doses").unwrap() = json!({"is": 2, "unconfirmed": true});
    assert!(Bundle::from_json(&changed.to_string()).is_ok());
}

#[test]
fn the_book_opens_at_the_rules_of_the_day() {
    let first = rules();
    let revised = with("/version", json!(2)).unwrap();
    let winter = with("/valid_from", json!("2021-12-17")).unwrap();
    let orders = [[&first, &revised, &winter], [&winter, &revised, &first], [&revised, &first, &winter]];
    for order in orders {
        let book = Rulebook::of(order.into_iter().cloned());
        assert_eq!(book.in_force(day("2021-01-31")), None);
        assert_eq!(book.in_force(day("2021-02-01")), Some(&revised), "the later version of one day holds");
        assert_eq!(book.in_force(day("2021-12-16")), Some(&revised));
        assert_eq!(book.in_force(day("2021-12-17")), Some(&winter));
        assert_eq!(book.by_id(first.id()), Some(&first));
        assert_eq!(book.clone().with(first.clone()), book, "a bundle it holds changes nothing");
    }
}

#[test]
fn codes_are_sorted_and_severities_have_names() {
    assert!(Advice::CODES.windows(2).all(|pair| pair[0] < pair[1]));
    let severities = [Severity::Info, Severity::Caution, Severity::Stop];
    assert_eq!(severities.map(Severity::code), ["info", "caution", "stop"]);
}
