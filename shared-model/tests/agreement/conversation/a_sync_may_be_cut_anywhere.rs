use shared_model::sync::{Action, Event, Outcome, Trouble};

use super::{a_laptop_and_a_server, all_is_everywhere, ends_with, sync, talk};

/// What a whole sync of these two takes.
const STEPS: usize = 27;

#[test]
fn a_whole_sync_brings_the_log_up_and_the_feeds_down() {
    let (mut laptop, mut server) = a_laptop_and_a_server();
    let outcome = sync(&mut laptop, &mut server);
    // Its own five entries come back at the end of the first feed.
    assert_eq!(outcome, Outcome { pushed: 5, pulled: 13, complete: true, trouble: None });
    all_is_everywhere(&laptop, &server);
}

#[test]
fn a_second_sync_finds_nothing_to_do() {
    let (mut laptop, mut server) = a_laptop_and_a_server();
    sync(&mut laptop, &mut server);
    let outcome = sync(&mut laptop, &mut server);
    assert_eq!(outcome, Outcome { pushed: 0, pulled: 0, complete: true, trouble: None });
    all_is_everywhere(&laptop, &server);
}

#[test]
fn a_laptop_with_nothing_to_say_and_no_feed_is_done_at_once() {
    let (mut laptop, mut server) = a_laptop_and_a_server();
    laptop.desk = crate::country::desk::Desk::new(1);
    server.feeds.clear();
    assert_eq!(sync(&mut laptop, &mut server), Outcome { pushed: 0, pulled: 0, complete: true, trouble: None });
}

/// The road breaks on the way there, or on the way back when the deed is done already.
#[test]
fn a_sync_cut_at_any_action_and_begun_anew_ends_as_one_that_was_not() {
    let (laptop, server) = a_laptop_and_a_server();
    let (_, steps) = talk(&mut laptop.clone(), {
        let mut server = server.clone();
        move |laptop, _, action| laptop.does(action, &mut server)
    });
    assert_eq!(steps, STEPS);
    for cut in 0..steps {
        for done in [false, true] {
            let (mut laptop, mut server) = (laptop.clone(), server.clone());
            let (outcome, _) = talk(&mut laptop, |laptop, step, action| {
                let event = if step != cut || done { laptop.does(action, &mut server) } else { Event::Done };
                if step == cut { Event::Trouble(Trouble::NoNetwork) } else { event }
            });
            ends_with(&outcome, Trouble::NoNetwork);
            let outcome = sync(&mut laptop, &mut server);
            assert!(outcome.complete, "cut at {cut}: {outcome:?}");
            all_is_everywhere(&laptop, &server);
        }
    }
}

#[test]
fn a_road_that_breaks_at_every_step_once_is_got_over_in_the_end() {
    let (mut laptop, mut server) = a_laptop_and_a_server();
    for cut in 0.. {
        let (outcome, _) = talk(&mut laptop, |laptop, step, action| {
            let event = laptop.does(action, &mut server);
            if step == cut { Event::Trouble(Trouble::NoNetwork) } else { event }
        });
        if outcome.complete {
            break;
        }
    }
    all_is_everywhere(&laptop, &server);
}

#[test]
fn a_sync_whose_last_page_could_not_be_kept_is_not_complete() {
    let (mut laptop, mut server) = a_laptop_and_a_server();
    let ends = [server.feeds[0].entries.len() + 5, server.feeds[1].entries.len()];
    for end in ends {
        let (mut laptop, mut server) = (laptop.clone(), server.clone());
        let (outcome, _) = talk(&mut laptop, |laptop, _, action| match action {
            Action::KeepPage { page, .. } if page.cursor.seq == end as u64 => Event::Trouble(Trouble::Store),
            _ => laptop.does(action, &mut server),
        });
        ends_with(&outcome, Trouble::Store);
    }
    assert!(sync(&mut laptop, &mut server).complete);
}

#[test]
fn an_answer_that_nothing_asked_for_ends_a_sync_wherever_it_comes() {
    for at in 0..STEPS {
        let (mut laptop, mut server) = a_laptop_and_a_server();
        let head = laptop.desk.head;
        let (outcome, _) =
            talk(
                &mut laptop,
                |laptop, step, action| {
                    if step == at { Event::EpochStarted(head) } else { laptop.does(action, &mut server) }
                },
            );
        ends_with(&outcome, Trouble::BadAnswer);
    }
}
