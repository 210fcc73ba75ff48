use shared_model::sync::feed::Cursor;
use shared_model::sync::message::refusal;
use shared_model::sync::{Action, Event, Trouble};

use super::server::{refused, signed};
use super::{a_laptop_and_a_server, all_is_everywhere, ends_with, feed, sync, sync_with};

/// Restored from an old copy between hello and the push.
#[test]
fn a_server_that_has_less_than_it_said_is_pushed_to_again_from_there() {
    let (mut laptop, mut server) = a_laptop_and_a_server();
    let mut pushes = Vec::new();
    let outcome = sync_with(&mut laptop, &mut server, |server, action| {
        if let Action::Push(push) = action {
            if pushes == [1, 3] {
                server.logs.values_mut().for_each(|log| log.truncate(1));
                server.placed.truncate(1);
                server.feeds[0].entries.truncate(6);
            }
            pushes.push(push.from);
        }
        None
    });
    assert!(outcome.complete, "{outcome:?}");
    assert_eq!(pushes, [1, 3, 5, 2, 4]);
    all_is_everywhere(&laptop, &server);
}

#[test]
fn a_fresh_epoch_is_begun_and_the_log_pushed_in_it() {
    let (mut laptop, mut server) = a_laptop_and_a_server();
    let outcome = sync_with(&mut laptop, &mut server, |server, action| match action {
        Action::SayHello(hello) => {
            let mut answer = server.hears(hello);
            answer.fresh_epoch = Some(2);
            Some(Event::Hello(signed(&answer)))
        }
        Action::Push(push) if push.epoch == 2 && push.from == 3 => {
            let mut receipt = server.takes(push).unwrap();
            receipt.fresh_epoch = Some(7);
            Some(Event::Receipt(signed(&receipt)))
        }
        _ => None,
    });
    assert!(outcome.complete, "{outcome:?}");
    assert_eq!(laptop.desk.epoch, 7);
    all_is_everywhere(&laptop, &server);
}

#[test]
fn a_feed_made_anew_is_left_for_the_next_sync_and_the_others_are_read() {
    let (mut laptop, mut server) = a_laptop_and_a_server();
    let outcome = sync_with(&mut laptop, &mut server, |server, action| {
        if let Action::SayHello(hello) = action {
            let answer = server.hears(hello);
            server.feeds[0].epoch += 1;
            return Some(Event::Hello(signed(&answer)));
        }
        None
    });
    ends_with(&outcome, refused(refusal::FEED_CHANGED, None));
    assert!(!laptop.cursors.contains_key("phường 5"));
    assert_eq!(laptop.cursors["phường 6"], server.feeds[1].end());
    assert!(sync(&mut laptop, &mut server).complete);
    all_is_everywhere(&laptop, &server);
}

/// The same numbers, other entries: what was read is read again, from the start and once.
#[test]
fn a_feed_that_is_not_what_the_cursor_was_promised_is_read_again_from_its_start() {
    let (mut laptop, mut server) = a_laptop_and_a_server();
    sync(&mut laptop, &mut server);
    server.feeds[1] = feed("phường 6", 4, 5);
    let mut starts = 0;
    let outcome = sync_with(&mut laptop, &mut server, |_, action| {
        starts += usize::from(matches!(action, Action::Pull(pull) if pull.cursor.seq == 0));
        None
    });
    assert!(outcome.complete, "{outcome:?}");
    assert_eq!(starts, 1);
    all_is_everywhere(&laptop, &server);
}

#[test]
fn a_feed_that_fits_no_cursor_twice_is_given_up() {
    let (mut laptop, mut server) = a_laptop_and_a_server();
    sync(&mut laptop, &mut server);
    let other = feed("phường 6", 4, 5);
    let promised = other.clone();
    server.feeds[1] = other;
    let mut pulls = 0;
    let outcome = sync_with(&mut laptop, &mut server, |_, action| match action {
        Action::Pull(pull) if pull.cursor.feed == "phường 6" => {
            pulls += 1;
            let mut page = promised.page(pull.cursor.seq, 2);
            page.sum = signed(&shared_model::sync::feed::FeedSum::from(Cursor::start("phường 6".to_owned(), 3)));
            Some(Event::Page(page))
        }
        _ => None,
    });
    ends_with(&outcome, Trouble::BadAnswer);
    assert_eq!(pulls, 2);
}
