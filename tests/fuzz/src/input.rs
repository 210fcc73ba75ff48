//! An input, eaten from the front. What is not there is zero or empty, so that every input means something.

pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn u8(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    pub fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    pub fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        let taken = self.take(N);
        let mut array = [0; N];
        array[..taken.len()].copy_from_slice(taken);
        array
    }

    /// So many bytes, or as many as are left.
    pub fn take(&mut self, bytes: usize) -> &'a [u8] {
        let (taken, left) = self.0.split_at(bytes.min(self.0.len()));
        self.0 = left;
        taken
    }

    /// A length in two bytes and as much behind it.
    pub fn sized(&mut self) -> &'a [u8] {
        let bytes = self.u16();
        self.take(usize::from(bytes))
    }

    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    /// Some bytes of another text, changed in up to three places.
    pub fn bend(&mut self, bytes: &mut [u8]) {
        for _ in 0..self.u8() % 4 {
            let (at, byte) = (usize::from(self.u16()), self.u8());
            if !bytes.is_empty() {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
        }
    }
}

/// What [`Input::sized`] reads.
pub fn sized(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_le_bytes(), &bytes[..usize::from(length)]].concat()
}
