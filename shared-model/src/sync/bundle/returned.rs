//! The stick that comes home: how far the nation or a hub holds what a stick brought.
//!
//! A receipt is true at the moment it is given. When a server is put back to an old copy, receipts from before that
//! are words about what is gone, signed all the same; over HTTP each of them carries the nonce of one push and is
//! worth nothing for another. A stick has no such round, so a return word answers one outward bundle, by its id. The
//! maker remembers the ids it drew, which were answered, and which were overtaken because a server was found to hold
//! less than it had said since. A word from a drawer then answers a bundle that no longer counts, and what it says
//! is said again with the next stick.
//!
//! Of two words of one server for one bundle the one issued later counts. The count of issues decides only within a millisecond:
//! a server that was put back counts again from an old number, and its clock does not go back with it.

use minicbor::{Decode, Encode};

use crate::certificate::{CampaignWord, HubCertificate, NotGenuine, Signed};
use crate::envelope::{LogHead, PublicKey};
use crate::ids::{BundleId, DeviceId, Epoch, Seq};
use crate::limits;
use crate::planted::{Bug, is_alive};
use crate::sync::feed::FeedSum;
use crate::sync::message::Notice;
use crate::time::Moment;

/// What a server says of the logs that one outward bundle brought; it travels signed by the campaign, or by a hub for
/// what a hub holds.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Returned {
    /// The outward bundle this answers.
    #[n(0)]
    pub answers: BundleId,
    /// Who made that bundle.
    #[n(1)]
    pub maker: DeviceId,
    /// The server that says this. One bundle may be answered by a hub and by the nation.
    #[n(2)]
    pub issuer: DeviceId,
    #[n(3)]
    pub issue: Issue,
    #[n(4)]
    pub logs: Vec<ReturnedLog>,
    /// How far the feeds on the return stick went when this was issued.
    #[n(5)]
    pub feeds: Vec<FeedSum>,
    #[n(6)]
    pub by_nation: bool,
}

/// When a word was issued: milliseconds since 1970 by the server's clock, and which one it is of all it issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Issue {
    #[n(0)]
    pub at_ms: i64,
    #[n(1)]
    pub number: u64,
}

/// What a receipt over HTTP says of one log. Its length counts only with its chain.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ReturnedLog {
    #[n(0)]
    pub device: DeviceId,
    #[n(1)]
    pub epoch: Epoch,
    #[n(2)]
    pub held: LogHead,
    #[n(3)]
    pub national_to: Seq,
    #[n(4)]
    pub quarantined: Vec<Notice>,
    /// The log can't go on in its epoch: go on in this one.
    #[n(5)]
    pub fresh_epoch: Option<Epoch>,
    /// Beside a hub's word: the nation's own receipt for this log, as the hub got it.
    #[n(6)]
    pub national: Option<Signed>,
}

impl CampaignWord for Returned {
    const DOMAIN: &'static [u8] = b"so-tiem/returned/1\0";
}

/// What its maker remembers of an outward bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outward {
    pub bundle: BundleId,
    /// The latest word of the same issuer that was taken for an answer to it.
    pub answered: Option<Issue>,
    /// Since it was made a server was found to hold less of a log than it had said.
    pub overtaken: bool,
}

/// What a return word is worth to whoever holds it in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Take what it says as receipts.
    Answer,
    /// Taken before; nothing to do.
    Again,
    /// Older than what is known: nothing in it counts.
    Stale,
    /// It answers a bundle that was not made here, or is not remembered.
    NotOurs,
    /// More logs or feeds than one word may name.
    BeyondLimits,
}

impl Verdict {
    pub const ALL: [Self; 5] = [Self::Answer, Self::Again, Self::Stale, Self::NotOurs, Self::BeyondLimits];

    pub fn code(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Again => "again",
            Self::Stale => "stale",
            Self::NotOurs => "not_ours",
            Self::BeyondLimits => "beyond_limits",
        }
    }
}

impl Returned {
    /// A word of the nation's, under the campaign's signature.
    pub fn of_nation(signed: &Signed, campaign: PublicKey) -> Result<Self, NotGenuine> {
        let word: Self = signed.open(campaign)?;
        if word.by_nation { Ok(word) } else { Err(NotGenuine::Malformed) }
    }

    /// A word of this hub's. It says what the hub holds and never what the nation does.
    pub fn of_hub(signed: &Signed, hub: &HubCertificate) -> Result<Self, NotGenuine> {
        let word: Self = signed.open(hub.key)?;
        let claims_more = word.by_nation || word.logs.iter().any(|log| log.national_to > 0);
        if word.issuer == hub.hub && !claims_more { Ok(word) } else { Err(NotGenuine::Malformed) }
    }

    /// Judges a word whose signature held, against what is remembered of the bundle it answers and this issuer.
    pub fn judge(&self, remembered: Option<&Outward>) -> Verdict {
        if self.logs.len() > limits::STICK_ANSWERS_MAX || self.feeds.len() > limits::STICK_FEEDS_MAX {
            return Verdict::BeyondLimits;
        }
        match remembered {
            Some(outward) if outward.bundle == self.answers => match outward.answered {
                Some(taken) if self.issue == taken => Verdict::Again,
                Some(taken) if self.issue < taken => Verdict::Stale,
                _ if outward.overtaken => Verdict::Stale,
                _ => Verdict::Answer,
            },
            _ if is_alive(Bug::WordOfAnother) => Verdict::Answer,
            _ => Verdict::NotOurs,
        }
    }

