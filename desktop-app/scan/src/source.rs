//! Where frames come from, and what can be wrong there that a person can do something about.

use std::path::PathBuf;

use thiserror::Error;

use crate::frame::Luma;
use crate::pictures::PictureError;

/// Anything that shows one frame after another.
pub trait FrameSource: Send {
    /// Waits for the next frame.
    ///
    /// # Errors
    /// When there is none; [`SourceError::outlook`] says whether it is worth asking again.
    fn next(&mut self) -> Result<Luma, SourceError>;

    /// The source's name, for a person choosing between two.
    fn describe(&self) -> String;
}

/// Why there is no frame. Each asks something else of the person in front of the screen.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SourceError {
    /// Plug one in.
    #[error("no camera is connected")]
    NoCamera,
    /// Close the other program.
    #[error("the camera is in use by another program")]
    Busy,
    /// Allow it in the system's settings.
    #[error("this program may not use the camera")]
    PermissionDenied,
    /// Plug it in again.
    #[error("the camera has been unplugged")]
    Unplugged,
    /// Unplug it and plug it in again: it is there and sends nothing.
    #[error("the camera has stopped sending pictures")]
    Stalled,
    /// Use another camera.
    #[error("the camera offers no kind of picture that can be read")]
    NoUsableFormat,
    /// Try again, then use another camera.
    #[error("the camera did not open")]
    Refused,
    /// Choose another folder.
    #[error("there is no picture or folder at {path}")]
    PathMissing { path: PathBuf },
    /// Look at this one file; the others go on.
    #[error("the picture at {path} cannot be read")]
    Unreadable {
        path: PathBuf,
        #[source]
        why: PictureError,
    },
    /// The film is over.
    #[error("there are no more pictures")]
    Ended,
}

/// What to expect of a source after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// One picture is lost and the next may follow at once.
    GoesOn,
    /// The source must be opened anew, now or later.
    MayComeBack,
    /// Nothing more will come unless somebody asks for it.
    Over,
}

impl SourceError {
    /// Whether asking the same source again, or opening it anew, can help.
    #[must_use]
    pub fn outlook(&self) -> Outlook {
        match self {
            Self::Unreadable { .. } => Outlook::GoesOn,
            Self::Ended => Outlook::Over,
            Self::NoCamera
            | Self::Busy
            | Self::PermissionDenied
            | Self::Unplugged
            | Self::Stalled
            | Self::NoUsableFormat
            | Self::Refused
            | Self::PathMissing { .. } => Outlook::MayComeBack,
        }
    }
}
