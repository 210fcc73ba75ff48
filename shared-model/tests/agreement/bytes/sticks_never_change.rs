use shared_model::certificate::Signed;
use shared_model::ids::PriorId;
use shared_model::sync::bundle::{CampaignTag, Certificates, HubCursors, segment, write};

use super::Sheet;
use crate::country::{campaign, campaign_public, cbor, device};
use crate::stick::{
    a_return_word, a_wish, certificates, desk, filters, manifest, one_of_every_kind, raw, recipients, stretch,
};

#[test]
fn a_stick_never_changes() {
    let mut sheet = Sheet::default();
    sheet.line("campaign tag", CampaignTag::of(campaign_public()).0);
    for (at, frame) in write(manifest(), one_of_every_kind().into_iter().take(4), raw).enumerate() {
        sheet.line(&format!("frame {at}"), frame.unwrap());
    }
    insta::assert_snapshot!(sheet.text);
}

#[test]
fn what_is_on_a_stick_never_changes() {
    let mut sheet = Sheet::default();
    sheet.line("Manifest", cbor(&manifest())).line("Certificates", cbor(&certificates()));
    sheet.line("FeedStretch", cbor(&stretch())).line("Returned", cbor(&a_return_word()));
    sheet.line("Returned, signed", cbor(&Signed::make(&a_return_word(), &campaign())));
    insta::assert_snapshot!(sheet.text);
}

#[test]
fn who_may_read_a_stick_and_who_wants_one_never_changes() {
    let mut sheet = Sheet::default();
    sheet.line("StickRecipients", cbor(&recipients())).line("ReturnAsked", cbor(&a_wish()));
    sheet.line("ReturnAsked, signed", cbor(&a_wish().sign(&desk().key)));
    sheet.line("segment", segment(campaign_public(), &[0xfd, 0, 7]).unwrap());
    insta::assert_snapshot!(sheet.text);
}

#[test]
fn what_hubs_and_filters_add_to_a_stick_never_changes() {
    let mut sheet = Sheet::default();
    let [answer, piece] = filters();
    sheet.line("PriorAnswer", answer.to_cbor()).line("PriorPiece", piece.to_cbor());
    let mut wish = a_wish();
    wish.at_hubs = Some(vec![HubCursors { hub: device(7), cursors: wish.cursors.clone() }]);
    wish.prior = Some(vec![PriorId([3; 32])]);
    let mut word = a_return_word();
    word.logs[0].national = Some(Signed::make(&a_return_word(), &campaign()));
    let hubs = Some(vec![Signed::make(&a_return_word(), &campaign())]);
    sheet.line("ReturnAsked", cbor(&wish)).line("Returned", cbor(&word));
    sheet.line("Certificates", cbor(&Certificates { hubs, ..Certificates::default() }));
    insta::assert_snapshot!(sheet.text);
}
