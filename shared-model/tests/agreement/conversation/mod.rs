//! A sync from hello to its end, with an honest server, with a bad road, and with servers that talk nonsense.

mod a_sync_may_be_cut_anywhere;
mod anybody;
mod files_are_read_like_pages;
mod laptop;
mod no_changed_page_is_taken;
mod random_servers_end_too;
mod server;
mod visitors_are_believed_whole;
mod what_a_server_cannot_talk_a_laptop_into;
mod what_a_server_may_ask_for;

use shared_model::statement::Subject;
use shared_model::sync::{Action, Conversation, Event, Outcome, Trouble};

use crate::country::desk::Desk;
use crate::country::people::{edit, name};
use crate::country::{card, morning};
use laptop::Laptop;
use server::{Feed, Server};

/// More than any conversation of these tests needs, told apart from one without end.
const STEPS_MAX: usize = 600;

/// Runs one conversation to its end; how it ended, and after how many steps.
fn talk(laptop: &mut Laptop, mut does: impl FnMut(&mut Laptop, usize, &Action) -> Event) -> (Outcome, usize) {
    let mut conversation = Conversation::begin(laptop.me(), morning());
    for step in 0..STEPS_MAX {
        let action = conversation.poll().expect("a thing to do, or the end");
        if let Action::Finished(outcome) = action {
            assert_eq!(conversation.poll(), None);
            assert!(!outcome.complete || outcome.trouble.is_none(), "{outcome:?}");
            return (outcome, step);
        }
        conversation.handle(does(laptop, step, &action), morning());
    }
    panic!("no end after {STEPS_MAX} steps");
}

fn sync(laptop: &mut Laptop, server: &mut Server) -> Outcome {
    talk(laptop, |laptop, _, action| laptop.does(action, server)).0
}

/// A sync in which some actions are answered by somebody else.
fn sync_with(
    laptop: &mut Laptop,
    server: &mut Server,
    mut instead: impl FnMut(&mut Server, &Action) -> Option<Event>,
) -> Outcome {
    talk(laptop, |laptop, _, action| instead(server, action).unwrap_or_else(|| laptop.does(action, server))).0
}

fn says(desk: &mut Desk, words: usize) {
    for n in 0..words {
        desk.says(Subject::Citizen(card(0)), edit(vec![name(&format!("Lê Văn {n}"))]));
    }
    desk.seal();
}

fn feed(name: &str, desk: u8, entries: usize) -> Feed {
    let mut desk = Desk::new(desk);
    says(&mut desk, entries);
    let entries = desk.log.into_iter().map(|entry| entry.envelope).collect();
    Feed { name: name.to_owned(), epoch: 3, entries }
}

/// A laptop with five things to say, and a server with two feeds to read.
fn a_laptop_and_a_server() -> (Laptop, Server) {
    let mut desk = Desk::new(1);
    says(&mut desk, 5);
    let server = Server::of(&desk, vec![feed("phường 5", 2, 5), feed("phường 6", 3, 3)]);
    (Laptop::of(desk), server)
}

/// The log is at the server, once; the feeds are here, to their ends and without a gap.
fn all_is_everywhere(laptop: &Laptop, server: &Server) {
    assert_eq!(server.head(laptop.desk.epoch), laptop.desk.head);
    let log: Vec<_> = (1..=laptop.desk.head.seq).map(|seq| (laptop.desk.epoch, seq)).collect();
    let placed: Vec<_> = server.placed.iter().filter(|(epoch, _)| *epoch == laptop.desk.epoch).copied().collect();
    assert_eq!(placed, log);
    for feed in &server.feeds {
        assert_eq!(laptop.cursors[&feed.name], feed.end());
        assert_eq!(laptop.read[&feed.name], feed.statements());
    }
}

fn ends_with(outcome: &Outcome, trouble: Trouble) {
    assert_eq!((outcome.complete, outcome.trouble.as_ref()), (false, Some(&trouble)));
}
