//! Whatever gives bytes from a place: a file on a stick, or bytes in memory.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

pub trait Medium {
    /// Bytes from so far on, at most as many as fit; none at the end.
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<usize>;
}

impl Medium for File {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        self.seek(SeekFrom::Start(at))?;
        self.read(into)
    }
}

impl Medium for &[u8] {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(at).ok().and_then(|at| self.get(at..)).unwrap_or_default();
        let bytes = rest.len().min(into.len());
        into[..bytes].copy_from_slice(&rest[..bytes]);
        Ok(bytes)
    }
}
