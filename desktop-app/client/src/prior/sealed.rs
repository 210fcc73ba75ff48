//! A segment's file as it lies on this laptop: blocks, each encrypted by itself, so that three bytes of it are read
//! without the rest and damage is noticed wherever it is.
//!
//! The key of a file is made from the hash of what is in it: under one key, a block is only ever encrypted with one content, and its
//! number may be its nonce.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hkdf::Hkdf;
use sha2::Sha256;
use shared_model::ids::to_hex;
use shared_model::prior::SlotBytes;
use zeroize::Zeroizing;

use crate::files;

/// With its tag, a page of the disk.
pub const BLOCK_BYTES: usize = 4096 - TAG_BYTES;
const TAG_BYTES: usize = 16;

const OF_FILE: &[u8] = b"so-tiem/prior/file/1\0";

/// The key all files of this laptop are encrypted under.
#[derive(Clone)]
pub struct FilesKey(Arc<Zeroizing<[u8; 32]>>);

impl FilesKey {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Arc::new(Zeroizing::new(bytes)))
    }

    fn of_file(&self, sha256: [u8; 32]) -> ChaCha20Poly1305 {
        let mut key = Zeroizing::new([0; 32]);
        // Thirty-two bytes are never too long.
        let _ = Hkdf::<Sha256>::new(Some(&sha256), self.0.as_slice()).expand(OF_FILE, key.as_mut_slice());
        ChaCha20Poly1305::new((&*key).into())
    }
}

fn nonce(block: u64) -> Nonce {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&block.to_be_bytes());
    nonce.into()
}

/// Where a whole file lies, and where one that is still coming does.
pub fn path_of(folder: &Path, sha256: [u8; 32]) -> PathBuf {
    folder.join(to_hex(&sha256))
}

fn partial_of(folder: &Path, sha256: [u8; 32]) -> PathBuf {
    folder.join(format!("{}.part", to_hex(&sha256)))
}

/// A file that is still coming. What has come stays when it is dropped.
pub struct Coming {
    partial: PathBuf,
    whole: PathBuf,
    file: File,
    cipher: ChaCha20Poly1305,
    blocks: u64,
}

impl Coming {
    /// Goes on where an earlier try was cut off, be it in the middle of a block.
    pub fn resume(folder: &Path, key: &FilesKey, sha256: [u8; 32]) -> io::Result<Self> {
        let partial = partial_of(folder, sha256);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&partial)?;
        let sealed = (BLOCK_BYTES + TAG_BYTES) as u64;
        let blocks = file.metadata()?.len() / sealed;
        file.set_len(blocks * sealed)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self { partial, whole: path_of(folder, sha256), file, cipher: key.of_file(sha256), blocks })
    }

    /// Bytes of content that have come.
    pub fn bytes(&self) -> u64 {
        self.blocks * BLOCK_BYTES as u64
    }

    /// Adds content: whole blocks, and only at the very end less than one.
    pub fn add(&mut self, content: &[u8]) -> io::Result<()> {
        for block in content.chunks(BLOCK_BYTES) {
            let sealed = self.cipher.encrypt(&nonce(self.blocks), block).map_err(|_| ErrorKind::InvalidInput)?;
            self.file.write_all(&sealed)?;
            self.blocks += 1;
        }
        Ok(())
    }

    /// Everything that has come, or nothing where a block does not read back as it was written.
    pub fn content(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut sealed = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut sealed)?;
        let mut content = Vec::with_capacity(sealed.len());
        for (block, number) in sealed.chunks(BLOCK_BYTES + TAG_BYTES).zip(0..) {
            let Ok(opened) = self.cipher.decrypt(&nonce(number), block) else { return Ok(None) };
            content.extend(opened);
        }
        Ok(Some(content))
    }

    /// It is whole and what it should be: from now on it is read from.
    pub fn keep(self) -> Result<(), files::FileError> {
        self.file.sync_all()?;
        files::rename(&self.partial, &self.whole)
    }

    /// It is not what it should be: the next try begins anew.
    pub fn give_up(self) -> Result<(), files::FileError> {
        files::remove_if_there(&self.partial)
    }
}

/// Files in which a block did not read back: whoever closes them removes them, and they are fetched again.
#[derive(Clone, Default)]
pub struct Damaged(Arc<Mutex<BTreeSet<[u8; 32]>>>);

impl Damaged {
    fn note(&self, sha256: [u8; 32]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(sha256);
    }

