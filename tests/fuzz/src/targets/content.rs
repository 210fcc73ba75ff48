//! What a frame says, of each kind: read within its limits, and the same when it is written again.

use shared_model::certificate::Signed;
use shared_model::envelope::{LogHead, PublicKey};
use shared_model::ids::{BundleId, Chain, DeviceId, PriorId};
use shared_model::prior::{PriorAnswer, PriorKey};
use shared_model::sync::bundle::{
    Content, FeedStretch, HubCursors, Issue, Kind, Outward, PriorPiece, ReturnAsked, Returned,
};
use shared_model::sync::feed::{Cursor, FeedSum, check_page};
use shared_model::sync::message::{EarlierEnd, Page};
use shared_model::sync::recipients::{StickRecipient, StickRecipients};

use super::frame;
use super::message::entries_of;
use crate::Target;
use crate::country::desk::Desk;
use crate::country::{campaign, campaign_public, cbor, device, morning};

pub const TARGET: Target = Target { name: "content", run, seeds };

fn run(bytes: &[u8]) {
    let (kind, bytes) = bytes.split_first().map_or((0, bytes), |(kind, rest)| (*kind, rest));
    if kind == u8::MAX {
        // A campaign that signs whatever it is given.
        let word = minicbor::decode::<StickRecipients>(bytes).ok();
        let opened =
            word.as_ref().map(|word| StickRecipients::open(&Signed::make(word, &campaign()), campaign_public()));
        if let Some(Ok(list)) = opened {
            assert!(!list.in_force(morning()).is_empty());
        }
        return;
    }
    let Ok(content) = Content::read(Kind::from_number(kind), bytes) else { return };
    assert_eq!(content.kind().number(), kind);
    assert_eq!(Content::read(content.kind(), &content.to_cbor()).as_ref(), Ok(&content));
    match content {
        Content::Feed(stretch) => {
            let _ = check_page(&stretch.from, &stretch.page, campaign_public());
        }
        Content::Returned(signed) => {
            assert!(signed.open::<Returned>(campaign_public()).is_err() || signed == word());
            if let Ok(word) = minicbor::decode::<Returned>(&signed.content) {
                let issue = Issue { at_ms: 0, number: 3 };
                let remembered = Outward { bundle: BundleId([0; 16]), answered: Some(issue), overtaken: false };
                let _ = (word.judge(Some(&remembered)), word.judge(None), word.ahead_ms(morning()));
            }
        }
        Content::ReturnAsked(signed) => {
            let _ = ReturnAsked::claimed_by(&signed);
            let key = PublicKey::of(&Desk::new(1).key);
            assert!(ReturnAsked::open(&signed, key, campaign_public()).is_err() || signed == asked());
        }
        Content::Prior(answer) => drop(answer.open(campaign_public())),
        Content::Manifest(_) | Content::Certificates(_) | Content::Push(_) | Content::PriorPiece(_) => {}
    }
}

fn word() -> Signed {
    let word = Returned {
        answers: BundleId([0; 16]),
        maker: device(1),
        issuer: DeviceId([9; 16]),
        issue: Issue { at_ms: morning().0, number: 3 },
        logs: Vec::new(),
        feeds: vec![Cursor::start("phường 5".to_owned(), 3).into()],
        by_nation: true,
    };
    Signed::make(&word, &campaign())
}

fn asked() -> Signed {
    let asked = ReturnAsked {
        bundle: BundleId([0; 16]),
        campaign: campaign_public(),
        device: device(1),
        recipient: "age1".to_owned(),
        cursors: vec![Cursor::start("phường 5".to_owned(), 3)],
        app_version: "0.1.0".to_owned(),
        known: vec![EarlierEnd { epoch: 1, head: LogHead { seq: 2, chain: Chain([7; 32]) } }],
        prior: Some(vec![PriorId([3; 32])]),
        at_hubs: Some(vec![HubCursors { hub: device(7), cursors: vec![Cursor::start("phường 5".to_owned(), 3)] }]),
    };
    asked.sign(&Desk::new(1).key)
}

fn seeds() -> Vec<Vec<u8>> {
    let mut desk = Desk::new(1);
    super::message::says_something(&mut desk);
    let from = Cursor::start("phường 5".to_owned(), 3);
    let envelopes: Vec<_> = desk.log.iter().map(|entry| entry.envelope.clone()).collect();
    let end: FeedSum = desk.log.iter().fold(from.clone(), |at, entry| at.after(entry.statement)).into();
    let sum = Signed::make(&end, &campaign());
    let page = Page { entries: entries_of(&envelopes), authors: Vec::new(), devices: Vec::new(), sum, more: false };
    let mut contents = frame::contents();
    contents.extend([
        Content::Manifest(frame::manifest()),
        Content::Feed(FeedStretch { from, page }),
        Content::Returned(word()),
        Content::ReturnAsked(asked()),
        Content::Prior(PriorAnswer::new(&PriorKey::new([9; 32]), vec![word()])),
        Content::PriorPiece(PriorPiece { sha256: [1; 32], from: 4_080, bytes: vec![7; 60] }),
    ]);
    let mut seeds: Vec<_> =
        contents.iter().map(|content| [&[content.kind().number()][..], &content.to_cbor()].concat()).collect();
    let one = StickRecipient {
        node: device(1),
        name: "Trung ương".to_owned(),
        recipient: "age1".to_owned(),
        not_after_ms: morning().0,
    };
    let list = StickRecipients { recipients: vec![one], issued_ms: morning().0 };
    seeds.push([&[u8::MAX][..], &cbor(&list)].concat());
    seeds
}
