//! Somebody who speaks the language of servers and means nothing by it.

use proptest::prelude::*;
use shared_model::certificate::Signed;
use shared_model::envelope::LogHead;
use shared_model::ids::{Chain, Seq};
use shared_model::sync::feed::{Cursor, FeedSum};
use shared_model::sync::message::{Hello, HelloAnswer, Receipt, refusal};
use shared_model::sync::segment::Segments;
use shared_model::sync::{Action, Event, Trouble};

use super::laptop::Laptop;
use super::server::{Feed, Server, refused, signed};
use crate::country::desk::Desk;
use crate::country::foreign_campaign;

/// One thing somebody says, and how it is bent.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    /// 0 is the honest answer; everything else fits the question or does not.
    pub what: u8,
    bend: u8,
}

/// Scripts of nonsense alone seldom get beyond hello, so some are nearly honest.
pub fn script() -> impl Strategy<Value = Vec<Said>> {
    let lines = |honest: u32| {
        let what = prop_oneof![honest => Just(0_u8), 2 => 1_u8..12];
        let said = (what, any::<u8>()).prop_map(|(what, bend)| Said { what, bend });
        proptest::collection::vec(said, 1..40)
    };
    prop_oneof![lines(1), lines(6), lines(40)]
}

fn number(bend: u8) -> Seq {
    [0, 1, 2, 3, 4, 5, 6, 7, 5_000, 5_001, u64::MAX - 1, u64::MAX][usize::from(bend) % 12]
}

/// A head of this laptop's log, or one that is nobody's.
fn head(desk: &Desk, bend: u8) -> LogHead {
    let seq = number(bend);
    let ours = desk.chain_at(seq).filter(|_| bend < 200);
    LogHead { seq, chain: ours.unwrap_or(Chain([bend; 32])) }
}

fn sum(server: &Server, bend: u8) -> FeedSum {
    let feed = &server.feeds[usize::from(bend) % 2];
    let true_sum = FeedSum::from(feed.cursor_at(number(bend / 2).min(feed.entries.len() as Seq)));
    match bend % 4 {
        0 => FeedSum { seq: number(bend), ..true_sum },
        1 => FeedSum { epoch: feed.epoch + 1, ..true_sum },
        2 => FeedSum { seq: 5_000, sum: [bend; 32], ..true_sum },
        _ => true_sum,
    }
}

/// Files of this feed, or of nothing there is.
fn segments(feed: &Feed, bend: u8) -> Segments {
    let after = Seq::from(bend % 2);
    let mut segments = Segments {
        feed: feed.name.clone(),
        epoch: feed.epoch,
        segments: vec![feed.segment(after, after + 1), feed.segment(after + 1, after + 2)],
    };
    let further = bend / 8;
    match bend % 8 {
        0 => segments.segments[0].first = number(further),
        1 => segments.segments[1].last = number(further),
        2 => segments.segments[1].sum = [bend; 32],
        3 => segments.segments[0].before = [bend; 32],
        4 => segments.segments[0].bytes = number(further),
        5 => segments.segments.truncate(usize::from(further) % 2),
        _ => {}
    }
    segments
}

fn trouble(desk: &Desk, bend: u8) -> Trouble {
    let codes = [refusal::HOLE, refusal::FEED_CHANGED, refusal::BUSY, refusal::NOT_FOUND, "tomorrow"];
    match bend % 8 {
        0 => Trouble::NoNetwork,
        1 => Trouble::Store,
        2 => Trouble::NotGenuine,
        _ => refused(codes[usize::from(bend / 8) % 5], (bend.is_multiple_of(2)).then(|| head(desk, bend / 3))),
    }
}

