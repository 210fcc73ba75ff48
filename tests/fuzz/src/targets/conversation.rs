//! A laptop's side of a sync with a server that says anything under the campaign's own signature: it ends, and it
//! calls itself complete only when it is.

use shared_model::certificate::{CampaignWord, Signed};
use shared_model::envelope::{LogHead, Signature, sign};
use shared_model::ids::Chain;
use shared_model::sync::feed::{Cursor, FeedSum};
use shared_model::sync::message::{HelloAnswer, Receipt, refusal};
use shared_model::sync::segment::Segments;
use shared_model::sync::{Action, Conversation, Event, Trouble};

use super::message::a_laptop_and_a_server;
use crate::Target;
use crate::conversation::laptop::Laptop;
use crate::conversation::server::{Server, refused, signed};
use crate::country::{campaign, campaign_public, cbor, foreign_campaign, morning};
use crate::input::{Input, sized};

pub const TARGET: Target = Target { name: "conversation", run, seeds };

/// No conversation takes more steps: after the script everybody is honest.
const STEPS_MAX: usize = 3_000;

fn run(bytes: &[u8]) {
    let mut input = Input::of(bytes);
    let (mut laptop, mut server) = a_laptop_and_a_server();
    let mut conversation = Conversation::begin(laptop.me(), morning());
    let mut promised: Vec<FeedSum> = Vec::new();
    let mut held = None;
    for _ in 0..STEPS_MAX {
        let action = conversation.poll().expect("a thing to do, or the end");
        if let Action::Finished(outcome) = &action {
            assert_eq!(conversation.poll(), None);
            assert!(!outcome.complete || outcome.trouble.is_none(), "{outcome:?}");
            if outcome.complete {
                assert!(held == Some(laptop.desk.head), "complete, and the log is not held");
                for sum in &promised {
                    let read = &laptop.cursors[&sum.feed];
                    assert!(read.epoch == sum.epoch && read.seq >= sum.seq, "complete, and a feed is not read");
                }
            }
            return;
        }
        let event = if is_asked_of_a_server(&action) && !input.is_empty() {
            answer(&mut input, &action, &mut laptop, &mut server)
        } else {
            laptop.does(&action, &mut server)
        };
        match (&action, &event) {
            (Action::SayHello(_), Event::Hello(signed)) => {
                if let Ok(answer) = signed.open::<HelloAnswer>(campaign_public()) {
                    (held, promised) = (Some(answer.held), answer.feeds);
                }
            }
            (Action::Push(_), Event::Receipt(signed)) => {
                held = signed.open::<Receipt>(campaign_public()).ok().map(|receipt| receipt.held);
            }
            _ => {}
        }
        conversation.handle(event, morning());
    }
    panic!("no end after {STEPS_MAX} steps");
}

fn is_asked_of_a_server(action: &Action) -> bool {
    matches!(
        action,
        Action::SayHello(_) | Action::Push(_) | Action::FindSegments(_) | Action::KeepSegment(_) | Action::Pull(_)
    )
}

fn answer(input: &mut Input<'_>, action: &Action, laptop: &mut Laptop, server: &mut Server) -> Event {
    let what = input.u8();
    // Whether the laptop has a file is no stranger's word; that it can't be had is.
    if let Action::KeepSegment(_) = action {
        return match what % 3 {
            0 => laptop.does(action, server),
            1 => Event::SegmentDamaged,
            _ => Event::Trouble(Trouble::BadAnswer),
        };
    }
    match what % 8 {
        0..=2 => laptop.does(action, server),
        3 => bent(input, laptop.does(action, server), HelloAnswer::DOMAIN),
        4 => invented(input, action),
        5 => Event::Trouble(trouble(input, laptop)),
        6 => unfitting(input, laptop),
        _ => foreign(laptop.does(action, server)),
    }
}

/// The honest answer changed in a few places, and signed again.
pub fn bent(input: &mut Input<'_>, honest: Event, hello: &[u8]) -> Event {
    let mut resigned = |domain: &[u8], mut content: Vec<u8>| {
        input.bend(&mut content);
        Signed { signature: sign(&campaign(), domain, &content), content }
    };
    match honest {
        Event::Hello(signed) => Event::Hello(resigned(hello, signed.content)),
        Event::Receipt(signed) => Event::Receipt(resigned(b"so-tiem/receipt/1\0", signed.content)),
        Event::SegmentsFound(signed) => Event::SegmentsFound(resigned(Segments::DOMAIN, signed.content)),
        Event::Page(mut page) => {
            page.sum = resigned(b"so-tiem/feed-sum/1\0", page.sum.content);
            page.more ^= input.u8() % 4 == 1;
            page.entries.truncate(usize::from(input.u8()));
            Event::Page(page)
        }
        other => other,
    }
}

