//! Who may read sticks: the nation and its hubs, as the campaign names them.

use minicbor::{Decode, Encode};

use crate::certificate::{CampaignWord, NotGenuine, Signed};
use crate::envelope::PublicKey;
use crate::ids::DeviceId;
use crate::limits;
use crate::time::Moment;

/// The whole list; one issued later replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct StickRecipients {
    #[n(0)]
    pub recipients: Vec<StickRecipient>,
    /// Milliseconds since 1970 by the server's clock.
    #[n(1)]
    pub issued_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct StickRecipient {
    #[n(0)]
    pub node: DeviceId,
    /// As people call it: "Trung ương", "Trung tâm y tế Quận 7".
    #[n(1)]
    pub name: String,
    /// An X25519 recipient in the spelling of age.
    #[n(2)]
    pub recipient: String,
    #[n(3)]
    pub not_after_ms: i64,
}

/// Asks for the list.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AskRecipients {}

impl CampaignWord for StickRecipients {
    const DOMAIN: &'static [u8] = b"so-tiem/stick-recipients/1\0";
}

impl StickRecipients {
    /// A list the campaign signed, within its limits and not empty.
    pub fn open(signed: &Signed, campaign: PublicKey) -> Result<Self, NotGenuine> {
        let list: Self = signed.open(campaign)?;
        let within_limits = (1..=limits::STICK_RECIPIENTS_MAX).contains(&list.recipients.len())
            && list.recipients.iter().all(|one| one.recipient.len() <= limits::STICK_RECIPIENT_BYTES_MAX);
        if within_limits { Ok(list) } else { Err(NotGenuine::Malformed) }
    }

    /// Those that hold by this clock; all of them where it says that none does, because a laptop whose clock is years
    /// off must not be left without a way to hand over its day.
    pub fn in_force(&self, now: Moment) -> Vec<&StickRecipient> {
        let held: Vec<_> = self.recipients.iter().filter(|one| one.not_after_ms >= now.0).collect();
        if held.is_empty() { self.recipients.iter().collect() } else { held }
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    fn list(ends: &[i64]) -> StickRecipients {
        let one = |(n, not_after_ms): (usize, &i64)| StickRecipient {
            node: DeviceId([u8::try_from(n).unwrap(); 16]),
            name: "Trung ương".to_owned(),
            recipient: "age1".to_owned(),
            not_after_ms: *not_after_ms,
        };
        StickRecipients { recipients: ends.iter().enumerate().map(one).collect(), issued_ms: 1 }
    }

    #[test]
    fn a_reader_whose_time_is_over_is_left_out_unless_nobody_is_left() {
        let ends = |list: &StickRecipients, now| {
            list.in_force(Moment(now)).into_iter().map(|one| one.not_after_ms).collect::<Vec<_>>()
        };
        assert_eq!(ends(&list(&[10, 20]), 10), [10, 20]);
        assert_eq!(ends(&list(&[10, 20]), 11), [20]);
        assert_eq!(ends(&list(&[10, 20]), 9_000), [10, 20], "a clock years off");
    }

    #[test]
    fn a_list_counts_when_the_campaign_signed_it_and_somebody_is_on_it() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let open = |list: &StickRecipients| StickRecipients::open(&Signed::make(list, &key), PublicKey::of(&key));
        assert_eq!(open(&list(&[1])), Ok(list(&[1])));
        assert_eq!(open(&list(&[])), Err(NotGenuine::Malformed));
        assert_eq!(open(&list(&[1; limits::STICK_RECIPIENTS_MAX + 1])), Err(NotGenuine::Malformed));
        let stranger = PublicKey::of(&SigningKey::from_bytes(&[8; 32]));
        assert_eq!(StickRecipients::open(&Signed::make(&list(&[1]), &key), stranger), Err(NotGenuine::Signature));
    }
}
