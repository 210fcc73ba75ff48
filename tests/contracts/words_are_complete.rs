//! Rust sends codes; every code has a sentence in every language.

use std::collections::BTreeSet;

use field_client::desk::view::Failure;
use serde_json::Value;
use shared_model::citizen::Register;
use shared_model::conflict::ConflictKind;
use shared_model::rules::Advice;
use shared_model::scanned::{Doubt, NotUnderstood};
use shared_model::sync::Quarantine;
use shared_model::sync::bundle::Verdict;
use shared_model::view::FormProblem;

use super::{read, root};

fn codes() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![
        ("conflict", ConflictKind::KNOWN.map(ConflictKind::code).to_vec()),
        ("finding", Advice::CODES.to_vec()),
        ("failure", Failure::CODES.to_vec()),
        ("look", [&NotUnderstood::CODES[..], &["own_code_unknown_here"]].concat()),
        ("doubt", Doubt::ALL.iter().map(Doubt::code).collect()),
        ("problem", FormProblem::ALL.map(FormProblem::code).to_vec()),
        ("attention", Quarantine::ALL.map(Quarantine::code).to_vec()),
        ("register", Register::KNOWN.map(Register::code).to_vec()),
        (
            "answer",
            vec![
                "choose_value",
                "same_dose",
                "really_two",
                "withdraw_dose",
                "same_person",
                "not_same_person",
                "send_back",
                "acknowledge",
            ],
        ),
        ("clock", vec!["good", "fair", "unknown", "wrong"]),
        ("copies", vec!["here", "hub", "nation"]),
        ("source", vec!["scanned", "typed", "paper", "slip"]),
        ("body_site", vec!["left_arm", "right_arm", "left_thigh", "right_thigh"]),
        ("route", vec!["im", "sc", "id", "po"]),
        ("withdraw", vec!["undone", "wrong_person", "not_given", "entered_twice", "mistake"]),
        ("severity", vec!["info", "caution", "stop"]),
        ("due", vec!["first", "next", "complete", "unclear"]),
        ("sex", vec!["male", "female", "other"]),
        ("precision", vec!["day", "month", "year", "estimated"]),
        ("case_status", vec!["open", "sent_back", "settled", "gone"]),
        ("stick_unread", vec!["not_a_stick", "foreign", "later_version", "not_for_us", "damaged"]),
        ("stick_word", Verdict::ALL.map(Verdict::code).to_vec()),
        ("camera", vec!["no_camera", "busy", "unplugged", "stalled", "permission"]),
    ]
}

fn catalogue(language: &str) -> Value {
    let path = root().join(format!("shared-model/web/messages/{language}.json"));
    serde_json::from_str(&read(&path)).unwrap()
}

#[test]
fn every_code_has_words_in_every_language() {
    let mut missing = Vec::new();
    for language in ["vi", "en"] {
        let words = catalogue(language);
        for (prefix, codes) in codes() {
            for code in codes {
                if words.get(format!("{prefix}_{code}")).is_none() {
                    missing.push(format!("{language}: {prefix}_{code}"));
                }
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn both_languages_say_the_same_things() {
    let keys =
        |language: &str| -> BTreeSet<String> { catalogue(language).as_object().unwrap().keys().cloned().collect() };
    let (vietnamese, english) = (keys("vi"), keys("en"));
    assert_eq!(vietnamese.symmetric_difference(&english).collect::<Vec<_>>(), Vec::<&String>::new());
}