    pub fn is_any(&self) -> bool {
        !self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    pub fn take(&self) -> BTreeSet<[u8; 32]> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A whole file, to be read from in places.
pub struct Sealed {
    file: Mutex<File>,
    cipher: ChaCha20Poly1305,
    sha256: [u8; 32],
    damaged: Damaged,
}

impl Sealed {
    pub fn open(folder: &Path, key: &FilesKey, sha256: [u8; 32], damaged: Damaged) -> io::Result<Self> {
        let file = Mutex::new(File::open(path_of(folder, sha256))?);
        Ok(Self { file, cipher: key.of_file(sha256), sha256, damaged })
    }

    pub fn block(&self, number: u64) -> Option<Vec<u8>> {
        let opened = self.sealed_block(number).ok().and_then(|sealed| {
            // The last block is shorter.
            self.cipher.decrypt(&nonce(number), sealed.as_slice()).ok()
        });
        if opened.is_none() {
            self.damaged.note(self.sha256);
        }
        opened
    }

    fn sealed_block(&self, number: u64) -> io::Result<Vec<u8>> {
        let length = (BLOCK_BYTES + TAG_BYTES) as u64;
        let mut sealed = Vec::with_capacity(BLOCK_BYTES + TAG_BYTES);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(number.saturating_mul(length)))?;
        (&*file).take(length).read_to_end(&mut sealed)?;
        Ok(sealed)
    }
}

impl SlotBytes for Sealed {
    fn three(&self, at: u64) -> Option<[u8; 3]> {
        let block_bytes = BLOCK_BYTES as u64;
        let from = usize::try_from(at % block_bytes).ok()?;
        let first = self.block(at / block_bytes)?;
        let mut three: Vec<u8> = first.get(from..)?.iter().copied().take(3).collect();
        if three.len() < 3 {
            let next = self.block(at / block_bytes + 1)?;
            three.extend(next.iter().take(3 - three.len()));
        }
        three.try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const NAME: [u8; 32] = [7; 32];

    fn content(bytes: usize) -> Vec<u8> {
        (0..bytes).map(|at| u8::try_from(at % 251).unwrap()).collect()
    }

    fn kept(folder: &Path, bytes: usize) -> Sealed {
        let key = FilesKey::new([3; 32]);
        let mut coming = Coming::resume(folder, &key, NAME).unwrap();
        coming.add(&content(bytes)).unwrap();
        assert_eq!(coming.content().unwrap().unwrap(), content(bytes));
        coming.keep().unwrap();
        Sealed::open(folder, &key, NAME, Damaged::default()).unwrap()
    }

    #[test]
    fn any_three_bytes_are_read_across_blocks_too_and_none_behind_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = 2 * BLOCK_BYTES + 100;
        let (sealed, wanted) = (kept(folder.path(), bytes), content(bytes));
        for at in [0, 1, BLOCK_BYTES - 3, BLOCK_BYTES - 2, BLOCK_BYTES - 1, BLOCK_BYTES, 2 * BLOCK_BYTES, bytes - 3] {
            assert_eq!(sealed.three(at as u64).unwrap(), wanted[at..at + 3], "{at}");
        }
        assert_eq!(sealed.three(bytes as u64 - 2), None);
    }

    #[test]
    fn a_file_cut_off_in_the_middle_of_a_block_goes_on_with_that_block() {
        let folder = tempfile::tempdir().unwrap();
        let (key, wanted) = (FilesKey::new([3; 32]), content(3 * BLOCK_BYTES));
        let mut coming = Coming::resume(folder.path(), &key, NAME).unwrap();
        coming.add(&wanted[..2 * BLOCK_BYTES]).unwrap();
        coming.file.set_len(2 * 4096 - 5).unwrap();
        drop(coming);
        let mut again = Coming::resume(folder.path(), &key, NAME).unwrap();
        assert_eq!(again.bytes(), BLOCK_BYTES as u64);
        again.add(&wanted[BLOCK_BYTES..]).unwrap();
        assert_eq!(again.content().unwrap().unwrap(), wanted);
    }

    #[test]
    fn a_flipped_bit_is_noticed_where_it_is_read_and_the_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let sealed = kept(folder.path(), 3 * BLOCK_BYTES);
        let path = path_of(folder.path(), NAME);
        let mut bytes = fs::read(&path).unwrap();
        bytes[4096 + 17] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(sealed.three(0).is_some() && !sealed.damaged.is_any());
        assert_eq!(sealed.three(BLOCK_BYTES as u64), None);
        assert_eq!(sealed.damaged.take(), BTreeSet::from([NAME]));
    }

    #[test]
    fn blocks_can_not_be_taken_for_one_another() {
        let folder = tempfile::tempdir().unwrap();
        drop(kept(folder.path(), 2 * BLOCK_BYTES));
        let path = path_of(folder.path(), NAME);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, [&bytes[4096..], &bytes[..4096]].concat()).unwrap();
        let swapped = Sealed::open(folder.path(), &FilesKey::new([3; 32]), NAME, Damaged::default()).unwrap();
        assert_eq!(swapped.three(0), None);
    }
}
