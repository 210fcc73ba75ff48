//! Who has what, and how two nodes find out: a conversation without sockets.
//!
//! Log up, feed down. A device pushes its own log in contiguous, sealed ranges and resumes
//! where the server says it stands; it pulls the feed of its area behind an opaque cursor.
//! HTTP, a LAN, a stick or a test's pretend network are roads for these messages.

pub mod bundle;
pub mod conversation;
pub mod feed;
pub mod forwarding;
pub mod hub;
pub mod message;
pub mod quarantine;
mod reading;
pub mod recipients;
pub mod request;
pub mod segment;
pub mod series;
pub mod speaker;
pub mod spoken;
mod turn;
pub mod visitor;

pub use conversation::{Action, Conversation, Event, Outcome, Trouble};
pub use quarantine::Quarantine;
pub use series::{AuthorStanding, PushRefused, SealedRun, VerifiedEntry, verify_push};
pub use speaker::Speaker;
