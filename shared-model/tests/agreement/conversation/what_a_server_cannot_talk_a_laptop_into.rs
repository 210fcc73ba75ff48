use shared_model::envelope::LogHead;
use shared_model::ids::Chain;
use shared_model::limits;
use shared_model::sync::message::{HelloAnswer, Receipt, refusal};
use shared_model::sync::{Action, Event, Outcome, Trouble};

use super::server::{Server, refused, signed};
use super::{a_laptop_and_a_server, ends_with, sync_with};

/// How a sync ends with a server whose answers to hello are changed.
fn with_hello(change: impl Fn(&mut HelloAnswer)) -> Outcome {
    let (mut laptop, mut server) = a_laptop_and_a_server();
    sync_with(&mut laptop, &mut server, |server, action| match action {
        Action::SayHello(hello) => {
            let mut answer = server.hears(hello);
            change(&mut answer);
            Some(Event::Hello(signed(&answer)))
        }
        _ => None,
    })
}

/// How a sync ends with a server whose receipts are changed, and how often it was pushed to.
fn with_receipts(change: impl Fn(&mut Receipt)) -> (Outcome, usize) {
    let (mut laptop, mut server) = a_laptop_and_a_server();
    let mut pushes = 0;
    let outcome = sync_with(&mut laptop, &mut server, |server, action| match action {
        Action::Push(push) => {
            pushes += 1;
            let mut receipt = server.takes(push).unwrap();
            change(&mut receipt);
            Some(Event::Receipt(signed(&receipt)))
        }
        _ => None,
    });
    (outcome, pushes)
}

#[test]
fn no_more_is_not_believed_before_the_promised_end() {
    for ends_at in 0..5 {
        let (mut laptop, mut server) = a_laptop_and_a_server();
        let outcome = sync_with(&mut laptop, &mut server, |server, action| match action {
            Action::Pull(pull) => {
                let left = usize::try_from(ends_at - pull.cursor.seq.min(ends_at)).unwrap();
                let mut page = server.feeds[0].page(pull.cursor.seq, left.min(2));
                page.more = pull.cursor.seq + (page.entries.len() as u64) < ends_at;
                Some(Event::Page(page))
            }
            _ => None,
        });
        ends_with(&outcome, Trouble::BadAnswer);
        // What did come is genuine and kept.
        assert_eq!(laptop.cursors["phường 5"], server.feeds[0].cursor_at(ends_at));
    }
}

#[test]
fn more_is_not_waited_for_when_nothing_comes() {
    let (mut laptop, mut server) = a_laptop_and_a_server();
    let outcome = sync_with(&mut laptop, &mut server, |server, action| match action {
        Action::Pull(pull) => {
            let mut page = server.feeds[0].page(pull.cursor.seq, 0);
            page.more = true;
            Some(Event::Page(page))
        }
        _ => None,
    });
    ends_with(&outcome, Trouble::BadAnswer);
}

#[test]
fn fresh_epochs_given_again_and_again_end() {
    let again = |receipt: &mut Receipt| receipt.fresh_epoch = Some(receipt.epoch + 1);
    let (outcome, pushes) = with_receipts(again);
    ends_with(&outcome, Trouble::BadAnswer);
    assert_eq!(pushes, 3);
    // One that is not fresh.
    for epoch in [0, 1] {
        ends_with(&with_receipts(|receipt| receipt.fresh_epoch = Some(epoch)).0, Trouble::BadAnswer);
        ends_with(&with_hello(|answer| answer.fresh_epoch = Some(epoch)), Trouble::BadAnswer);
    }
}

#[test]
fn a_receipt_that_acknowledges_nothing_ends_it() {
    let (outcome, pushes) = with_receipts(|receipt| receipt.held = LogHead::empty(receipt.device, receipt.epoch));
    ends_with(&outcome, Trouble::BadAnswer);
    assert_eq!((outcome.pushed, pushes), (0, 1));
}

