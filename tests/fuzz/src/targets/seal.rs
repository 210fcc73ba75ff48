//! Two signatures over a run of entries: believed as they were made, and never with anything changed.

use shared_model::envelope::{PublicKey, Seal, Signature, SigningKeys, verify_signature};
use shared_model::ids::{AuthorId, Chain, DeviceId};

use crate::Target;
use crate::country::desk::Desk;
use crate::country::{cbor, key};
use crate::input::Input;

pub const TARGET: Target = Target { name: "seal", run, seeds };

fn run(bytes: &[u8]) {
    let mut input = Input::of(bytes);
    let (device, author) = (key(1), key(2));
    let public = (PublicKey::of(&device), PublicKey::of(&author));
    if input.u8().is_multiple_of(2) {
        // Seals, keys and signatures of any bytes: nobody made them, so nobody is believed.
        let bytes = input.rest();
        if let Ok(seal) = minicbor::decode::<Seal>(bytes) {
            assert_eq!(minicbor::decode::<Seal>(&cbor(&seal)).ok(), Some(seal));
            assert!(!seal.is_by_device(public.0) && !seal.is_by_author(public.1));
            let _ = seal.is_by_device(PublicKey(seal.chain.0));
        }
        let mut any = Input::of(bytes);
        let stranger = PublicKey(any.array());
        let signature = Signature(any.array());
        assert!(!verify_signature(public.0, b"", any.rest(), signature));
        let _ = verify_signature(stranger, b"", bytes, signature);
        return;
    }
    let keys = SigningKeys { device: &device, author: &author };
    let (id, epoch, to_seq) = (DeviceId(input.array()), u32::from_le_bytes(input.array()), input.u64());
    let seal = Seal::make(id, epoch, to_seq, Chain(input.array()), AuthorId(input.array()), &keys);
    assert!(seal.is_by_device(public.0) && seal.is_by_author(public.1));
    assert!(!seal.is_by_device(public.1) && !seal.is_by_author(public.0), "the two are not each other's");
    let mut written = cbor(&seal);
    let honest = written.clone();
    input.bend(&mut written);
    if let Ok(bent) = minicbor::decode::<Seal>(&written)
        && bent != seal
    {
        // Each signature stands behind everything but the other one.
        let same = |one: &Seal| (one.device, one.epoch, one.to_seq, one.chain, one.author);
        let told = same(&bent) == same(&seal);
        assert_eq!(bent.is_by_device(public.0), told && bent.by_device == seal.by_device, "{honest:02x?}");
        assert_eq!(bent.is_by_author(public.1), told && bent.by_author == seal.by_author, "{honest:02x?}");
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let mut desk = Desk::new(1);
    super::message::says_something(&mut desk);
    vec![
        [&[0][..], &cbor(&desk.seals[0])].concat(),
        [&[1][..], &[7; 76], &[2, 10, 0, 9, 90, 0, 3]].concat(),
        [&[1][..], &[0; 76], &[1, 120, 0, 9]].concat(),
    ]
}
