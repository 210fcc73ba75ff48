//! A hub's side of a sync with a nation that says anything under its own signature: it ends, and it calls itself
//! complete only when the nation's receipts say so.

use std::collections::BTreeMap;

use shared_model::certificate::{CampaignWord, Signed};
use shared_model::envelope::sign;
use shared_model::ids::{DeviceId, Seq};
use shared_model::sync::feed::Cursor;
use shared_model::sync::forwarding::{Errand, Forwarding, HubSelf};
use shared_model::sync::hub::{HubAnswer, HubHello, LogEnd};
use shared_model::sync::message::Receipt;
use shared_model::sync::segment::Segments;
use shared_model::sync::{Event, Trouble};

use super::conversation::{bent, foreign, trouble};
use super::message::a_laptop_and_a_server;
use crate::Target;
use crate::conversation::laptop::Laptop;
use crate::conversation::server::{Server, signed};
use crate::country::{campaign, campaign_public, cbor, morning};
use crate::input::{Input, sized};

pub const TARGET: Target = Target { name: "forwarding", run, seeds };

/// No conversation takes more steps: after the script everybody is honest.
const STEPS_MAX: usize = 3_000;
const HUB: DeviceId = DeviceId([0x4b; 16]);
const NONCE: [u8; 16] = [0x4e; 16];

/// A hub with the log of one laptop, and the nation it forwards to.
struct Country {
    laptop: Laptop,
    nation: Server,
    cursors: BTreeMap<String, Cursor>,
}

impl Country {
    fn new() -> Self {
        let (laptop, nation) = a_laptop_and_a_server();
        Self { laptop, nation, cursors: BTreeMap::new() }
    }

    fn log(&self) -> LogEnd {
        let desk = &self.laptop.desk;
        LogEnd { device: desk.device, epoch: desk.epoch, head: desk.head }
    }

    fn hub(&self) -> HubSelf {
        HubSelf {
            hub: HUB,
            campaign: campaign_public(),
            logs: vec![self.log()],
            cursors: Vec::new(),
            rules: Vec::new(),
            app_version: "0.1.0".to_owned(),
            nonce: NONCE,
            last_nonce: None,
            stick: None,
        }
    }

    fn hears(&self, hello: &HubHello) -> HubAnswer {
        let receipt = |log: &LogEnd| signed(&self.nation.receipt(log.epoch, hello.nonce));
        HubAnswer {
            hub: hello.hub,
            nonce: hello.nonce,
            now_ms: morning().0,
            certificate: signed(&self.laptop.desk.certificate()),
            receipts: hello.logs.iter().map(receipt).collect(),
            strangers: Vec::new(),
            feeds: self.nation.feeds.iter().map(|feed| feed.end().into()).collect(),
            rules: Vec::new(),
            ended: Vec::new(),
            has_twin: false,
        }
    }

    /// Runs the errand, with an honest nation at the other end of a good road.
    fn does(&mut self, errand: &Errand) -> Event {
        match errand {
            Errand::SayHello(hello) => Event::Hello(signed(&self.hears(hello))),
            Errand::ReadLog { from, .. } => Event::Log(self.laptop.range(*from)),
            Errand::Push(push) => {
                self.nation.takes(push).map_or_else(Event::Trouble, |receipt| Event::Receipt(signed(&receipt)))
            }
            Errand::FindSegments(_) => Event::NoSegments,
            Errand::KeepSegment(stretch) => {
                let at =
                    self.nation.feed(&stretch.at.feed).filter(|feed| feed.entries.len() as Seq >= stretch.segment.last);
                let end = at.map(|feed| feed.cursor_at(stretch.segment.last));
                let Some(cursor) = end.filter(|cursor| cursor.is_at(&stretch.end())) else {
                    return Event::SegmentDamaged;
                };
                self.cursors.insert(cursor.feed.clone(), cursor.clone());
                Event::SegmentKept(cursor)
            }
            Errand::Pull(pull) => self.nation.gives(pull).map_or_else(Event::Trouble, Event::Page),
            Errand::KeepPage { page, .. } => {
                self.cursors.insert(page.cursor.feed.clone(), page.cursor.clone());
                Event::Done
            }
            _ => Event::Done,
        }
    }
}

