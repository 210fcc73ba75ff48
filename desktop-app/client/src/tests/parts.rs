use sha2::{Digest, Sha256};
use shared_model::sync::Trouble;
use shared_model::sync::feed::FeedSum;
use shared_model::sync::message::{Greeted, Snapshot};

use super::pretend::BenchEdge;
use crate::identity::Seed;
use crate::sync::courier::Courier;
use crate::sync::road::{Parcel, Reply, Road, RoadError};
use crate::sync::snapshot::{self, Begun};

const FILE_BYTES: usize = 700_000;

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

fn fetch(shelf: &mut Shelf, begun: &mut Begun) -> Result<(), Trouble> {
    let snapshot = Snapshot {
        feed: "area/26734".to_owned(),
        sha256: Sha256::digest(&shelf.file).into(),
        bytes: shelf.file.len() as u64,
        sum: FeedSum { feed: "area/26734".to_owned(), epoch: 1, seq: 9_000, sum: [0; 32] },
    };
    let seed = Seed::draw(&BenchEdge::new(1), "https://nation.test", "hem 42", "Đội hẻm 42").unwrap();
    snapshot::fetch(&mut Courier::new(shelf, seed.device, seed.device_key()), &snapshot, begun)
}

#[test]
fn a_file_cut_off_in_a_part_goes_on_from_that_part_in_the_next_sync() {
    let then = Err(RoadError::NoNetwork);
    let mut shelf = Shelf { file: vec![7; FILE_BYTES], parts: 1, then, asked: Vec::new() };
    let mut begun = Begun::default();
    assert_eq!(fetch(&mut shelf, &mut begun), Err(Trouble::NoNetwork));
    shelf.parts = 2;
    fetch(&mut shelf, &mut begun).unwrap();
    assert_eq!(shelf.asked, ["bytes=0-262143", "bytes=262144-524287", "bytes=262144-524287", "bytes=524288-699999"]);
    // Another file has nothing of this one.
    shelf.file = vec![8; FILE_BYTES];
    assert_eq!(fetch(&mut shelf, &mut begun), Err(Trouble::NoNetwork));
    assert_eq!(shelf.asked.last().unwrap(), "bytes=0-262143");
}

#[test]
fn a_login_page_is_no_part_of_a_file() {
    let then = Ok(Reply { status: 200, zstd: false, body: b"<html>Wi-Fi</html>".to_vec() });
    let mut shelf = Shelf { file: vec![7; FILE_BYTES], parts: 1, then, asked: Vec::new() };
    let mut begun = Begun::default();
    assert_eq!(fetch(&mut shelf, &mut begun), Err(Trouble::NoNetwork));
    shelf.parts = 2;
    assert_eq!(fetch(&mut shelf, &mut begun), Ok(()));
}
