//! Filters on a bad road: cut anywhere, wrong for once, superseded on the way; the laptop goes on with what it has.

use std::collections::BTreeMap;
use std::fs;

use ed25519_dalek::SigningKey;
use shared_model::certificate::Signed;
use shared_model::ids::{CitizenId, PriorId, to_hex};
use shared_model::prior::{About, Doses, Prior, PriorAnswer, PriorKey, Reach, build};
use shared_model::sync::message::{Greeted, PROTOCOL};

use super::bench::Bench;
use crate::prior::Asked;
use crate::sync::courier::Courier;
use crate::sync::prior::fetch;
use crate::sync::road::{Parcel, Reply, Road, RoadError};

/// Enough for two parts and a bit.
const MANY: u64 = 300_000;

fn citizen(n: u64) -> CitizenId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    id[8..].copy_from_slice(&n.to_be_bytes());
    CitizenId(id)
}

/// A server that knows filters and nothing else.
#[derive(Default)]
struct Shelves {
    answer: Vec<u8>,
    files: BTreeMap<String, Vec<u8>>,
    /// Parts it hands out before the line is cut.
    parts: Option<u32>,
    /// Every part has a flipped bit.
    harm: bool,
    asked: u32,
    /// First bytes of the parts that were asked for.
    from: Vec<usize>,
}

impl Shelves {
    /// A base of these many citizens with two doses each, and in place of a clock its number.
    fn of(number: u32, citizens: u64, campaign: &SigningKey) -> Self {
        let key = PriorKey::new([u8::try_from(number).unwrap(); 32]);
        let about = About { number, built_ms: 0, reach: Reach::Base { to_lseq: 1 } };
        let two = Doses::new(2).unwrap();
        let built = build(&key, about, (0..citizens).map(|n| (citizen(n), two))).unwrap();
        let signed = Signed::make(&built.manifest, campaign);
        let words = built.manifest.segments.iter().map(|word| format!("/device/prior/{}", to_hex(&word.sha256)));
        Self {
            answer: minicbor::to_vec(PriorAnswer::new(&key, vec![signed])).unwrap(),
            files: words.zip(built.segments).collect(),
            ..Self::default()
        }
    }

    fn part(&mut self, parcel: &Parcel) -> Result<Reply, RoadError> {
        if let Some(left) = &mut self.parts {
            *left = left.checked_sub(1).ok_or(RoadError::NoNetwork)?;
        }
        let range = parcel.headers.iter().find(|(name, _)| *name == "range").unwrap().1.clone();
        let (from, to) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
        self.from.push(from);
        let mut body = self.files[&parcel.path][from..=to].to_vec();
        if self.harm {
            body[0] ^= 1;
        }
        Ok(Reply { status: 206, zstd: false, body })
    }
}

impl Road for Shelves {
    fn carry(&mut self, parcel: &Parcel) -> Result<Reply, RoadError> {
        let told = |body: Vec<u8>| Ok(Reply { status: 200, zstd: false, body });
        match parcel.path.as_str() {
            "/device/greet" => {
                told(minicbor::to_vec(Greeted { nonce: vec![1], protocol: PROTOCOL, hub: None }).unwrap())
            }
            "/device/prior" => {
                self.asked += 1;
                told(self.answer.clone())
            }
            _ => self.part(parcel),
        }
    }
}

fn campaign() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

impl Bench {
    /// What follows a sync that went well.
    fn fetches(&self, shelves: &mut Shelves) {
        let seed = self.desk.laptop.lock().unwrap().as_ref().unwrap().seed.clone();
        fetch(&self.desk.laptop, &mut Courier::new(shelves, seed.device, seed.device_key()), true);
    }

    /// An hour later, with another server's word.
    fn asks_again(&self, shelves: &mut Shelves) {
        self.desk.laptop.lock().unwrap().as_mut().unwrap().prior.asked = Asked::default();
        self.fetches(shelves);
    }

    fn looks_up(&self, n: u64) -> Prior {
        self.desk.laptop.lock().unwrap().as_ref().unwrap().prior.look_up(citizen(n))
    }

    fn files(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder.join("prior")).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn bytes_missing(&self) -> Option<u64> {
        let laptop = self.desk.laptop.lock().unwrap();
        laptop.as_ref().unwrap().prior.state().map(|state| state.bytes_missing)
    }
}

fn two_doses() -> Prior {
    Prior::MayHave(Doses::new(2).unwrap())
}

