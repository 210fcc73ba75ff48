//! Frames out of files: a folder of pictures, one picture, or a film.
//!
//! This is how a laptop without a camera is rehearsed, how a photograph of a card is read, and how
//! a test shows a card: a file appears in a folder.

mod film;
mod folder;
mod picture;

pub use film::Film;
pub use folder::{Pictures, PicturesPace};
pub use picture::{PictureError, open_picture, picture_from_bytes};
