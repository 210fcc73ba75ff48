//! What a scanner and its decoding process say to each other: a greeting, then a frame and its
//! reads, in turn. Every message begins with its length, and every length has a limit.

use std::io::{self, ErrorKind, Read, Write};

use thiserror::Error;

use crate::decode::{READ_BYTES_MAX, READS_MAX, Symbols, corners_are_in_frame};
use crate::frame::{FRAME_SIDE_PIXELS_MAX, Luma};
use crate::read::{Corners, Point, RawRead, Symbology};

/// The first words of a decoding process. A program that was started by mistake says something
/// else, or nothing.
pub(crate) const GREETING: [u8; 16] = *b"so-tiem decode 1";

const FRAME_HEAD_BYTES: usize = 1 + 4 + 4;
const FRAME_BYTES_MAX: usize = FRAME_HEAD_BYTES + (FRAME_SIDE_PIXELS_MAX as usize * FRAME_SIDE_PIXELS_MAX as usize);
const READ_HEAD_BYTES: usize = 1 + 8 * 4 + 2;
const READS_BYTES_MAX: usize = 1 + READS_MAX * (READ_HEAD_BYTES + READ_BYTES_MAX);

/// Why a message was not understood. After any of these nothing more can be.
#[derive(Debug, Error)]
pub enum WireError {
    #[error("the other process cannot be reached")]
    Pipe(#[source] io::Error),
    #[error("a message of {bytes} bytes is too long")]
    TooLong { bytes: usize },
    #[error("a message makes no sense")]
    Rubbish,
}

pub(crate) fn write_frame(to: &mut impl Write, symbols: Symbols, frame: &Luma) -> Result<(), WireError> {
    let mut head = Vec::with_capacity(4 + FRAME_HEAD_BYTES);
    head.extend(length(FRAME_HEAD_BYTES + frame.pixels())?);
    head.push(match symbols {
        Symbols::Qr => 0,
        Symbols::QrAndDataMatrix => 1,
    });
    head.extend(frame.width().to_le_bytes());
    head.extend(frame.height().to_le_bytes());
    to.write_all(&head).map_err(WireError::Pipe)?;
    to.write_all(frame.bytes()).map_err(WireError::Pipe)?;
    to.flush().map_err(WireError::Pipe)
}

/// Reads the next frame, or `None` when the scanner has hung up.
pub(crate) fn read_frame(from: &mut impl Read) -> Result<Option<(Symbols, Luma)>, WireError> {
    let Some(mut message) = read_message(from, FRAME_BYTES_MAX)? else { return Ok(None) };
    let mut head = Words(message.get(..FRAME_HEAD_BYTES).ok_or(WireError::Rubbish)?);
    let symbols = match head.byte()? {
        0 => Symbols::Qr,
        1 => Symbols::QrAndDataMatrix,
        _ => return Err(WireError::Rubbish),
    };
    let (width, height) = (u32::from_le_bytes(head.array()?), u32::from_le_bytes(head.array()?));
    message.drain(..FRAME_HEAD_BYTES);
    let frame = Luma::new(width, height, message).map_err(|_| WireError::Rubbish)?;
    Ok(Some((symbols, frame)))
}

pub(crate) fn write_reads(to: &mut impl Write, reads: &[RawRead]) -> Result<(), WireError> {
    let mut message = vec![u8::try_from(reads.len()).map_err(|_| WireError::Rubbish)?];
    for read in reads {
        message.push(match read.symbology {
            Symbology::Qr => 0,
            Symbology::Gs1Qr => 1,
            Symbology::DataMatrix => 2,
            Symbology::Gs1DataMatrix => 3,
        });
        for corner in read.corners {
            message.extend(corner.x.to_le_bytes());
            message.extend(corner.y.to_le_bytes());
        }
        let too_long = |_| WireError::TooLong { bytes: read.bytes.len() };
        message.extend(u16::try_from(read.bytes.len()).map_err(too_long)?.to_le_bytes());
        message.extend(&read.bytes);
    }
    to.write_all(&length(message.len())?).map_err(WireError::Pipe)?;
    to.write_all(&message).map_err(WireError::Pipe)?;
    to.flush().map_err(WireError::Pipe)
}

pub(crate) fn read_reads(from: &mut impl Read) -> Result<Vec<RawRead>, WireError> {
    let gone = || WireError::Pipe(ErrorKind::UnexpectedEof.into());
    let message = read_message(from, READS_BYTES_MAX)?.ok_or_else(gone)?;
    let mut words = Words(&message);
    let count = usize::from(words.byte()?);
    if count > READS_MAX {
        return Err(WireError::Rubbish);
    }
    let reads = (0..count).map(|_| one_read(&mut words)).collect::<Result<_, _>>()?;
    if words.0.is_empty() { Ok(reads) } else { Err(WireError::Rubbish) }
}

fn one_read(words: &mut Words<'_>) -> Result<RawRead, WireError> {
    let symbology = match words.byte()? {
        0 => Symbology::Qr,
        1 => Symbology::Gs1Qr,
        2 => Symbology::DataMatrix,
        3 => Symbology::Gs1DataMatrix,
        _ => return Err(WireError::Rubbish),
    };
    let mut corners: Corners = [Point { x: 0.0, y: 0.0 }; 4];
    for corner in &mut corners {
        corner.x = f32::from_le_bytes(words.array()?);
        corner.y = f32::from_le_bytes(words.array()?);
    }
    let bytes = usize::from(u16::from_le_bytes(words.array()?));
    if bytes > READ_BYTES_MAX || !corners_are_in_frame(&corners) {
        return Err(WireError::Rubbish);
    }
    Ok(RawRead { bytes: words.take(bytes)?.to_vec(), corners, symbology })
}

/// What is left of a message.
struct Words<'a>(&'a [u8]);