#[test]
fn a_download_goes_on_where_it_was_cut_also_after_the_power_was() {
    let bench = Bench::enrolled(41);
    let mut shelves = Shelves::of(1, MANY, &campaign());
    shelves.parts = Some(1);
    bench.fetches(&mut shelves);
    assert_eq!((bench.looks_up(5), shelves.from.as_slice()), (Prior::NoneKnown, &[0][..]));
    bench.desk.lock().unwrap();
    bench.unlock(super::bench::PIN).unwrap();
    shelves.parts = None;
    bench.fetches(&mut shelves);
    assert_eq!(bench.looks_up(5), two_doses());
    let part = 64 * 4080;
    assert_eq!(shelves.from, [0, part, 2 * part], "no part came twice");
    assert_eq!(bench.bytes_missing(), Some(0));
    // Nothing is left to fetch, and it is not time to ask.
    let asked = shelves.asked;
    bench.fetches(&mut shelves);
    assert_eq!((shelves.asked, shelves.from.len()), (asked, 3));
}

#[test]
fn what_came_last_is_in_force_until_the_new_base_is_whole() {
    let bench = Bench::enrolled(42);
    bench.fetches(&mut Shelves::of(1, 10, &campaign()));
    let before = bench.files();
    let mut next = Shelves::of(2, MANY, &campaign());
    next.parts = Some(1);
    bench.asks_again(&mut next);
    assert_eq!((bench.looks_up(5), bench.looks_up(MANY - 1)), (two_doses(), Prior::NoneKnown));
    assert!(before.iter().all(|file| bench.files().contains(file)));
    next.parts = None;
    bench.fetches(&mut next);
    assert_eq!((bench.looks_up(5), bench.looks_up(MANY - 1)), (two_doses(), two_doses()));
    assert!(!before.iter().any(|file| bench.files().contains(file)), "the old one is gone");
    assert_eq!(bench.files().len(), 1);
}

#[test]
fn whoever_has_something_to_say_does_not_wait_for_a_filter() {
    let bench = Bench::enrolled(43);
    bench.registers_khai();
    let mut shelves = Shelves::of(1, 10, &campaign());
    bench.fetches(&mut shelves);
    assert_eq!((shelves.asked, shelves.from.len()), (1, 0));
}

#[test]
fn a_segment_that_is_twice_not_the_right_one_is_left_for_later() {
    let bench = Bench::enrolled(44);
    let mut shelves = Shelves { harm: true, ..Shelves::of(1, 10, &campaign()) };
    bench.fetches(&mut shelves);
    assert_eq!((shelves.from.as_slice(), bench.looks_up(5)), (&[0, 0][..], Prior::NoneKnown));
    shelves.harm = false;
    bench.fetches(&mut shelves);
    assert_eq!(bench.looks_up(5), two_doses());
}

#[test]
fn filters_of_another_campaign_or_under_another_key_are_not_taken() {
    let bench = Bench::enrolled(45);
    bench.fetches(&mut Shelves::of(1, 10, &campaign()));
    let foreign = Shelves::of(2, 20, &SigningKey::from_bytes(&[8; 32]));
    let mut no_key = Shelves::of(3, 20, &campaign());
    let answer: PriorAnswer = minicbor::decode(&no_key.answer).unwrap();
    no_key.answer = minicbor::to_vec(PriorAnswer::new(&PriorKey::new([0; 32]), answer.manifests.clone())).unwrap();
    for mut shelves in [foreign, no_key] {
        bench.asks_again(&mut shelves);
        assert!(shelves.asked == 1 && shelves.from.is_empty());
        assert_eq!((bench.looks_up(5), bench.looks_up(15)), (two_doses(), Prior::NoneKnown));
    }
}

#[test]
fn a_delta_answers_once_it_is_whole_and_its_base_goes_on() {
    let bench = Bench::enrolled(46);
    let mut shelves = Shelves::of(1, 10, &campaign());
    bench.fetches(&mut shelves);
    let base: PriorAnswer = minicbor::decode(&shelves.answer).unwrap();
    let key = base.key().unwrap();
    let reach = Reach::Delta { on: PriorId::of(&base.manifests[0]), after_lseq: 1, to_lseq: 2 };
    let three = Doses::new(3).unwrap();
    let delta =
        build(&key, About { number: 2, built_ms: 0, reach }, [(citizen(5), three), (citizen(50), three)]).unwrap();
    let signed = Signed::make(&delta.manifest, &campaign());
    let path = format!("/device/prior/{}", to_hex(&delta.manifest.segments[0].sha256));
    shelves.answer = minicbor::to_vec(PriorAnswer::new(&key, vec![base.manifests[0].clone(), signed])).unwrap();
    shelves.files.insert(path, delta.segments[0].clone());
    shelves.parts = Some(0);
    bench.asks_again(&mut shelves);
    assert_eq!((bench.looks_up(5), bench.looks_up(50)), (two_doses(), Prior::NoneKnown));
    shelves.parts = None;
    bench.fetches(&mut shelves);
    assert_eq!([5, 6, 50].map(|n| bench.looks_up(n)), [Prior::MayHave(three), two_doses(), Prior::MayHave(three)]);
}