#[test]
fn a_receipt_for_another_log_is_no_receipt() {
    let changes: [fn(&mut Receipt); 5] = [
        |receipt| receipt.held.chain.0[0] ^= 1,
        |receipt| receipt.held.seq += 1,
        |receipt| receipt.held.seq = u64::MAX,
        |receipt| receipt.epoch += 1,
        |receipt| receipt.device.0[0] ^= 1,
    ];
    for change in changes {
        let (outcome, pushes) = with_receipts(change);
        ends_with(&outcome, Trouble::BadAnswer);
        assert_eq!((outcome.pushed, outcome.pulled, pushes), (0, 0, 1));
    }
}

#[test]
fn another_log_under_our_number_is_not_ours() {
    let stranger = Chain([7; 32]);
    for seq in [5, 6, u64::MAX] {
        ends_with(&with_hello(|answer| answer.held = LogHead { seq, chain: stranger }), Trouble::BadAnswer);
    }
}

#[test]
fn an_answer_to_another_hello_is_no_answer() {
    let changes: [fn(&mut HelloAnswer); 2] = [|answer| answer.nonce[0] ^= 1, |answer| answer.device.0[0] ^= 1];
    for change in changes {
        ends_with(&with_hello(change), Trouble::BadAnswer);
    }
}

/// A server that was put back to an old copy does not hold what its older receipts say; somebody on the road may
/// still have one of those.
#[test]
fn a_receipt_for_another_push_is_none_for_this_one() {
    let (outcome, pushes) = with_receipts(|receipt| receipt.nonce[0] ^= 1);
    ends_with(&outcome, Trouble::BadAnswer);
    assert_eq!((outcome.pushed, pushes), (0, 1));
    let (mut laptop, mut server) = a_laptop_and_a_server();
    let mut first = None;
    let outcome = sync_with(&mut laptop, &mut server, |server, action| match action {
        Action::Push(push) => {
            let receipt = server.takes(push).unwrap();
            Some(Event::Receipt(signed(first.get_or_insert(receipt))))
        }
        _ => None,
    });
    ends_with(&outcome, Trouble::BadAnswer);
}

#[test]
fn feeds_beyond_the_limit_are_refused_and_not_cut() {
    let outcome = with_hello(|answer| answer.feeds = vec![answer.feeds[1].clone(); limits::FEEDS_MAX + 1]);
    ends_with(&outcome, Trouble::BadAnswer);
    assert!(with_hello(|answer| answer.feeds = vec![answer.feeds[1].clone(); limits::FEEDS_MAX]).complete);
}

/// Refusals are signed by nobody: each may end a sync, and none may make it go round or seem complete.
#[test]
fn a_refusal_ends_a_sync_wherever_it_is_no_reason_to_go_on() {
    let holes = [refused(refusal::HOLE, None), hole_at(u64::MAX), hole_at(0), refused(refusal::FEED_CHANGED, None)];
    let actions: [fn(&Action) -> bool; 3] = [
        |action| matches!(action, Action::SayHello(_)),
        |action| matches!(action, Action::Push(_)),
        |action| matches!(action, Action::Pull(_)),
    ];
    for trouble in holes {
        for is_refused in actions {
            let (mut laptop, mut server) = a_laptop_and_a_server();
            let outcome = sync_with(&mut laptop, &mut server, |_, action| {
                is_refused(action).then(|| Event::Trouble(trouble.clone()))
            });
            ends_with(&outcome, trouble.clone());
        }
    }
}

fn hole_at(seq: u64) -> Trouble {
    refused(refusal::HOLE, Some(LogHead { seq, chain: Chain([0; 32]) }))
}

#[test]
fn a_hole_met_again_and_again_ends_it() {
    let (mut laptop, mut server) = a_laptop_and_a_server();
    let mut pushes = 0;
    let outcome = sync_with(&mut laptop, &mut server, |_: &mut Server, action| match action {
        Action::Push(push) => {
            pushes += 1;
            (push.from > 1).then(|| Event::Trouble(hole_at(0)))
        }
        _ => None,
    });
    ends_with(&outcome, hole_at(0));
    assert_eq!(pushes, 6);
}
