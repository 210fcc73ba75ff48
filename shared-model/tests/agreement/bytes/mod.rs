//! The exact bytes of everything that is hashed, signed, stored or sent. One byte changed is a version changed.

mod envelopes_never_change;
mod ids_never_change;
mod messages_never_change;
mod prior_filters_never_change;
mod sticks_never_change;

pub use envelopes_never_change::one_of_every_kind;

use std::fmt::Write;

use shared_model::ids::to_hex;

/// Names and their bytes in hexadecimal, forty-eight bytes a line.
#[derive(Default)]
struct Sheet {
    text: String,
}

impl Sheet {
    fn line(&mut self, name: &str, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        writeln!(self.text, "{name} ({} bytes)", bytes.len()).unwrap();
        for row in bytes.chunks(48) {
            writeln!(self.text, "    {}", to_hex(row)).unwrap();
        }
        self
    }

    fn word(&mut self, name: &str, word: &str) -> &mut Self {
        writeln!(self.text, "{name}: {word}").unwrap();
        self
    }
}