fn run(bytes: &[u8]) {
    let mut input = Input::of(bytes);
    let mut country = Country::new();
    let mut forwarding = Forwarding::begin(country.hub(), morning());
    // As far as the nation's own words went, whoever put them into its mouth.
    let mut national: Option<Seq> = None;
    for _ in 0..STEPS_MAX {
        let errand = forwarding.poll().expect("a thing to do, or the end");
        if let Errand::Finished(outcome) = &errand {
            assert_eq!(forwarding.poll(), None);
            assert!(!outcome.complete || outcome.trouble.is_none(), "{outcome:?}");
            assert!(!outcome.complete || national.is_some(), "complete, and the nation said nothing of the log");
            return;
        }
        if let Errand::NoteNational(noted) = &errand {
            let (receipt, word) = noted.as_ref();
            assert_eq!(word.open::<Receipt>(campaign_public()).as_ref(), Ok(receipt), "handed on as it was said");
            national = national.max(Some(receipt.held.seq));
        }
        let event = match is_asked_of_the_nation(&errand) && !input.is_empty() {
            true => answer(&mut input, &errand, &mut country),
            false => country.does(&errand),
        };
        forwarding.handle(event, morning());
    }
    panic!("no end after {STEPS_MAX} steps");
}

fn is_asked_of_the_nation(errand: &Errand) -> bool {
    matches!(
        errand,
        Errand::SayHello(_) | Errand::Introduce(_) | Errand::Push(_) | Errand::FindSegments(_) | Errand::Pull(_)
    )
}

fn answer(input: &mut Input<'_>, errand: &Errand, country: &mut Country) -> Event {
    match input.u8() % 8 {
        0..=2 => country.does(errand),
        3 => bent(input, country.does(errand), HubAnswer::DOMAIN),
        4 => invented(input, errand),
        5 => Event::Trouble(trouble(input, &country.laptop)),
        6 => strange(input, errand, country),
        _ => foreign(country.does(errand)),
    }
}

/// A word whose every byte comes from outside, under the campaign's signature.
fn invented(input: &mut Input<'_>, errand: &Errand) -> Event {
    let content = input.sized().to_vec();
    let signed = |domain: &[u8]| Signed { signature: sign(&campaign(), domain, &content), content: content.clone() };
    match errand {
        Errand::SayHello(_) => Event::Hello(signed(HubAnswer::DOMAIN)),
        Errand::Push(_) => Event::Receipt(signed(Receipt::DOMAIN)),
        Errand::FindSegments(_) => Event::SegmentsFound(signed(Segments::DOMAIN)),
        _ => minicbor::decode(&content).map_or(Event::Trouble(Trouble::BadAnswer), Event::Page),
    }
}

/// True in form, and about something else: strangers, another branch, a nation that went back.
fn strange(input: &mut Input<'_>, errand: &Errand, country: &Country) -> Event {
    let Errand::SayHello(hello) = errand else {
        let receipt = country.nation.receipt(u32::from(input.u8()), NONCE);
        return Event::Receipt(signed(&receipt));
    };
    let mut answer = country.hears(hello);
    let what = input.u8();
    if what & 1 != 0 {
        answer.strangers.push(country.log().device);
    }
    if what & 2 != 0 {
        answer.receipts.clear();
    }
    if what & 4 != 0 {
        answer.has_twin = true;
    }
    if what & 8 != 0 {
        answer.ended = vec![HUB, country.log().device];
    }
    if what & 16 != 0 {
        answer.feeds.extend(answer.feeds.clone());
    }
    for receipt in &mut answer.receipts {
        let mut told: Receipt = receipt.open(campaign_public()).expect("an honest one");
        told.held.seq = u64::from(input.u8());
        *receipt = signed(&told);
    }
    Event::Hello(signed(&answer))
}

fn seeds() -> Vec<Vec<u8>> {
    let country = Country::new();
    let hello = HubHello {
        hub: HUB,
        logs: vec![country.log()],
        cursors: Vec::new(),
        wall_ms: morning().0,
        nonce: NONCE,
        app_version: "0.1.0".to_owned(),
        rules: Vec::new(),
        last_nonce: None,
        stick: None,
    };
    let answer = country.hears(&hello);
    let invented = |word: Vec<u8>| [&[4][..], &sized(&word)].concat();
    vec![
        vec![],
        vec![0, 0, 0, 0, 0],
        vec![0, 5, 4, 1, 0, 0, 0],
        vec![0, 0, 0, 5, 4, 1, 1],
        vec![7, 0, 7],
        vec![3, 1, 60, 0, 3, 0, 0, 0, 3, 0, 1],
        vec![6, 1, 0, 0, 0, 0],
        vec![6, 31, 2, 6, 1, 5, 4, 0],
        invented(cbor(&answer)),
        [invented(cbor(&answer)), vec![0, 6, 3, 5, 4, 0, 1]].concat(),
    ]
}