    /// By how many milliseconds it was issued after now, where two honest clocks can't explain it. It still counts.
    pub fn ahead_ms(&self, now: Moment) -> Option<i64> {
        ahead_ms(self.issue.at_ms, now)
    }
}

pub(super) fn ahead_ms(said_ms: i64, now: Moment) -> Option<i64> {
    Some(Moment(said_ms).ms_since(now)).filter(|ahead| *ahead > limits::STICK_LEAD_MS_MAX)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    const MINE: BundleId = BundleId([1; 16]);

    fn word(at_ms: i64, number: u64) -> Returned {
        let issue = Issue { at_ms, number };
        let (maker, issuer) = (DeviceId([2; 16]), DeviceId([4; 16]));
        Returned { answers: MINE, maker, issuer, issue, logs: Vec::new(), feeds: Vec::new(), by_nation: true }
    }

    #[test]
    fn a_word_counts_once_for_the_bundle_it_answers() {
        let waiting = Outward { bundle: MINE, answered: None, overtaken: false };
        let answered = Outward { answered: Some(Issue { at_ms: 10, number: 5 }), ..waiting };
        for (at_ms, number, remembered, verdict) in [
            (10, 5, Some(waiting), Verdict::Answer),
            (10, 5, Some(answered), Verdict::Again),
            (9, 4, Some(answered), Verdict::Stale),
            (10, 4, Some(answered), Verdict::Stale),
            (11, 6, Some(answered), Verdict::Answer),
            (10, 5, Some(Outward { bundle: BundleId([7; 16]), ..waiting }), Verdict::NotOurs),
            (10, 5, None, Verdict::NotOurs),
        ] {
            assert_eq!(word(at_ms, number).judge(remembered.as_ref()), verdict, "{at_ms} {number} {remembered:?}");
        }
    }

    #[test]
    fn a_word_from_before_a_server_was_put_back_answers_nothing_any_more() {
        let old = word(10, 5);
        let overtaken = Outward { bundle: MINE, answered: None, overtaken: true };
        assert_eq!(old.judge(Some(&overtaken)), Verdict::Stale);
        let next = Outward { bundle: BundleId([3; 16]), answered: None, overtaken: false };
        assert_eq!(old.judge(Some(&next)), Verdict::NotOurs);
    }

    #[test]
    fn a_server_that_counts_again_from_an_old_number_is_heard() {
        let answered = Outward { bundle: MINE, answered: Some(Issue { at_ms: 10, number: 5 }), overtaken: false };
        assert_eq!(word(20, 2).judge(Some(&answered)), Verdict::Answer);
    }

    #[test]
    fn a_word_longer_than_any_server_writes_is_not_taken() {
        let sum = FeedSum { feed: String::new(), epoch: 1, seq: 0, sum: [0; 32] };
        let long = Returned { feeds: vec![sum; limits::STICK_FEEDS_MAX + 1], ..word(10, 5) };
        assert_eq!(long.judge(None), Verdict::BeyondLimits);
    }

    #[test]
    fn a_hub_speaks_for_itself_and_never_for_the_nation() {
        let (campaign, key) = (SigningKey::from_bytes(&[7; 32]), SigningKey::from_bytes(&[8; 32]));
        let hub = HubCertificate {
            hub: DeviceId([4; 16]),
            key: PublicKey::of(&key),
            name: String::new(),
            site: String::new(),
            areas: Vec::new(),
            not_before_ms: 0,
            not_after_ms: 0,
            stick: None,
        };
        let device = DeviceId([2; 16]);
        let (held, quarantined) = (LogHead::empty(device, 1), Vec::new());
        let log = |national_to| ReturnedLog {
            device,
            epoch: 1,
            held,
            national_to,
            quarantined: quarantined.clone(),
            fresh_epoch: None,
            national: None,
        };
        let of_a_hub = Returned { logs: vec![log(0)], by_nation: false, ..word(10, 5) };
        let heard = |word: &Returned, key: &SigningKey| Returned::of_hub(&Signed::make(word, key), &hub);
        assert_eq!(heard(&of_a_hub, &key).as_ref(), Ok(&of_a_hub));
        assert_eq!(heard(&of_a_hub, &campaign), Err(NotGenuine::Signature));
        for more in [
            Returned { by_nation: true, ..of_a_hub.clone() },
            Returned { logs: vec![log(1)], ..of_a_hub.clone() },
            Returned { issuer: DeviceId([5; 16]), ..of_a_hub.clone() },
        ] {
            assert_eq!(heard(&more, &key), Err(NotGenuine::Malformed), "{more:?}");
        }
        let of_nation = |word: &Returned| Returned::of_nation(&Signed::make(word, &campaign), PublicKey::of(&campaign));
        assert_eq!(of_nation(&of_a_hub), Err(NotGenuine::Malformed));
        assert_eq!(of_nation(&word(10, 5)), Ok(word(10, 5)));
    }

    #[test]
    fn clocks_may_differ_by_minutes() {
        let now = Moment(1_000_000);
        assert_eq!(word(now.0 + limits::STICK_LEAD_MS_MAX, 1).ahead_ms(now), None);
        assert_eq!(word(now.0 + limits::STICK_LEAD_MS_MAX + 1, 1).ahead_ms(now), Some(limits::STICK_LEAD_MS_MAX + 1));
        assert_eq!(word(i64::MIN, 1).ahead_ms(Moment(i64::MAX)), None);
    }
}
