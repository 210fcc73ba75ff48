use proptest::prelude::*;
use shared_model::envelope::LogHead;
use shared_model::sync::feed::FeedSum;
use shared_model::sync::message::{HelloAnswer, Receipt};
use shared_model::sync::{Action, Event};

use super::anybody::{fitting, says, script};
use super::laptop::Laptop;
use super::{a_laptop_and_a_server, talk};
use crate::cases;
use crate::country::campaign_public;

/// What the campaign's own signature says of this laptop's log and of its feeds.
#[derive(Default)]
struct Word {
    held: Option<LogHead>,
    feeds: Vec<FeedSum>,
}

impl Word {
    fn hears(&mut self, action: &Action, event: &Event) {
        match (action, event) {
            (Action::SayHello(_), Event::Hello(signed)) => {
                let answer: HelloAnswer = signed.open(campaign_public()).unwrap();
                (self.held, self.feeds) = (Some(answer.held), answer.feeds);
            }
            (Action::Push(_), Event::Receipt(signed)) => {
                self.held = signed.open::<Receipt>(campaign_public()).ok().map(|receipt| receipt.held);
            }
            _ => {}
        }
    }

    /// Complete means: the log is held, and every feed was read as far as hello promised.
    fn allows_complete(&self, laptop: &Laptop) {
        assert!(laptop.desk.head.seq == 0 || self.held == Some(laptop.desk.head), "{:?}", self.held);
        for promised in &self.feeds {
            let read = &laptop.cursors[&promised.feed];
            assert!(read.epoch == promised.epoch && read.seq >= promised.seq, "{read:?} {promised:?}");
        }
    }
}

proptest! {
    #![proptest_config(cases::of("random servers"))]

    #[test]
    fn a_conversation_with_anybody_ends_and_is_complete_only_when_it_is(
        script in script(),
        fits in any::<[bool; 7]>(),
    ) {
        let (mut laptop, mut server) = a_laptop_and_a_server();
        let mut word = Word::default();
        let (outcome, _) = talk(&mut laptop, |laptop, step, action| {
            let said = script[step % script.len()];
            let event = match said.what {
                0 => laptop.does(action, &mut server),
                _ if fits[step % fits.len()] => fitting(laptop, &server, action, said),
                _ => says(laptop, &server, said),
            };
            // Nobody but the laptop itself calls its own deed done.
            let event = if event == Event::Done { laptop.does(action, &mut server) } else { event };
            word.hears(action, &event);
            event
        });
        if outcome.complete {
            word.allows_complete(&laptop);
        }
    }
}
