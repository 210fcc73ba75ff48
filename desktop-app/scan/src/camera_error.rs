//! What a camera driver means. nokhwa hands on the system's words as text, so the codes inside them
//! are looked for; the words themselves depend on the system's language.

use nokhwa::NokhwaError;

use crate::source::SourceError;

/// Codes as Linux and Windows write them, and what they ask of a person.
const CODES: [(&str, SourceError); 14] = [
    ("os error 13)", SourceError::PermissionDenied),
    ("os error 1)", SourceError::PermissionDenied),
    ("os error 16)", SourceError::Busy),
    ("os error 19)", SourceError::Unplugged),
    ("os error 5)", SourceError::Unplugged),
    ("os error 6)", SourceError::NoCamera),
    ("os error 2)", SourceError::NoCamera),
    ("0x80070005", SourceError::PermissionDenied),
    ("0xC00D3704", SourceError::Busy),
    ("0xC00D3E85", SourceError::Busy),
    ("0x80070020", SourceError::Busy),
    ("0xC00D3EA2", SourceError::Unplugged),
    ("0x8007001F", SourceError::Unplugged),
    ("0xC00D36D5", SourceError::NoUsableFormat),
];

/// What a person can make of a driver's error.
pub(crate) fn what_is_wrong(error: &NokhwaError) -> SourceError {
    let text = error.to_string();
    let known = CODES.iter().find(|(code, _)| text.contains(code));
    known.map_or_else(|| by_deed(error), |(_, meant)| meant.clone())
}

/// Without a code, what the driver was doing when it failed is all there is to go by.
fn by_deed(error: &NokhwaError) -> SourceError {
    match error {
        NokhwaError::ReadFrameError(_) => SourceError::Unplugged,
        NokhwaError::GetPropertyError { .. }
        | NokhwaError::ProcessFrameError { .. }
        | NokhwaError::StructureError { .. } => SourceError::NoUsableFormat,
        NokhwaError::UnsupportedOperationError(_) | NokhwaError::NotImplementedError(_) => SourceError::NoCamera,
        NokhwaError::UnitializedError
        | NokhwaError::InitializeError { .. }
        | NokhwaError::ShutdownError { .. }
        | NokhwaError::GeneralError(_)
        | NokhwaError::OpenDeviceError(..)
        | NokhwaError::SetPropertyError { .. }
        | NokhwaError::OpenStreamError(_)
        | NokhwaError::StreamShutdownError(_) => SourceError::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(words: &str) -> SourceError {
        what_is_wrong(&NokhwaError::OpenDeviceError("0".to_owned(), words.to_owned()))
    }

    #[test]
    fn the_system_s_codes_are_understood() {
        let linux = "V4L2 Error: Permission denied (os error 13)";
        assert_eq!(opening(linux), SourceError::PermissionDenied);
        assert_eq!(opening("Device or resource busy (os error 16)"), SourceError::Busy);
        assert_eq!(opening("No such device (os error 19)"), SourceError::Unplugged);
        assert_eq!(opening("No such file or directory (os error 2)"), SourceError::NoCamera);
        assert_eq!(opening("Der Zugriff wurde verweigert. (0x80070005)"), SourceError::PermissionDenied);
        assert_eq!(opening("in a language nobody foresaw"), SourceError::Refused);
    }

    #[test]
    fn without_a_code_the_deed_decides() {
        let frame = NokhwaError::ReadFrameError("gone".to_owned());
        assert_eq!(what_is_wrong(&frame), SourceError::Unplugged);
        let unfulfilled =
            NokhwaError::GetPropertyError { property: "CameraFormat".to_owned(), error: "Failed to Fufill".to_owned() };
        assert_eq!(what_is_wrong(&unfulfilled), SourceError::NoUsableFormat);
    }
}