impl<'a> Words<'a> {
    fn take(&mut self, bytes: usize) -> Result<&'a [u8], WireError> {
        let (taken, left) = self.0.split_at_checked(bytes).ok_or(WireError::Rubbish)?;
        self.0 = left;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, WireError> {
        self.array().map(|[byte]| byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        self.take(N)?.try_into().map_err(|_| WireError::Rubbish)
    }
}

fn length(bytes: usize) -> Result<[u8; 4], WireError> {
    Ok(u32::try_from(bytes).map_err(|_| WireError::TooLong { bytes })?.to_le_bytes())
}

/// A message without its length, or `None` when the other side hung up between two.
fn read_message(from: &mut impl Read, bytes_max: usize) -> Result<Option<Vec<u8>>, WireError> {
    let mut length = [0; 4];
    if from.read(&mut length[..1]).map_err(WireError::Pipe)? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut length[1..]).map_err(WireError::Pipe)?;
    let bytes = u32::from_le_bytes(length) as usize;
    if bytes > bytes_max {
        return Err(WireError::TooLong { bytes });
    }
    let mut message = vec![0; bytes];
    from.read_exact(&mut message).map_err(WireError::Pipe)?;
    Ok(Some(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads() -> Vec<RawRead> {
        let corners = [0.0, 0.25, 0.5, 1.0].map(|at| Point { x: at, y: 1.0 - at });
        let read = |bytes: &[u8], symbology| RawRead { bytes: bytes.to_vec(), corners, symbology };
        vec![
            read("Nguyễn".as_bytes(), Symbology::Qr),
            read(b"", Symbology::Gs1Qr),
            read(b"\x00\xFF\x1d", Symbology::DataMatrix),
            read(&[7; READ_BYTES_MAX], Symbology::Gs1DataMatrix),
        ]
    }

    #[test]
    fn frames_and_reads_arrive_as_they_were_sent() -> Result<(), WireError> {
        let mut pipe = Vec::new();
        let frame = Luma::wall();
        write_frame(&mut pipe, Symbols::QrAndDataMatrix, &frame)?;
        write_frame(&mut pipe, Symbols::Qr, &frame)?;
        let mut pipe = pipe.as_slice();
        assert_eq!(read_frame(&mut pipe)?, Some((Symbols::QrAndDataMatrix, frame.clone())));
        assert_eq!(read_frame(&mut pipe)?, Some((Symbols::Qr, frame)));
        assert_eq!(read_frame(&mut pipe)?, None);

        for sent in [reads(), Vec::new()] {
            let mut pipe = Vec::new();
            write_reads(&mut pipe, &sent)?;
            assert_eq!(read_reads(&mut pipe.as_slice())?, sent);
        }
        Ok(())
    }

    #[test]
    fn no_cut_and_no_changed_byte_does_more_than_fail() -> Result<(), WireError> {
        let mut sent = Vec::new();
        write_reads(&mut sent, &reads()[..3])?;
        for length in 0..sent.len() {
            assert!(read_reads(&mut &sent[..length]).is_err(), "{length} bytes");
        }
        for at in 0..sent.len() {
            for byte in [0, 1, 0x7F, 0x80, 0xFF] {
                let mut changed = sent.clone();
                changed[at] = byte;
                if let Ok(reads) = read_reads(&mut changed.as_slice()) {
                    assert!(reads.iter().all(|read| corners_are_in_frame(&read.corners)));
                }
            }
        }
        Ok(())
    }

    #[test]
    fn a_length_is_believed_only_within_its_limit() {
        let endless = [0xFF; 64];
        assert!(matches!(read_reads(&mut &endless[..]), Err(WireError::TooLong { .. })));
        assert!(matches!(read_frame(&mut &endless[..]), Err(WireError::TooLong { .. })));
        let ragged = [9, 0, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0];
        assert!(matches!(read_frame(&mut &ragged[..]), Err(WireError::Rubbish)));
        let empty = [0, 0, 0, 0];
        assert!(matches!(read_frame(&mut &empty[..]), Err(WireError::Rubbish)));
        assert!(matches!(read_reads(&mut &empty[..]), Err(WireError::Rubbish)));
    }
}
