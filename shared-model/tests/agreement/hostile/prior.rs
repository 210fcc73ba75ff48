use sha2::{Digest, Sha256};
use shared_model::certificate::{CampaignWord, Signed};
use shared_model::envelope::sign;
use shared_model::ids::PriorId;
use shared_model::limits;
use shared_model::prior::{Built, Filter, Filters, Manifest};

use super::Door;
use super::envelopes::word;
use crate::country::{campaign, campaign_public, cbor};
use crate::prior::{base_of, citizen, delta_of, doses, key, signed};

pub fn doors() -> Vec<Door> {
    [doors_of_cbor(), vec![of_segment()]].into_iter().flatten().collect()
}

fn filters() -> [Built; 2] {
    let base = base_of([(citizen(1, 1), doses(2))]);
    let delta = delta_of(&base, (1_000, 1_100), [(citizen(1, 2), doses(1))]);
    [base, delta]
}

pub fn doors_of_cbor() -> Vec<Door> {
    let manifests = filters().map(|built| built.manifest);
    let (contents, messages) = (manifests.each_ref().map(cbor), manifests.each_ref().map(|one| cbor(&signed(one))));
    let opens = |signed: &Signed| Manifest::open(signed, campaign_public()).is_ok_and(|word| looked_up(word, None));
    vec![
        word("Manifest", manifests),
        // A campaign that signs whatever it is given: its own server gone mad.
        Door::new("Manifest::open", contents, move |bytes| {
            // What is too large is refused before anybody asks who signed it.
            let worth = if bytes.len() > limits::PRIOR_MANIFEST_BYTES_MAX { &[] } else { bytes };
            let signature = sign(&campaign(), Manifest::DOMAIN, worth);
            opens(&Signed { content: bytes.to_vec(), signature })
        }),
        Door::new("Manifest::open of a stranger", messages, move |bytes| {
            minicbor::decode(bytes).is_ok_and(|signed: Signed| opens(&signed))
        }),
    ]
}

/// A manifest that names whatever bytes come.
fn of_segment() -> Door {
    let [base, _] = filters();
    Door::new("Filter::put", base.segments.clone(), move |bytes| {
        let mut manifest = base.manifest.clone();
        manifest.segments[0].bytes = bytes.len() as u64;
        manifest.segments[0].sha256 = Sha256::digest(bytes).into();
        Manifest::open(&signed(&manifest), campaign_public()).is_ok_and(|word| looked_up(word, Some(bytes)))
    })
}

fn looked_up(word: (PriorId, Manifest), bytes: Option<&[u8]>) -> bool {
    let Some(mut filter) = Filter::new(word) else {
        return false;
    };
    let is_taken = bytes.is_none_or(|bytes| filter.put(0, bytes, bytes).is_ok());
    if let Ok(filters) = Filters::new(key(), filter) {
        for n in 0..5 {
            filters.look_up(citizen(1, n));
        }
    }
    is_taken
}
