//! What can go wrong with a medium, told by what its owner can do about it.

use std::io;

use shared_model::sync::bundle::NotWritten;

#[derive(Debug, thiserror::Error)]
pub enum StickError {
    /// Make room, or take a larger one. Nothing of it counts as written.
    #[error("the stick is full")]
    Full(#[source] io::Error),
    /// Move its little switch, or take another one.
    #[error("the stick can't be written to")]
    ReadOnly(#[source] io::Error),
    /// Put it in again and begin anew.
    #[error("the stick is gone, or was pulled out")]
    Gone(#[source] io::Error),
    /// Take another stick: what was written does not read back.
    #[error("the stick does not give back what was written on it")]
    ReadBack,
    #[error("the stick could not be read or written")]
    Io(#[source] io::Error),
    #[error("what was to be written does not fit into frames")]
    Frame(#[from] NotWritten),
}

impl From<io::Error> for StickError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::Full(error)
            }
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Self::ReadOnly(error),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::StaleNetworkFileHandle => {
                Self::Gone(error)
            }
            _ if is_pulled_out(&error) => Self::Gone(error),
            _ => Self::Io(error),
        }
    }
}

/// What Linux says of a device that is there no more.
#[cfg(unix)]
fn is_pulled_out(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let said = error.raw_os_error();
    [Errno::IO, Errno::NXIO, Errno::NODEV].iter().any(|errno| said == Some(errno.raw_os_error()))
}

/// What Windows says: not ready, no such device, no media in the drive, device not connected.
#[cfg(not(unix))]
fn is_pulled_out(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(21 | 55 | 1112 | 1167))
}
