//! Somebody's story, fetched by card: believed as the campaign signed it, entry by entry, or refused.

use shared_model::envelope::Envelope;
use shared_model::ids::{CitizenId, StatementId};
use shared_model::sync::message::{FeedEntry, Fetched, FetchedWord, Page};
use shared_model::sync::visitor::check_fetched;

use super::message::{a_laptop_and_a_server, one_of_every_kind};
use super::page::{bend, page_of};
use crate::Target;
use crate::conversation::server::signed;
use crate::country::{campaign_public, card, cbor};
use crate::input::{Input, sized};
use crate::script;

pub const TARGET: Target = Target { name: "visitor", run, seeds };

const ASKED: [CitizenId; 2] = [CitizenId([1; 16]), CitizenId([2; 16])];

fn ids(entries: &[FeedEntry]) -> Vec<StatementId> {
    entries.iter().map(|entry| Envelope::from(entry.envelope.clone()).statement_id()).collect()
}

fn fetched(page: Page, statements: Vec<StatementId>) -> Fetched {
    let word = signed(&FetchedWord { citizens: vec![ASKED[1]], statements });
    Fetched { entries: page.entries, authors: page.authors, devices: page.devices, word }
}

/// Bytes as they are, or a script under the campaign's signature and then bent.
fn run(bytes: &[u8]) {
    let mut input = Input::of(bytes);
    if input.u8().is_multiple_of(4) {
        if let Ok(fetched) = minicbor::decode::<Fetched>(input.rest()) {
            let _ = check_fetched(&ASKED, &fetched, campaign_public());
            // Under whichever signature: the walk itself.
            let word = FetchedWord { citizens: ASKED.to_vec(), statements: ids(&fetched.entries) };
            let _ = check_fetched(&ASKED, &Fetched { word: signed(&word), ..fetched }, campaign_public());
        }
        return;
    }
    let mut bends = Input::of(input.sized());
    let mut page = page_of(&script::envelopes(&script::read(&mut input), card));
    let said = ids(&page.entries);
    let honest = check_fetched(&ASKED, &fetched(page.clone(), said.clone()), campaign_public());
    let honest = honest.expect("what the campaign signed is believed");
    while !bends.is_empty() {
        bend(&mut page, &mut bends);
    }
    if let Ok(read) = check_fetched(&ASKED, &fetched(page, said.clone()), campaign_public()) {
        assert_eq!(read.envelopes.iter().map(|(id, _)| *id).collect::<Vec<_>>(), said);
        // A body may be missing or be kept unread; none is there that says something else.
        let opened = |all: &[(StatementId, Envelope)]| all.iter().filter_map(|(_, one)| one.open().ok()).collect();
        let (read, honest): (Vec<_>, Vec<_>) = (opened(&read.envelopes), opened(&honest.envelopes));
        assert!(read.iter().all(|said| honest.contains(said)));
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let (_, server) = a_laptop_and_a_server();
    let (_, said) = one_of_every_kind();
    let page = server.feeds[0].page(0, 3);
    let statements = ids(&page.entries);
    let mut seeds = vec![[&[0][..], &cbor(&fetched(page, statements))].concat()];
    for bends in [&[][..], &[2, 0, 1], &[3, 0, 1], &[4, 0, 0, 1, 9, 0, 7], &[5, 1, 0], &[6, 0, 0]] {
        seeds.push([&[1][..], &sized(bends), &script::write(&script::of(&said))].concat());
    }
    seeds
}
