//! What has been read off a frame, before and after it is known to be text.

use std::fmt;

use crate::text::{NotText, text_of};

/// A place in a frame: from the left and from the top, each between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub x: f32,
    pub y: f32,
}

/// The corners of a code as it was printed: top left, top right, bottom right, bottom left.
pub type Corners = [Point; 4];

/// What kind of code it was. Only the two GS1 kinds may be read as GS1, where the byte 0x1D parts
/// the fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbology {
    Qr,
    Gs1Qr,
    DataMatrix,
    Gs1DataMatrix,
}

/// Bytes as a decoder found them.
#[derive(Clone, PartialEq)]
pub struct RawRead {
    pub bytes: Vec<u8>,
    pub corners: Corners,
    pub symbology: Symbology,
}

/// One code in a frame, as text or as something that is not.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanRead {
    pub outcome: ReadOutcome,
    pub corners: Corners,
    pub symbology: Symbology,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadOutcome {
    Text(ScannedText),
    /// Never guessed at: a wrong name is worse than none.
    Unreadable(NotText),
}

/// Scanned text, which is somebody's name and address until proven otherwise: it stays out of logs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScannedText(String);

impl ScannedText {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Debug for ScannedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScannedText({} bytes)", self.0.len())
    }
}

impl fmt::Debug for RawRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawRead({:?}, {} bytes)", self.symbology, self.bytes.len())
    }
}

impl From<&RawRead> for ScanRead {
    fn from(raw: &RawRead) -> Self {
        let outcome = match text_of(&raw.bytes) {
            Ok(text) => ReadOutcome::Text(ScannedText(text)),
            Err(why) => ReadOutcome::Unreadable(why),
        };
        Self { outcome, corners: raw.corners, symbology: raw.symbology }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_s_text_stays_out_of_logs() {
        let raw = RawRead {
            bytes: b"079190123456|NGUYEN THI MINH KHAI".to_vec(),
            corners: [Point { x: 0.0, y: 0.0 }; 4],
            symbology: Symbology::Qr,
        };
        let logged = format!("{raw:?} {:?}", ScanRead::from(&raw));
        assert!(!logged.contains("079") && !logged.contains("KHAI"), "{logged}");
        assert!(logged.contains("33 bytes"), "{logged}");
    }
}