/// A word whose every byte comes from outside, under the campaign's signature.
fn invented(input: &mut Input<'_>, action: &Action) -> Event {
    let content = input.sized().to_vec();
    let signed = |domain: &[u8]| Signed { signature: sign(&campaign(), domain, &content), content: content.clone() };
    match action {
        Action::SayHello(_) => Event::Hello(signed(b"so-tiem/hello/1\0")),
        Action::Push(_) => Event::Receipt(signed(b"so-tiem/receipt/1\0")),
        Action::FindSegments(_) => Event::SegmentsFound(signed(Segments::DOMAIN)),
        _ => minicbor::decode(&content).map_or(Event::Trouble(Trouble::BadAnswer), Event::Page),
    }
}

fn head(input: &mut Input<'_>, laptop: &Laptop) -> LogHead {
    let seq = match input.u8() {
        255 => u64::MAX,
        254 => u64::MAX - 1,
        seq => u64::from(seq % 8),
    };
    LogHead { seq, chain: laptop.desk.chain_at(seq).unwrap_or(Chain([7; 32])) }
}

pub fn trouble(input: &mut Input<'_>, laptop: &Laptop) -> Trouble {
    const CODES: [&str; 5] = [refusal::HOLE, refusal::FEED_CHANGED, refusal::BUSY, refusal::NOT_FOUND, "tomorrow"];
    match input.u8() % 8 {
        0 => Trouble::NoNetwork,
        1 => Trouble::Store,
        2 => Trouble::NotGenuine,
        n => {
            let held = (n > 3).then(|| head(input, laptop));
            refused(CODES[usize::from(input.u8()) % CODES.len()], held)
        }
    }
}

/// An answer to a question that was not asked.
fn unfitting(input: &mut Input<'_>, laptop: &Laptop) -> Event {
    match input.u8() % 6 {
        0 => Event::NoSegments,
        1 => Event::Log(laptop.range(u64::from(input.u8() % 4))),
        2 => Event::EpochStarted(head(input, laptop)),
        3 => Event::SegmentKept(Cursor { seq: input.u64(), ..Cursor::start("phường 5".to_owned(), 3) }),
        4 => Event::Receipt(Signed { content: input.sized().to_vec(), signature: Signature([9; 64]) }),
        _ => Event::Hello(Signed { content: input.sized().to_vec(), signature: Signature([9; 64]) }),
    }
}

pub fn foreign(honest: Event) -> Event {
    let resigned = |signed: Signed| Signed { signature: sign(&foreign_campaign(), b"", &signed.content), ..signed };
    match honest {
        Event::Hello(signed) => Event::Hello(resigned(signed)),
        Event::Receipt(signed) => Event::Receipt(resigned(signed)),
        Event::SegmentsFound(signed) => Event::SegmentsFound(resigned(signed)),
        Event::Page(mut page) => {
            page.sum = resigned(page.sum);
            Event::Page(page)
        }
        other => other,
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let (laptop, server) = a_laptop_and_a_server();
    let me = laptop.me();
    let feed = &server.feeds[0];
    let answer = HelloAnswer {
        device: me.device,
        nonce: me.nonce,
        now_ms: morning().0,
        held: server.head(1),
        national_to: 0,
        fresh_epoch: Some(2),
        feeds: vec![feed.end().into()],
        rules: vec![signed(&laptop.desk.certificate())],
        quarantined: Vec::new(),
        is_nation: true,
        national: None,
        ended_hubs: None,
    };
    let held = HelloAnswer { held: me.head, fresh_epoch: None, ..answer.clone() };
    let far = HelloAnswer { feeds: vec![FeedSum { seq: 6_000, ..feed.end().into() }], ..held.clone() };
    let files = vec![feed.segment(0, 1), feed.segment(1, 3)];
    let segments = Segments { feed: feed.name.clone(), epoch: feed.epoch, segments: files };
    let invented = |word: Vec<u8>| [&[4][..], &sized(&word)].concat();
    vec![
        vec![],
        vec![0, 0, 0, 0, 0],
        vec![0, 5, 4, 1, 0, 0, 0],
        vec![0, 0, 0, 5, 4, 1, 1],
        vec![7, 0, 7],
        vec![3, 1, 60, 0, 3, 0, 0, 0, 3, 0, 1],
        invented(cbor(&answer)),
        [invented(cbor(&far)), invented(cbor(&segments)), vec![0, 0]].concat(),
        [invented(cbor(&held)), vec![0], invented(cbor(&feed.page(0, 2))), invented(cbor(&feed.page(2, 2)))].concat(),
    ]
}
