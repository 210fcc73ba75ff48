//! What the campaign signs: opened as what it was signed as, and as nothing else.

use shared_model::certificate::{
    AuthorCertificate, CampaignWord, DeviceCertificate, HubCertificate, NotGenuine, Signed,
};
use shared_model::envelope::sign;
use shared_model::prior::Manifest;
use shared_model::rules::Bundle;
use shared_model::sync::feed::FeedSum;
use shared_model::sync::hub::HubAnswer;
use shared_model::sync::message::{FetchedWord, HelloAnswer, Receipt, Snapshot};
use shared_model::sync::recipients::StickRecipients;
use shared_model::sync::segment::Segments;

use super::message::a_laptop_and_a_server;
use crate::Target;
use crate::country::{campaign, campaign_public, card, cbor, foreign_campaign, morning};
use crate::input::Input;

pub const TARGET: Target = Target { name: "word", run, seeds };

/// Any content under a true signature of that kind of word.
fn opens<T: CampaignWord + PartialEq + std::fmt::Debug>(content: &[u8]) {
    let signature = sign(&campaign(), T::DOMAIN, content);
    let signed = Signed { content: content.to_vec(), signature };
    assert!(signed.is_genuine::<T>(campaign_public()));
    match signed.open::<T>(campaign_public()) {
        Ok(word) => {
            let again = Signed::make(&word, &campaign());
            assert_eq!(again.open::<T>(campaign_public()).as_ref(), Ok(&word));
            assert_eq!(
                Signed::make(&word, &foreign_campaign()).open::<T>(campaign_public()),
                Err(NotGenuine::Signature)
            );
        }
        Err(wrong) => assert_eq!(wrong, NotGenuine::Malformed),
    }
    // The same bytes and signature are no word of another kind.
    if T::DOMAIN != FeedSum::DOMAIN {
        assert_eq!(signed.open::<FeedSum>(campaign_public()), Err(NotGenuine::Signature));
    }
}

const KINDS: &[fn(&[u8])] = &[
    opens::<HelloAnswer>,
    opens::<Receipt>,
    opens::<FeedSum>,
    opens::<FetchedWord>,
    opens::<Snapshot>,
    opens::<DeviceCertificate>,
    opens::<AuthorCertificate>,
    opens::<Bundle>,
    opens::<HubAnswer>,
    opens::<HubCertificate>,
    opens::<StickRecipients>,
    opens::<Manifest>,
    opens::<Segments>,
];

fn run(bytes: &[u8]) {
    let mut input = Input::of(bytes);
    let kind = usize::from(input.u8());
    KINDS[kind % KINDS.len()](input.rest());
}

fn seeds() -> Vec<Vec<u8>> {
    let (laptop, mut server) = a_laptop_and_a_server();
    let receipt = server.takes(&laptop.range(1).unwrap()).unwrap();
    let sum = FeedSum::from(server.feeds[0].end());
    let me = laptop.me();
    let answer = HelloAnswer {
        device: me.device,
        nonce: me.nonce,
        now_ms: morning().0,
        held: me.head,
        national_to: 1,
        fresh_epoch: Some(2),
        feeds: vec![sum.clone()],
        rules: Vec::new(),
        quarantined: Vec::new(),
        is_nation: true,
        national: None,
        ended_hubs: None,
    };
    let word = FetchedWord { citizens: vec![card(0)], statements: server.feeds[0].statements() };
    let snapshot = Snapshot { feed: sum.feed.clone(), sha256: [9; 32], bytes: 9_000, sum: sum.clone() };
    let contents = [
        cbor(&answer),
        cbor(&receipt),
        cbor(&sum),
        cbor(&word),
        cbor(&snapshot),
        cbor(&laptop.desk.certificate()),
        cbor(&laptop.desk.person.certificate(me.device)),
        super::bundle::small().to_cbor(),
    ];
    let segments = Segments {
        feed: sum.feed.clone(),
        epoch: sum.epoch,
        segments: vec![server.feeds[0].segment(0, 1), server.feeds[0].segment(1, 3)],
    };
    let at_the_end = (u8::try_from(KINDS.len() - 1).expect("few kinds"), cbor(&segments));
    let all = (0..).zip(contents).chain([at_the_end]);
    all.map(|(kind, content)| [&[kind][..], &content].concat()).collect()
}
