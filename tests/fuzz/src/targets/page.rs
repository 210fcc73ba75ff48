//! A page of a feed: believed as the campaign signed it, entry by entry, or refused.

use shared_model::certificate::Signed;
use shared_model::envelope::Envelope;
use shared_model::ids::StatementId;
use shared_model::sync::feed::{Cursor, FeedSum, check_page, follow};
use shared_model::sync::message::Page;

use super::message::{a_laptop_and_a_server, entries_of, one_of_every_kind};
use crate::Target;
use crate::conversation::server::signed;
use crate::country::desk::Desk;
use crate::country::{campaign_public, card, cbor, foreign_campaign};
use crate::input::{Input, sized};
use crate::script;

pub const TARGET: Target = Target { name: "page", run, seeds };

fn start() -> Cursor {
    Cursor::start("phường 5".to_owned(), 3)
}

/// Bytes as they are, or a script under the campaign's signature and then bent.
fn run(bytes: &[u8]) {
    let mut input = Input::of(bytes);
    if input.u8().is_multiple_of(4) {
        if let Ok(page) = minicbor::decode::<Page>(input.rest()) {
            for cursor in [start(), Cursor { seq: u64::MAX, ..start() }] {
                let _ = check_page(&cursor, &page, campaign_public());
                // Under whichever signature: the walk itself.
                let (_, end) = follow(cursor.clone(), &page.entries);
                let page = Page { sum: signed(&FeedSum::from(end)), ..page.clone() };
                let _ = check_page(&cursor, &page, campaign_public());
            }
        }
        return;
    }
    let mut bends = Input::of(input.sized());
    let honest = page_of(&script::envelopes(&script::read(&mut input), card));
    let checked = check_page(&start(), &honest, campaign_public()).expect("what the campaign signed is believed");
    let ids = |page: &[(StatementId, Envelope)]| page.iter().map(|(id, _)| *id).collect::<Vec<_>>();
    let mut bent = honest;
    while !bends.is_empty() {
        bend(&mut bent, &mut bends);
    }
    if let Ok(read) = check_page(&start(), &bent, campaign_public()) {
        assert_eq!(ids(&read.envelopes), ids(&checked.envelopes), "another page under the same signature");
        assert_eq!(read.cursor, checked.cursor);
        let opened = |page: &[(StatementId, Envelope)]| -> Vec<_> {
            page.iter().filter_map(|(_, envelope)| envelope.open().ok()).collect()
        };
        // A body may be missing or be kept unread; none is there that says something else.
        let honest = opened(&checked.envelopes);
        assert!(opened(&read.envelopes).iter().all(|said| honest.contains(said)));
    }
}

pub(super) fn page_of(envelopes: &[Envelope]) -> Page {
    let entries = entries_of(envelopes);
    let (_, end) = follow(start(), &entries);
    let desk = Desk::new(1);
    Page {
        entries,
        authors: vec![signed(&desk.person.certificate(desk.device))],
        devices: vec![signed(&desk.certificate())],
        sum: signed(&FeedSum::from(end)),
        more: false,
    }
}

pub(super) fn bend(page: &mut Page, input: &mut Input<'_>) {
    let (what, at, other) = (input.u8(), usize::from(input.u8()), usize::from(input.u8()));
    let entries = page.entries.len().max(1);
    let desk = Desk::new(1);
    match what % 10 {
        0 => page.entries.truncate(at),
        1 => page.entries.extend(page.entries.get(at % entries).cloned()),
        2 if page.entries.len() > 1 => page.entries.swap(at % entries, other % entries),
        3 if page.entries.len() > 1 => {
            let body = page.entries[other % entries].envelope.body.clone();
            page.entries[at % entries].envelope.body = body;
        }
        4 => page.entries.get_mut(at % entries).into_iter().for_each(|entry| input.bend(&mut entry.envelope.header)),
        5 => page.entries.get_mut(at % entries).into_iter().for_each(|entry| entry.envelope.body = None),
        6 => page.authors.push(Signed::make(&desk.person.certificate(desk.device), &foreign_campaign())),
        7 => page.devices.extend((0..at).map(|_| signed(&desk.certificate())).take(300)),
        8 => input.bend(&mut page.sum.content),
        _ => {
            let entry = page.entries.get_mut(at % entries);
            entry.into_iter().for_each(|entry| entry.envelope.body.iter_mut().for_each(|body| input.bend(body)));
        }
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let (_, server) = a_laptop_and_a_server();
    let (_, said) = one_of_every_kind();
    let mut seeds = vec![[&[0][..], &cbor(&server.feeds[0].page(0, 3))].concat()];
    for bends in
        [&[][..], &[2, 0, 1], &[3, 0, 1], &[4, 0, 0, 1, 9, 0, 7], &[5, 1, 0], &[6, 0, 0], &[8, 0, 0, 1, 9, 0, 1]]
    {
        seeds.push([&[1][..], &sized(bends), &script::write(&script::of(&said))].concat());
    }
    seeds
}
