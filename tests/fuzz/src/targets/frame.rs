//! What the segments of a stick hold: frames, whole or not. However the bytes are cut, the same comes out.

use sha2::{Digest, Sha256};
use shared_model::certificate::Signed;
use shared_model::ids::BundleId;
use shared_model::sync::bundle::{
    CampaignTag, Certificates, Content, Folded, Frame, MAGIC, Manifest, Reader, read, write,
};

use crate::Target;
use crate::country::desk::Desk;
use crate::country::{campaign, campaign_public, device, morning};
use crate::input::{Input, sized};

pub const TARGET: Target = Target { name: "frame", run, seeds };

/// Bytes as they are, or frames whose sums hold, whatever is in them.
fn run(bytes: &[u8]) {
    let mut input = Input::of(bytes);
    let (how, step) = (input.u8(), usize::from(input.u8()).max(1));
    let bytes = if how.is_multiple_of(2) { input.rest().to_vec() } else { summed(&mut input) };
    let stick = read(&bytes, campaign_public());
    assert_eq!(stick.report.bytes, bytes.len() as u64);
    assert!(stick.frames.iter().map(|frame| frame.payload.len()).sum::<usize>() <= bytes.len());
    let mut reader = Reader::new(campaign_public());
    let frames: Vec<Frame> = bytes.chunks(step).flat_map(|piece| reader.feed(piece)).collect();
    assert_eq!((frames, reader.finish()), (stick.frames.clone(), stick.report.clone()));
    for frame in &stick.frames {
        if let Ok(content) = stick::open(frame) {
            assert_eq!(content.kind(), frame.kind);
        }
    }
    let _ = stick.report.told(|bundle| bundle.0[0] == 0, morning());
}

/// A row of frames made by hand: head, sum and escapes are as they must be.
fn summed(input: &mut Input<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !input.is_empty() {
        let mut head = vec![1, 1, input.u8() % 8, input.u8() % 3];
        let odd = input.u8();
        head[1] += odd % 2;
        head.extend(CampaignTag::of(campaign_public()).0.map(|byte| if odd % 16 == 15 { !byte } else { byte }));
        head.extend([odd / 128; 16]);
        head.extend((u32::from(odd) / 2 % 8).to_be_bytes());
        let payload = input.sized();
        head.extend((payload.len() as u32 + u32::from(odd % 32 == 31)).to_be_bytes());
        let sum = Sha256::digest([b"so-tiem/frame/1\0", head.as_slice(), payload].concat());
        bytes.extend(MAGIC);
        for byte in [head.as_slice(), &sum, payload].concat() {
            bytes.push(byte);
            if byte == MAGIC[0] {
                bytes.push(0);
            }
        }
    }
    bytes
}

pub(super) fn manifest() -> Manifest {
    Manifest {
        bundle: BundleId([0; 16]),
        campaign: campaign_public(),
        maker: device(1),
        made_ms: morning().0,
        ranges: Vec::new(),
        feeds: Vec::new(),
        frames: None,
    }
}

/// A small stick: who speaks, and a range of the log.
pub(super) fn contents() -> Vec<Content> {
    let mut desk = Desk::new(1);
    super::message::says_something(&mut desk);
    let certificates = Certificates {
        authors: vec![Signed::make(&desk.person.certificate(desk.device), &campaign())],
        devices: vec![Signed::make(&desk.certificate(), &campaign())],
        hubs: None,
    };
    vec![Content::Certificates(certificates), Content::Push(desk.push(1, desk.head.seq))]
}

pub(super) fn frames() -> Vec<u8> {
    write(manifest(), contents(), Folded::raw).map(Result::unwrap).collect::<Vec<_>>().concat()
}

fn seeds() -> Vec<Vec<u8>> {
    let whole = frames();
    let by_hand = |kind: u8, odd: u8, payload: &[u8]| [&[kind, 0, odd][..], &sized(payload)].concat();
    let hands: Vec<u8> = contents().iter().flat_map(|one| by_hand(one.kind().number(), 4, &one.to_cbor())).collect();
    vec![
        [&[0, 7][..], &whole].concat(),
        [&[0, 1][..], &whole[..whole.len() - 9]].concat(),
        [&[1, 3][..], &by_hand(0, 0, &Content::Manifest(manifest()).to_cbor()), &hands].concat(),
        [&[1, 200][..], &by_hand(7, 1, b"later"), &by_hand(2, 15, b"foreign"), &by_hand(2, 31, b"short")].concat(),
    ]
}
