use shared_model::certificate::Signed;
use shared_model::sync::bundle::{CampaignTag, write};

use super::Sheet;
use crate::country::{campaign, campaign_public, cbor};
use crate::stick::{a_return_word, certificates, manifest, one_of_every_kind, raw, stretch};

#[test]
fn a_stick_never_changes() {
    let mut sheet = Sheet::default();
    sheet.line("campaign tag", CampaignTag::of(campaign_public()).0);
    for (at, frame) in write(manifest(), one_of_every_kind(), raw).enumerate() {
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
