//! Decoding where it can do no harm.
//!
//! A code on a stranger's card is hostile input to a C++ library, which has been known to loop for
//! ever (zxing-cpp #1150) or to fall over. So it is read in a helper process, which is killed when
//! it takes too long and replaced when it dies; the frame is lost and the next one is read.

mod guard;
mod process;
mod serve;
mod thread;
mod wire;

pub use guard::FrameLost;
pub(crate) use guard::Guard;
pub use process::WorkerProgram;
pub use serve::{run_if_worker, serve};
pub use wire::WireError;
