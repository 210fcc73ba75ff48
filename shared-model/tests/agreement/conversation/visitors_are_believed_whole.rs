use shared_model::certificate::Signed;
use shared_model::ids::CitizenId;
use shared_model::sync::message::{FeedEntry, Fetched, FetchedWord};
use shared_model::sync::visitor::{VisitorRefused, check_fetched};

use super::feed;
use super::server::signed;
use crate::country::desk::Desk;
use crate::country::{campaign, campaign_public, card, foreign_campaign};

const fn asked(n: u8) -> CitizenId {
    CitizenId([n; 16])
}

fn an_answer() -> Fetched {
    let (feed, desk) = (feed("phường 5", 2, 4), Desk::new(2));
    let word = FetchedWord { citizens: vec![asked(1)], statements: feed.statements() };
    Fetched {
        entries: feed.entries.into_iter().map(|envelope| FeedEntry { envelope: envelope.into() }).collect(),
        authors: vec![Signed::make(&desk.person.certificate(desk.device), &campaign())],
        devices: vec![Signed::make(&desk.certificate(), &campaign())],
        word: signed(&word),
    }
}

#[test]
fn an_answer_is_taken_entry_by_entry_as_it_was_signed() {
    let checked = check_fetched(&[asked(1), asked(2)], &an_answer(), campaign_public()).unwrap();
    assert_eq!((checked.citizens, checked.envelopes.len()), (vec![asked(1)], 4));
    // Somebody of whom nothing is known is an answer too.
    let word = signed(&FetchedWord { citizens: vec![asked(1)], statements: Vec::new() });
    let nobody = Fetched { entries: Vec::new(), authors: Vec::new(), devices: Vec::new(), word };
    assert_eq!(check_fetched(&[asked(1)], &nobody, campaign_public()).unwrap().envelopes, []);
}

#[test]
fn an_answer_with_anything_changed_is_not_taken() {
    let refused = |change: fn(&mut Fetched)| {
        let mut answer = an_answer();
        change(&mut answer);
        check_fetched(&[asked(1)], &answer, campaign_public()).unwrap_err()
    };
    let wrong: [fn(&mut Fetched); 5] = [
        |answer| drop(answer.entries.pop()),
        |answer| answer.entries.swap(0, 1),
        |answer| answer.entries.push(answer.entries[0].clone()),
        |answer| answer.entries[2].envelope = answer.entries[1].envelope.clone(),
        |answer| answer.entries[1].envelope.body = answer.entries[2].envelope.body.clone(),
    ];
    for change in wrong {
        assert_eq!(refused(change), VisitorRefused::WrongEntries);
    }
    let foreign: [fn(&mut Fetched); 3] = [
        |answer| answer.word.signature = Signed::make(&Desk::new(2).certificate(), &campaign()).signature,
        |answer| answer.devices[0] = Signed::make(&Desk::new(2).certificate(), &foreign_campaign()),
        |answer| answer.authors[0] = answer.devices[0].clone(),
    ];
    for change in foreign {
        assert!(matches!(refused(change), VisitorRefused::NotGenuine(_)));
    }
}

#[test]
fn an_answer_about_somebody_else_or_nobody_is_not_taken() {
    for citizens in [vec![], vec![card(0)], vec![asked(1), card(0)]] {
        let mut answer = an_answer();
        answer.word = signed(&FetchedWord { citizens, statements: feed("phường 5", 2, 4).statements() });
        let refused = check_fetched(&[asked(1)], &answer, campaign_public());
        assert_eq!(refused.unwrap_err(), VisitorRefused::SomebodyElse);
    }
}
