//! Where things begin: a magic that stands nowhere else, because its first byte is escaped wherever else it comes.

/// The byte that begins every magic, and the one that follows it everywhere else.
pub(super) const MARK: u8 = 0xfd;
pub(super) const NO_MAGIC: u8 = 0;

/// Adds bytes so that no magic comes about in them.
pub(super) fn escape(bytes: &[u8], into: &mut Vec<u8>) {
    for byte in bytes {
        into.push(*byte);
        if *byte == MARK {
            into.push(NO_MAGIC);
        }
    }
}

/// Looks at every byte once, in pieces of any size.
pub(super) struct Marks {
    magic: &'static [u8; 8],
    /// Bytes looked at.
    at: u64,
    /// How many bytes of the magic lie right before `at`, and belong to nothing yet.
    matched: usize,
}

pub(super) enum Met<'a> {
    /// Bytes that stand for themselves; never none.
    Plain(&'a [u8]),
    /// One [`MARK`] that stands for itself.
    Mark,
    /// A magic ends here.
    Magic,
    /// The first byte of the magic, followed by what no writer lets follow it.
    Neither,
}

impl Marks {
    pub fn of(magic: &'static [u8; 8]) -> Self {
        Self { magic, at: 0, matched: 0 }
    }

    pub fn at(&self) -> u64 {
        self.at
    }

    /// What comes next, `room` plain bytes of it at most; `None` when there is nothing to tell before more bytes come.
    pub fn next<'a>(&mut self, rest: &mut &'a [u8], room: usize) -> Option<Met<'a>> {
        while let Some((first, others)) = rest.split_first() {
            if self.matched == 0 && *first != MARK {
                let run = rest.iter().position(|byte| *byte == MARK).unwrap_or(rest.len());
                let (plain, after) = rest.split_at(room.clamp(1, run));
                *rest = after;
                self.at = self.at.saturating_add(plain.len() as u64);
                return Some(Met::Plain(plain));
            }
            *rest = others;
            self.at = self.at.saturating_add(1);
            if let Some(met) = self.step(*first) {
                return Some(met);
            }
        }
        None
    }

    /// One byte that is, or follows, the first byte of the magic.
    fn step(&mut self, byte: u8) -> Option<Met<'static>> {
        if self.matched == 1 && byte == NO_MAGIC {
            self.matched = 0;
            return Some(Met::Mark);
        }
        if self.magic.get(self.matched) == Some(&byte) {
            self.matched += 1;
            if self.matched < self.magic.len() {
                return None;
            }
            self.matched = 0;
            return Some(Met::Magic);
        }
        self.matched = usize::from(byte == MARK);
        Some(Met::Neither)
    }

    /// So many bytes could not be had.
    pub fn skip(&mut self, bytes: u64) {
        self.at = self.at.saturating_add(bytes);
        self.matched = 0;
    }
}
