use sha2::{Digest, Sha256};
use shared_model::envelope::PublicKey;
use shared_model::sync::Trouble;
use shared_model::sync::feed::Cursor;
use shared_model::sync::message::Greeted;
use shared_model::sync::segment::{CheckedChunk, Segment, Stretch};

use super::pretend::BenchEdge;
use crate::identity::Seed;
use crate::sync::courier::Courier;
use crate::sync::road::{Parcel, Reply, Road, RoadError};
use crate::sync::segment::{self, Begun};

const FILE_BYTES: usize = 700_000;

/// A frame that zstd steps over: a file of a stretch without entries, as long as one likes.
fn file(with: u8) -> Vec<u8> {
    let stepped_over = FILE_BYTES - 8;
    let mut file = vec![0x50, 0x2a, 0x4d, 0x18];
    file.extend_from_slice(&u32::try_from(stepped_over).unwrap().to_le_bytes());
    file.resize(FILE_BYTES, with);
    file
}

/// A server with one file, on a road that carries so many parts before something else happens to the next.
struct Shelf {
    file: Vec<u8>,
    parts: usize,
    then: Result<Reply, RoadError>,
    asked: Vec<String>,
}

impl Road for Shelf {
    fn carry(&mut self, parcel: &Parcel) -> Result<Reply, RoadError> {
        let Some((_, range)) = parcel.headers.iter().find(|(name, _)| *name == "range") else {
            let body = minicbor::to_vec(Greeted { nonce: vec![1; 40], protocol: 1, hub: None }).unwrap();
            return Ok(Reply { status: 200, zstd: false, body });
        };
        self.asked.push(range.clone());
        if self.parts == 0 {
            return self.then.clone();
        }
        self.parts -= 1;
        let (from, to) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        let body = self.file[from.parse().unwrap()..=to.parse().unwrap()].to_vec();
        Ok(Reply { status: 206, zstd: false, body })
    }
}

type Fetched = Result<Option<Vec<CheckedChunk>>, Trouble>;

fn fetch(shelf: &mut Shelf, begun: &mut Begun) -> Fetched {
    let sha256 = Sha256::digest(&shelf.file).into();
    fetch_as(shelf, begun, sha256)
}

fn fetch_as(shelf: &mut Shelf, begun: &mut Begun, sha256: [u8; 32]) -> Fetched {
    let at = Cursor::start("area/26734".to_owned(), 1);
    let (first, last, bytes) = (1, 0, shelf.file.len() as u64);
    let segment = Segment { first, before: at.sum, last, sum: at.sum, sha256, bytes };
    let seed = Seed::draw(&BenchEdge::new(1), "https://nation.test", "hem 42", "Đội hẻm 42").unwrap();
    let mut courier = Courier::new(shelf, seed.device, seed.device_key());
    segment::fetch(&mut courier, &Stretch { at, segment }, begun, PublicKey([0; 32]))
}

#[test]
fn a_file_cut_off_in_a_part_goes_on_from_that_part_in_the_next_sync() {
    let then = Err(RoadError::NoNetwork);
    let mut shelf = Shelf { file: file(7), parts: 1, then, asked: Vec::new() };
    let mut begun = Begun::default();
    assert_eq!(fetch(&mut shelf, &mut begun), Err(Trouble::NoNetwork));
    shelf.parts = 2;
    assert_eq!(fetch(&mut shelf, &mut begun), Ok(Some(Vec::new())));
    assert_eq!(shelf.asked, ["bytes=0-262143", "bytes=262144-524287", "bytes=262144-524287", "bytes=524288-699999"]);
    // Another file has nothing of this one.
    shelf.file = file(8);
    assert_eq!(fetch(&mut shelf, &mut begun), Err(Trouble::NoNetwork));
    assert_eq!(shelf.asked.last().unwrap(), "bytes=0-262143");
}

#[test]
fn a_file_that_is_not_the_one_announced_is_no_file_and_leaves_nothing_to_go_on_from() {
    let mut shelf = Shelf { file: file(7), parts: 3, then: Err(RoadError::NoNetwork), asked: Vec::new() };
    let mut begun = Begun::default();
    let announced = Sha256::digest(file(8)).into();
    assert_eq!(fetch_as(&mut shelf, &mut begun, announced), Ok(None));
    (shelf.file, shelf.parts) = (file(8), 3);
    assert_eq!(fetch_as(&mut shelf, &mut begun, announced), Ok(Some(Vec::new())));
    assert_eq!(shelf.asked[3], "bytes=0-262143");
}

#[test]
fn a_login_page_is_no_part_of_a_file() {
    let then = Ok(Reply { status: 200, zstd: false, body: b"<html>Wi-Fi</html>".to_vec() });
    let mut shelf = Shelf { file: file(7), parts: 1, then, asked: Vec::new() };
    let mut begun = Begun::default();
    assert_eq!(fetch(&mut shelf, &mut begun), Err(Trouble::NoNetwork));
    shelf.parts = 2;
    assert_eq!(fetch(&mut shelf, &mut begun), Ok(Some(Vec::new())));
}
