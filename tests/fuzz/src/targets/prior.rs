//! The filter of prior doses: manifests the campaign signed whatever is in them, and segments of any bytes.

use sha2::{Digest, Sha256};
use shared_model::certificate::{CampaignWord, Signed};
use shared_model::envelope::sign;
use shared_model::ids::CitizenId;
use shared_model::limits;
use shared_model::prior::{About, Built, Doses, Filter, Filters, Manifest, PriorKey, Reach, build};

use crate::Target;
use crate::country::{campaign, campaign_key, campaign_public, cbor, morning};
use crate::input::Input;

pub const TARGET: Target = Target { name: "prior", run, seeds };

fn key() -> PriorKey {
    PriorKey::of_campaign(&campaign_key())
}

fn citizen(n: u8) -> CitizenId {
    CitizenId([n; 16])
}

fn built() -> Built {
    let about = About { number: 1, built_ms: morning().0, reach: Reach::Base { to_lseq: 1_000 } };
    build(&key(), about, (0..40).map(|n| (citizen(n), Doses::new(1 + u32::from(n) % 9).unwrap()))).unwrap()
}

fn run(bytes: &[u8]) {
    let mut input = Input::of(bytes);
    match input.u8() % 3 {
        0 => {
            let content = input.rest().to_vec();
            let signature = sign(&campaign(), Manifest::DOMAIN, &content);
            looked_up(&Signed { content, signature }, None);
        }
        1 => named(input.rest()),
        _ => {
            let mut segment = built().segments.swap_remove(0);
            input.bend(&mut segment);
            named(&segment);
        }
    }
}

/// A manifest that names these bytes as its only segment.
fn named(bytes: &[u8]) {
    let mut manifest = built().manifest;
    manifest.segments[0].bytes = bytes.len() as u64;
    manifest.segments[0].sha256 = Sha256::digest(bytes).into();
    looked_up(&Signed::make(&manifest, &campaign()), Some(bytes));
}

fn looked_up(signed: &Signed, bytes: Option<&[u8]>) {
    let Ok(word) = Manifest::open(signed, campaign_public()) else { return };
    assert!(signed.content.len() <= limits::PRIOR_MANIFEST_BYTES_MAX);
    let Some(mut filter) = Filter::new(word) else { return };
    if let Some(bytes) = bytes {
        let _ = filter.put(0, bytes, bytes);
    }
    if let Ok(filters) = Filters::new(key(), filter) {
        for n in 0..=u8::MAX {
            let _ = filters.look_up(citizen(n));
        }
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let built = built();
    vec![
        [&[0][..], &cbor(&built.manifest)].concat(),
        [&[1][..], &built.segments[0]].concat(),
        vec![2, 0],
        vec![2, 1, 9, 0, 255],
    ]
}
