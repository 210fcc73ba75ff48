//! What a stick carries where there is no line: frames that stand alone, between two manifests.
//!
//! A hub or a laptop puts what it holds on a stick; another hub or the nation reads it and sends back a stick with
//! its answers. Sticks are pulled out early, copied over one another and found in drawers a year later, so every
//! frame says by itself whose it is, and a damaged stick gives up everything that is whole and names the rest.
//! Nothing a frame or a manifest says is believed for that: ranges stand under seals, stretches of feeds, certificates
//! and answers under the campaign's signature, and a sum only tells damage from content.
//!
//! Numbers are big-endian. A stick is a row of frames, each at most [`crate::limits::REQUEST_BYTES_MAX`] bytes:
//!
//! | Bytes | What |
//! | --- | --- |
//! | 8 | [`MAGIC`] |
//! | 1 | version of the writer |
//! | 1 | version a reader must have |
//! | 1 | [`Kind`] |
//! | 1 | [`Folding`] of the payload |
//! | 8 | [`CampaignTag`] |
//! | 16 | bundle id |
//! | 4 | number of the frame: 0, 1, 2 … |
//! | 4 | bytes of the payload |
//! | 32 | SHA-256 of the domain `so-tiem/frame/1\0`, the 36 bytes from the version to here, and the payload as stored |
//! | … | payload |
//!
//! The first byte of the magic, wherever else it comes after the magic, is followed by a byte 00 that is not counted.
//! So the magic stands nowhere but where a frame begins: a reader who lost its way goes on at the next one, and every
//! byte is looked at once, whatever a hostile stick holds. This head is the same in every version to come.
//!
//! Frame 0 and the last one are manifests, never folded. The last one alone tells how many frames there are.
//!
//! Frames do not lie on the medium as they are, but sealed, in segments ([`Segments`]).
//!
//! Files, encryption, compression and dice are absent: the caller brings bytes, ids and moments.

mod asked;
mod content;
mod frame;
mod homecoming;
mod marks;
mod reader;
mod report;
mod returned;
mod segment;
mod writer;

pub use asked::{HubCursors, ReturnAsked};
pub use content::{Certificates, Content, FeedRange, FeedStretch, LogRange, Manifest, NotOpened, PriorPiece};
pub use frame::{CampaignTag, Folding, Frame, Kind, MAGIC, PAYLOAD_BYTES_MAX, VERSION};
pub use homecoming::{Heard, Homecoming};
pub use reader::{Reader, Stick, read};
pub use report::{BundleRead, Damage, Report, Told, What};
pub use returned::{Issue, Outward, Returned, ReturnedLog, Verdict};
pub use segment::{SEGMENT_MAGIC, SEGMENT_VERSION, Sealed, SegmentTooLarge, Segments, SegmentsRead, segment};
pub use writer::{Folded, Frames, NotWritten, Refused, Writer, write};
