use shared_model::certificate::Signed;
use shared_model::envelope::PublicKey;
use shared_model::sync::bundle::{Content, ReturnAsked, Segments, read, segment};

use super::Door;
use super::envelopes::word;
use crate::country::campaign_public;
use crate::stick::{
    a_return_word, a_wish, certificates, desk, manifest, one_of_every_kind, recipients, stretch, whole,
};

pub fn doors() -> Vec<Door> {
    let mut doors = doors_of_cbor();
    doors.push(Door::new("a stick", [whole(manifest(), one_of_every_kind())], |bytes| {
        let stick = read(bytes, campaign_public());
        stick.report.damages.is_empty() && stick.frames.iter().all(|frame| frame.open().is_ok())
    }));
    let sealed = [vec![0xfd; 300], vec![7; 70_000]].map(|sealed| segment(campaign_public(), &sealed).unwrap()).concat();
    doors.push(Door::new("a medium", [sealed], |bytes| {
        let mut segments = Segments::new(campaign_public());
        let whole = segments.feed(bytes).into_iter().all(|segment| segment.is_whole);
        let (begun, read) = segments.finish();
        whole && begun.is_none() && read.damages.is_empty()
    }));
    doors
}

pub fn doors_of_cbor() -> Vec<Door> {
    let mut doors =
        vec![word("Manifest", [manifest()]), word("Certificates", [certificates()]), word("FeedStretch", [stretch()])];
    doors.push(word("Returned", [a_return_word()]));
    doors.push(word("StickRecipients", [recipients()]));
    doors.push(Door::new("ReturnAsked", [minicbor::to_vec(a_wish().sign(&desk().key)).unwrap()], |bytes| {
        let Ok(signed) = minicbor::decode::<Signed>(bytes) else { return false };
        ReturnAsked::claimed_by(&signed).is_some()
            && ReturnAsked::open(&signed, PublicKey::of(&desk().key), campaign_public()).is_ok()
    }));
    for content in one_of_every_kind() {
        let kind = content.kind();
        doors.push(Door::new(format!("Content::read, {kind:?}"), [content.to_cbor()], move |bytes| {
            Content::read(kind, bytes).is_ok()
        }));
    }
    doors
}
