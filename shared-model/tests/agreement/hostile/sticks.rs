use shared_model::sync::bundle::{Content, read};

use super::Door;
use super::envelopes::word;
use crate::country::campaign_public;
use crate::stick::{a_return_word, certificates, manifest, one_of_every_kind, stretch, whole};

pub fn doors() -> Vec<Door> {
    let mut doors = doors_of_cbor();
    doors.push(Door::new("a stick", [whole(manifest(), one_of_every_kind())], |bytes| {
        let stick = read(bytes, campaign_public());
        stick.report.damages.is_empty() && stick.frames.iter().all(|frame| frame.open().is_ok())
    }));
    doors
}

pub fn doors_of_cbor() -> Vec<Door> {
    let mut doors =
        vec![word("Manifest", [manifest()]), word("Certificates", [certificates()]), word("FeedStretch", [stretch()])];
    doors.push(word("Returned", [a_return_word()]));
    for content in one_of_every_kind() {
        let kind = content.kind();
        doors.push(Door::new(format!("Content::read, {kind:?}"), [content.to_cbor()], move |bytes| {
            Content::read(kind, bytes).is_ok()
        }));
    }
    doors
}