/// The true answer, but for one thing.
fn hello(laptop: &Laptop, server: &Server, bend: u8) -> HelloAnswer {
    let me = laptop.me();
    let (cursors, rules, app_version) = (me.cursors, me.rules, me.app_version);
    let (device, epoch, head_now, nonce) = (me.device, me.epoch, me.head, me.nonce);
    let hello = Hello { device, epoch, head: head_now, cursors, wall_ms: 0, nonce, app_version, rules, leans_on: None };
    let mut answer = server.hears(&hello);
    let further = bend / 6;
    match bend % 6 {
        0 => answer.held = head(&laptop.desk, bend),
        1 => answer.fresh_epoch = Some(epoch + u32::from(further % 4)),
        2 => answer.feeds = (0..further % 20).map(|n| sum(server, bend.wrapping_mul(n))).collect(),
        3 => answer.feeds.push(sum(server, further)),
        4 => answer.nonce[0] ^= further % 2,
        _ => answer.feeds.truncate(usize::from(further) % 3),
    }
    answer
}

fn receipt(desk: &Desk, server: &Server, bend: u8, nonce: [u8; 16]) -> Receipt {
    let mut receipt = server.receipt(desk.epoch, nonce);
    let further = bend / 4;
    match bend % 4 {
        0 => receipt.held = head(desk, bend),
        1 => receipt.fresh_epoch = Some(desk.epoch + u32::from(further % 4)),
        2 => receipt.epoch += u32::from(further % 2),
        // Held to the end already, as this laptop's log would have it.
        _ => receipt.held = desk.head,
    }
    receipt
}

/// Well formed, whatever was asked.
pub fn says(laptop: &Laptop, server: &Server, Said { what, bend }: Said) -> Event {
    let (desk, feed) = (&laptop.desk, &server.feeds[usize::from(bend) % 2]);
    match what {
        1 => Event::Trouble(trouble(desk, bend)),
        2 => Event::Hello(signed(&hello(laptop, server, bend))),
        3 => Event::Receipt(signed(&receipt(desk, server, bend, [0x4e; 16]))),
        4 => Event::Receipt(Signed::make(&receipt(desk, server, bend, [0x4e; 16]), &foreign_campaign())),
        5 => Event::Log(laptop.range(number(bend)).filter(|_| bend % 3 > 0)),
        6 => Event::EpochStarted(head(desk, bend)),
        7 => Event::SegmentsFound(signed(&segments(feed, bend))),
        8 => Event::SegmentKept(Cursor { seq: number(bend), ..feed.cursor_at(1) }),
        9 => {
            let mut page = feed.page(number(bend), usize::from(bend) % 4);
            page.more ^= bend % 4 == 3;
            Event::Page(page)
        }
        10 if bend.is_multiple_of(2) => Event::NoSegments,
        10 => Event::SegmentDamaged,
        _ => Event::Done,
    }
}

/// The right kind of answer to what was asked, bent: otherwise hardly any sync would get beyond hello.
pub fn fitting(laptop: &Laptop, server: &Server, action: &Action, said: Said) -> Event {
    let what = match action {
        Action::SayHello(_) => 2,
        Action::ReadLog { .. } => 5,
        Action::Push(push) => {
            return Event::Receipt(signed(&receipt(&laptop.desk, server, said.bend, push.nonce)));
        }
        Action::FindSegments(ask) => {
            let Some(feed) = server.feed(&ask.cursor.feed) else { return Event::NoSegments };
            return Event::SegmentsFound(signed(&segments(feed, said.bend)));
        }
        Action::KeepSegment(_) if said.bend.is_multiple_of(3) => return Event::SegmentDamaged,
        Action::Pull(pull) if said.bend.is_multiple_of(2) => {
            let Some(feed) = server.feed(&pull.cursor.feed) else { return Event::Trouble(Trouble::BadAnswer) };
            let mut page = feed.page(pull.cursor.seq, usize::from(said.bend) % 4);
            page.more ^= said.bend % 8 == 6;
            return Event::Page(page);
        }
        Action::Pull(_) => 9,
        _ => 11,
    };
    says(laptop, server, Said { what, ..said })
}
