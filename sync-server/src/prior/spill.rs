//! Marks and doses on their way to their segments: one file each, so that of a nation only one segment's are ever in
//! memory. They are as secret as the key, and gone when the build ends, however it ends.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use shared_model::ids::CitizenId;
use shared_model::prior::{BuildError, Doses, Mark, PriorKey, Split};

use super::PriorError;
use crate::disk::{private_directory, private_file};
use crate::store::rows::Taker;

/// Of 256 segments: 16 MB.
const BUFFER_BYTES: usize = 64 * 1024;
/// A mark, and how many doses.
const RECORD_BYTES: usize = 9;

pub(super) struct Spill {
    directory: PathBuf,
    key: PriorKey,
    split: Option<Split>,
    files: Vec<BufWriter<File>>,
    /// The first thing that went wrong; after it nothing is taken.
    wrong: Option<PriorError>,
}

impl Spill {
    /// Begins in a directory of its own, which is emptied of what a cut-off build left.
    pub fn begin(directory: PathBuf, key: PriorKey) -> io::Result<Self> {
        clear(&directory)?;
        private_directory(&directory)?;
        Ok(Self { directory, key, split: None, files: Vec::new(), wrong: None })
    }

    /// Nothing more comes: tells how the marks were shared out.
    pub fn close(&mut self) -> Result<Split, PriorError> {
        if let Some(wrong) = self.wrong.take() {
            return Err(wrong);
        }
        self.files.drain(..).try_for_each(|mut file| file.flush())?;
        self.split.ok_or(PriorError::Filter(BuildError::TooMany))
    }

    /// Everything of one segment, in the order it came.
    pub fn segment(&self, number: u16) -> io::Result<Vec<(Mark, Doses)>> {
        let file = File::open(file_of(&self.directory, number))?;
        let records = usize::try_from(file.metadata()?.len()).unwrap_or(0) / RECORD_BYTES;
        let (mut file, mut known) = (BufReader::with_capacity(BUFFER_BYTES, file), Vec::with_capacity(records));
        for _ in 0..records {
            let (mut mark, mut doses) = ([0; 8], [0]);
            file.read_exact(&mut mark)?;
            file.read_exact(&mut doses)?;
            let doses = Doses::new(doses[0].into()).ok_or(ErrorKind::InvalidData)?;
            known.push((Mark(u64::from_be_bytes(mark)), doses));
        }
        Ok(known)
    }

    fn open(&mut self, citizens: u64) -> Result<(), PriorError> {
        let split = Split::for_citizens(citizens).ok_or(BuildError::TooMany)?;
        for number in 0..split.segments() {
            let file = private_file(&file_of(&self.directory, number))?;
            self.files.push(BufWriter::with_capacity(BUFFER_BYTES, file));
        }
        self.split = Some(split);
        Ok(())
    }

    fn put(&mut self, card: CitizenId, doses: Doses) -> io::Result<()> {
        let mark = Mark::of(&self.key, card);
        let number = self.split.map_or(0, |split| split.of(mark));
        let file = self.files.get_mut(usize::from(number)).ok_or(ErrorKind::InvalidInput)?;
        file.write_all(&mark.0.to_be_bytes())?;
        file.write_all(&[doses.get()])
    }
}

impl Taker for Spill {
    fn expect(&mut self, citizens: u64) {
        self.wrong = self.open(citizens).err();
    }

    fn take(&mut self, card: CitizenId, doses: u32) {
        if self.wrong.is_none()
            && let Some(doses) = Doses::new(doses)
        {
            self.wrong = self.put(card, doses).err().map(PriorError::Files);
        }
    }
}

impl Drop for Spill {
    fn drop(&mut self) {
        // What can't be removed now is when the next build begins.
        let _ = clear(&self.directory);
    }
}

fn file_of(directory: &Path, number: u16) -> PathBuf {
    directory.join(number.to_string())
}

fn clear(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(wrong) if wrong.kind() != ErrorKind::NotFound => Err(wrong),
        _ => Ok(()),
    }
}
