//! Typed ids. To hold one is to know what it names; the bytes come in by the door.

use std::fmt;

/// A text that is not the hexadecimal form of the id it was read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the {expected} hexadecimal digits of an id")]
pub struct NotAnId {
    pub expected: usize,
}

/// Lower-case hexadecimal, the one textual form of every id and hash.
pub fn to_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
        }
    }
    text
}

/// Reads exactly `N` bytes of hexadecimal, either case.
pub fn from_hex<const N: usize>(text: &str) -> Result<[u8; N], NotAnId> {
    let wrong = NotAnId { expected: N * 2 };
    let digits = text.as_bytes();
    if digits.len() != N * 2 {
        return Err(wrong);
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16).ok_or(wrong)?;
        let low = char::from(pair[1]).to_digit(16).ok_or(wrong)?;
        *byte = u8::try_from(high * 16 + low).map_err(|_| wrong)?;
    }
    Ok(bytes)
}

macro_rules! byte_ids {
    ($($(#[$doc:meta])* $name:ident[$size:literal];)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $size]);

        impl $name {
            pub const BYTES: usize = $size;

            pub fn parse(text: &str) -> Result<Self, NotAnId> {
                from_hex(text).map(Self)
            }

            /// `None` when the slice has another length.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&to_hex(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), &to_hex(&self.0)[..8])
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(
                d: &mut minicbor::Decoder<'b>,
                _: &mut C,
            ) -> Result<Self, minicbor::decode::Error> {
                let at = d.position();
                Self::from_slice(d.bytes()?).ok_or_else(|| {
                    minicbor::decode::Error::message(concat!("wrong length of ", stringify!($name)))
                        .at(at)
                })
            }
        }
    )*};
}

byte_ids! {
    /// A citizen's card in the register: 16 bytes, hashed from a scanned national card or drawn at random.
    CitizenId[16];
    /// One laptop, hub or server console.
    DeviceId[16];
    /// One person who signs statements.
    AuthorId[16];
    /// One team's work at one site on one day.
    SessionId[16];
    /// What was said: the hash of a statement's header.
    StatementId[32];
    /// The hash of a statement's body, which outlives the body.
    BodyHash[32];
    /// The running hash of a log up to and including one entry.
    Chain[32];
    /// A disagreement: the hash of its kind and of the statements involved.
    CaseId[32];
    /// A protocol bundle: the hash of its bytes, shortened.
    RulesId[16];
    /// The hash over a citizen's sorted document heads: equal states, equal roots.
    StateRoot[32];
    /// A prior-dose filter: the hash of its manifest.
    PriorId[32];
    /// What one stick carries: drawn when the stick is begun.
    BundleId[16];
}

/// The number of a device's log: a new one after every enrolment, restore or fork.
pub type Epoch = u32;
/// The place of an entry in its log: 1, 2, 3 … without holes.
pub type Seq = u64;

/// Where an entry lies. The same statement may lie at a second position after a fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    pub device: DeviceId,
    pub epoch: Epoch,
    pub seq: Seq,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.device, self.epoch, self.seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_prints() {
        let id = CitizenId([0xa5; 16]);
        assert_eq!(CitizenId::parse(&id.to_string()), Ok(id));
    }

    #[test]
    fn a_text_of_another_length_or_alphabet_is_no_id() {
        assert!(CitizenId::parse("a5").is_err());
        assert!(CitizenId::parse(&"zz".repeat(16)).is_err());
        assert!(CitizenId::parse(&"é".repeat(16)).is_err());
    }
}
