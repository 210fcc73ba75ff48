//! A stick comes back whole, or gives up everything that is whole and names the rest.

mod a_damaged_stick_gives_up_what_is_whole;
mod a_stick_comes_back_as_it_was_written;
mod by_hand;
mod segments_stand_alone;
mod sticks_lie_over_one_another;
mod what_comes_home;
mod what_does_not_fit_is_cut_or_left_out;
mod what_somebody_is_told;

use std::sync::LazyLock;

use shared_model::certificate::Signed;
use shared_model::ids::BundleId;
use shared_model::prior::{PriorAnswer, PriorKey};
use shared_model::statement::Subject;
use shared_model::sync::bundle::{
    Certificates, Content, FeedRange, FeedStretch, Folded, Issue, LogRange, Manifest, PriorPiece, ReturnAsked,
    Returned, ReturnedLog, What, write,
};
use shared_model::sync::feed::{Cursor, FeedSum};
use shared_model::sync::message::{EarlierEnd, FeedEntry, Notice, Page};
use shared_model::sync::recipients::{StickRecipient, StickRecipients};

use crate::country::desk::Desk;
use crate::country::people::{dose, edit, name};
use crate::country::{campaign, campaign_public, card, device, morning};

pub fn bundle(n: u8) -> BundleId {
    BundleId([0xb0 ^ n; 16])
}

/// Six entries under three seals.
pub fn desk() -> Desk {
    static DESK: LazyLock<Desk> = LazyLock::new(|| {
        let (mut desk, an) = (Desk::new(1), Subject::Citizen(card(0)));
        for n in 1..=3 {
            desk.says(an, edit(vec![name("Nguyễn Thị Minh Khai")]));
            desk.says(an, dose("pfizer", "FK9412", n, morning()));
            desk.seal();
        }
        desk
    });
    DESK.clone()
}

pub fn manifest() -> Manifest {
    let from = desk().head_at(0).chain;
    Manifest {
        bundle: bundle(1),
        campaign: campaign_public(),
        maker: device(9),
        made_ms: morning().0,
        ranges: vec![LogRange { device: device(1), epoch: 1, from: 1, to: 6, previous: from }],
        feeds: vec![FeedRange { feed: "79-773-26740".to_owned(), epoch: 3, after: 0, to: 2 }],
        frames: None,
    }
}

pub fn certificates() -> Certificates {
    let desk = desk();
    Certificates {
        authors: vec![Signed::make(&desk.person.certificate(desk.device), &campaign())],
        devices: vec![Signed::make(&desk.certificate(), &campaign())],
        hubs: None,
    }
}

pub fn stretch() -> FeedStretch {
    let from = Cursor::start("79-773-26740".to_owned(), 3);
    let entries = &desk().log[..2];
    let sum: FeedSum = entries.iter().fold(from.clone(), |at, entry| at.after(entry.statement)).into();
    let entries = entries.iter().map(|entry| FeedEntry { envelope: entry.envelope.clone().into() }).collect();
    let sum = Signed::make(&sum, &campaign());
    FeedStretch { from, page: Page { entries, authors: Vec::new(), devices: Vec::new(), sum, more: false } }
}

pub fn a_return_word() -> Returned {
    Returned {
        answers: bundle(7),
        maker: device(1),
        issuer: device(8),
        issue: Issue { at_ms: morning().0, number: 12 },
        logs: vec![ReturnedLog {
            device: device(1),
            epoch: 1,
            held: desk().head_at(4),
            national_to: 2,
            quarantined: vec![Notice { epoch: 1, seq: 2, code: "not_allowed".to_owned() }],
            fresh_epoch: Some(2),
            national: None,
        }],
        feeds: vec![Cursor::start("79-773-26740".to_owned(), 3).into()],
        by_nation: true,
    }
}

pub fn a_wish() -> ReturnAsked {
    ReturnAsked {
        bundle: bundle(1),
        campaign: campaign_public(),
        device: device(1),
        recipient: format!("age1{}", "q".repeat(58)),
        cursors: vec![Cursor::start("79-773-26740".to_owned(), 3)],
        app_version: "0.1.0".to_owned(),
        known: vec![EarlierEnd { epoch: 1, head: desk().head_at(2) }],
        at_hubs: None,
        prior: None,
    }
}

pub fn recipients() -> StickRecipients {
    let recipient = a_wish().recipient;
    let one = StickRecipient { node: device(8), name: "Trung ương".to_owned(), recipient, not_after_ms: morning().0 };
    StickRecipients { recipients: vec![one], issued_ms: morning().0 }
}

/// What comes home behind everything else.
pub fn filters() -> [Content; 2] {
    let answer = PriorAnswer::new(&PriorKey::new([9; 32]), vec![Signed::make(&a_return_word(), &campaign())]);
    let piece = PriorPiece { sha256: [7; 32], from: 4_080, bytes: vec![5; 60] };
    [Content::Prior(answer), Content::PriorPiece(piece)]
}

/// One of each that stands between the manifests.
pub fn one_of_every_kind() -> Vec<Content> {
    vec![
        Content::Certificates(certificates()),
        Content::Push(desk().push(1, 2)),
        Content::Feed(stretch()),
        Content::Returned(Signed::make(&a_return_word(), &campaign())),
        Content::ReturnAsked(a_wish().sign(&desk().key)),
    ]
}

pub fn raw(bytes: Vec<u8>) -> Folded {
    Folded::raw(bytes)
}

pub fn frames(manifest: Manifest, contents: Vec<Content>) -> Vec<Vec<u8>> {
    write(manifest, contents, raw).map(Result::unwrap).collect()
}

pub fn whole(manifest: Manifest, contents: Vec<Content>) -> Vec<u8> {
    frames(manifest, contents).concat()
}

/// Nine frames, three of them ranges of one log.
fn a_days_stick() -> &'static [Vec<u8>] {
    static FRAMES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let mut contents = one_of_every_kind();
        contents.truncate(4);
        contents.extend([3, 5].map(|from| Content::Push(desk().push(from, from + 1))));
        contents.push(Content::Certificates(Certificates::default()));
        frames(manifest(), contents)
    });
    &FRAMES
}

fn whats(stick: &shared_model::sync::bundle::Stick) -> Vec<What> {
    stick.report.damages.iter().map(|damage| damage.what).collect()
}

fn numbers(stick: &shared_model::sync::bundle::Stick) -> Vec<u32> {
    stick.frames.iter().map(|frame| frame.number).collect()
}
