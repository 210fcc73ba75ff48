use shared_model::rules::Bundle;

use super::Door;

/// As small as a bundle can be with one of nearly everything in it.
const BUNDLE: &str = r#"{
  "title_vi": "Thử", "title_en": "Trial", "version": 1, "valid_from": "2021-03-01",
  "products": [{
    "code": "pfizer", "name": "Comirnaty", "manufacturer": "BioNTech",
    "doses": {"is": 2, "sources": ["one"]},
    "intervals": [{
      "after_dose": 1,
      "days_min": {"is": 21, "sources": ["one"]},
      "days_recommended_from": {"is": 21, "sources": ["one"]},
      "days_recommended_to": {"is": 28, "unconfirmed": true}
    }],
    "age_years_min": {"is": 18, "sources": ["one"]},
    "route": {"is": "im", "sources": ["one"]},
    "authorised_from": {"is": "2021-06-12", "sources": ["one"]}
  }],
  "priority_groups": [{"number": 1, "title_vi": "Tuyến đầu", "title_en": "Front line", "sources": ["one"]}],
  "sources": [{"id": "one", "title": "Quyết định", "found_at": "https://moh.gov.vn"}]
}"#;

pub fn doors() -> Vec<Door> {
    let mut doors = doors_of_cbor();
    doors.push(Door::of_json("Bundle::from_json", BUNDLE, |text| Bundle::from_json(text).is_ok()));
    doors
}

pub fn doors_of_cbor() -> Vec<Door> {
    let bytes = Bundle::from_json(BUNDLE).unwrap().to_cbor();
    vec![
        Door::new("Bundle::from_cbor", [bytes.clone()], |bytes| Bundle::from_cbor(bytes).is_ok()),
        Door::new("Bundle, inside a message", [bytes], |bytes| minicbor::decode::<Bundle>(bytes).is_ok()),
    ]
}
