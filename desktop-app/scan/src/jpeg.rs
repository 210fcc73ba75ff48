//! The little that must be known of JPEG's outside: where one ends, and what cameras leave out.

use std::borrow::Cow;

const START: [u8; 2] = [0xFF, 0xD8];
const END: u8 = 0xD9;
const TABLES: u8 = 0xC4;
const SCAN: u8 = 0xDA;

/// The Huffman tables of ITU-T T.81 annex K.3. USB cameras may leave them out of Motion-JPEG, where
/// everyone is expected to know them.
#[rustfmt::skip]
const STANDARD_TABLES: [u8; 420] = [
    0xFF, 0xC4, 0x01, 0xA2,
    0x00, 0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    0x01, 0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    0x10, 0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D,
    0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07,
    0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0,
    0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x25, 0x26, 0x27, 0x28,
    0x29, 0x2A, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49,
    0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69,
    0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
    0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7,
    0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3, 0xC4, 0xC5,
    0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1, 0xE2,
    0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8,
    0xF9, 0xFA,
    0x11, 0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77,
    0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71,
    0x13, 0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33, 0x52, 0xF0,
    0x15, 0x62, 0x72, 0xD1, 0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1, 0x17, 0x18, 0x19, 0x1A, 0x26,
    0x27, 0x28, 0x29, 0x2A, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
    0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,
    0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87,
    0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5,
    0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3,
    0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA,
    0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8,
    0xF9, 0xFA,
];

/// How far a JPEG reaches that begins at the first byte, or `None` while its end is not there.
/// A picture inside a picture (a thumbnail among the segments) does not end it.
pub(crate) fn jpeg_length(bytes: &[u8]) -> Option<usize> {
    let mut at = START.len();
    if !bytes.starts_with(&START) {
        return None;
    }
    loop {
        let marker = next_marker(bytes, at)?;
        match *bytes.get(marker + 1)? {
            END => return Some(marker + 2),
            // Restart and stand-alone markers carry no length.
            0x01 | 0xD0..=0xD8 => at = marker + 2,
            _ => at = segment_end(bytes, marker)?,
        }
    }
}

/// The same JPEG with the standard Huffman tables put in where it has none.
pub(crate) fn with_tables(jpeg: &[u8]) -> Cow<'_, [u8]> {
    let Some(scan) = scan_without_tables(jpeg) else { return Cow::Borrowed(jpeg) };
    let mut whole = Vec::with_capacity(jpeg.len() + STANDARD_TABLES.len());
    whole.extend_from_slice(&jpeg[..scan]);
    whole.extend_from_slice(&STANDARD_TABLES);
    whole.extend_from_slice(&jpeg[scan..]);
    Cow::Owned(whole)
}

/// Where the first scan begins, if no Huffman table comes before it.
fn scan_without_tables(jpeg: &[u8]) -> Option<usize> {
    let mut at = START.len();
    while jpeg.starts_with(&START) {
        let marker = next_marker(jpeg, at)?;
        match *jpeg.get(marker + 1)? {
            SCAN => return Some(marker),
            TABLES | END => return None,
            _ => at = segment_end(jpeg, marker)?,
        }
    }
    None
}

/// The next 0xFF that begins a marker: neither a stuffed 0xFF of the picture data nor filling.
fn next_marker(bytes: &[u8], from: usize) -> Option<usize> {
    let pairs = bytes.get(from..)?.windows(2);
    let found = pairs.into_iter().position(|two| two[0] == 0xFF && !matches!(two[1], 0 | 0xFF))?;
    Some(from + found)
}

fn segment_end(bytes: &[u8], marker: usize) -> Option<usize> {
    let length = bytes.get(marker + 2..marker + 4)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
    Some(marker + 2 + length)
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;
    use crate::frame::Luma;
    use crate::pixels::jpeg_to_luma;
    use crate::preview::preview;

    fn stripes() -> Result<Luma, Box<dyn Error>> {
        let bytes = (0..96 * 64_u32).map(|at| if at % 96 / 8 % 2 == 0 { 30 } else { 220 });
        Ok(Luma::new(96, 64, bytes.collect())?)
    }

    fn without_tables(jpeg: &[u8]) -> Vec<u8> {
        let (mut kept, mut at) = (jpeg[..2].to_vec(), 2);
        while let Some(marker) = next_marker(jpeg, at) {
            if jpeg[marker + 1] == SCAN {
                kept.extend_from_slice(&jpeg[marker..]);
                break;
            }
            let end = segment_end(jpeg, marker).unwrap_or(jpeg.len());
            if jpeg[marker + 1] != TABLES {
                kept.extend_from_slice(&jpeg[marker..end]);
            }
            at = end;
        }
        kept
    }

    #[test]
    fn a_camera_that_leaves_out_the_tables_is_understood() -> Result<(), Box<dyn Error>> {
        let whole = preview(&stripes()?)?.jpeg;
        let bare = without_tables(&whole);
        assert!(bare.len() + 100 < whole.len());
        assert_eq!(jpeg_to_luma(&bare)?, jpeg_to_luma(&whole)?);
        Ok(())
    }

    #[test]
    fn a_jpeg_with_tables_is_left_alone() -> Result<(), Box<dyn Error>> {
        let whole = preview(&stripes()?)?.jpeg;
        assert!(matches!(with_tables(&whole), Cow::Borrowed(_)));
        assert!(matches!(with_tables(b"\xFF\xD8"), Cow::Borrowed(_)));
        assert!(matches!(with_tables(b"nothing"), Cow::Borrowed(_)));
        Ok(())
    }

    #[test]
    fn a_jpeg_ends_at_its_own_end_and_not_at_its_thumbnail_s() -> Result<(), Box<dyn Error>> {
        let plain = preview(&stripes()?)?.jpeg;
        let mut nested = plain[..2].to_vec();
        let thumbnail = u16::try_from(plain.len() + 2)?.to_be_bytes();
        nested.extend([0xFF, 0xE1, thumbnail[0], thumbnail[1]]);
        nested.extend(&plain);
        nested.extend(&plain[2..]);
        let length = nested.len();
        nested.extend(&plain);
        assert_eq!(jpeg_length(&nested), Some(length));
        assert_eq!(jpeg_length(&plain), Some(plain.len()));
        assert_eq!(jpeg_length(&plain[..plain.len() - 1]), None);
        assert_eq!(jpeg_length(b"RIFF"), None);
        Ok(())
    }
}
