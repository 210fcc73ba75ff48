//! A door: a place where bytes of a stranger are read.

use std::panic::{AssertUnwindSafe, catch_unwind};

use shared_model::ids::to_hex;

use super::allocations::peak_of;

/// What small inputs may cost whatever they say.
const BYTES_ALWAYS: usize = 256 * 1024;
/// An empty text in a list is one byte on the road and twenty-four in memory, and a list that grows
/// is there as it was and twice as long.
const TIMES_OF_CBOR: usize = 24 * 3;
/// An object with one member is seven characters and a node for eleven members.
const TIMES_OF_JSON: usize = 120;

/// Whether bytes were understood.
type Understands = Box<dyn Fn(&[u8]) -> bool + Send + Sync>;

pub struct Door {
    pub name: String,
    /// What an honest writer sends through it.
    pub honest: Vec<Vec<u8>>,
    understands: Understands,
    times: usize,
}

impl Door {
    pub fn new(
        name: impl Into<String>,
        honest: impl IntoIterator<Item = Vec<u8>>,
        understands: impl Fn(&[u8]) -> bool + Send + Sync + 'static,
    ) -> Self {
        let honest = honest.into_iter().collect();
        Self { name: name.into(), honest, understands: Box::new(understands), times: TIMES_OF_CBOR }
    }

    pub fn of_text(name: &str, honest: &str, understands: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self::new(name, [honest.as_bytes().to_vec()], move |bytes| understands(&String::from_utf8_lossy(bytes)))
    }

    pub fn of_json(name: &str, honest: &str, understands: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self { times: TIMES_OF_JSON, ..Self::of_text(name, honest, understands) }
    }

    /// Whether the bytes were understood. There is an answer, and no memory is taken beyond what the bytes are worth.
    pub fn is_offered(&self, bytes: &[u8]) -> bool {
        let (answer, peak) = peak_of(|| catch_unwind(AssertUnwindSafe(|| (self.understands)(bytes))));
        let shown = || to_hex(&bytes[..bytes.len().min(512)]);
        let allowed = self.times * bytes.len() + BYTES_ALWAYS;
        assert!(peak <= allowed, "{}: {peak} bytes for {}: {}", self.name, bytes.len(), shown());
        answer.unwrap_or_else(|_| panic!("{} has no answer to {} bytes: {}", self.name, bytes.len(), shown()))
    }
}
