//! The map itself: four slots for every mark, whose XOR is its fingerprint and its doses.
//!
//! A binary fuse map takes the four slots from four windows that lie side by side, so that nearly as
//! many slots as marks are enough. It is solved by peeling: a slot that only one mark uses settles
//! that mark last, the mark is taken away, other slots become lonely, and so on. Whether that comes to
//! an end depends on the hash alone, so another seed is tried until it does: 0, 1, 2 …
//!
//! No floating point: two servers with other mathematics libraries would choose other sizes.

#![expect(clippy::cast_possible_truncation, reason = "what is cut off is zero: slots and marks are fewer than 2^22")]

use super::{Doses, Mark};

/// Eight slots of any width fill whole bytes.
pub const WINDOW_BITS_MIN: u8 = 3;
/// The steps from window to window are taken from sixteen bits each.
pub const WINDOW_BITS_MAX: u8 = 16;
/// Lets the last slot be read as three bytes.
pub const PADDING: usize = 2;
/// More than four of five seeds succeed at every size.
const SEEDS_MAX: u32 = 256;

/// From how many marks on, windows of so many bits and so many slots for a thousand marks. Measured: the fewest slots
/// with which four of five seeds succeed, and a little more. Larger windows need fewer slots, until the
/// windows at both ends, which are half empty, weigh more.
const SIZES: [(u32, u8, u64); 13] = [
    (0, 3, 2200),
    (50, 4, 1700),
    (200, 5, 1450),
    (1_000, 6, 1360),
    (2_000, 6, 1300),
    (5_000, 7, 1220),
    (10_000, 8, 1190),
    (20_000, 8, 1165),
    (50_000, 9, 1135),
    (100_000, 10, 1115),
    (200_000, 10, 1100),
    (500_000, 12, 1085),
    (1_000_000, 12, 1075),
];

/// All that says where a mark's slots lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub slot_bits: u8,
    pub window_bits: u8,
    /// Windows that a mark's first slot may lie in; three more follow. 0 for a map of nothing.
    pub starts: u32,
    pub seed: u32,
}

impl Shape {
    fn for_marks(marks: u32, slot_bits: u8) -> Self {
        let (_, window_bits, per_thousand) =
            SIZES.into_iter().rev().find(|(from, ..)| *from <= marks).unwrap_or(SIZES[0]);
        let slots = (u64::from(marks) * per_thousand).div_ceil(1000);
        let windows = slots.div_ceil(1 << window_bits);
        let starts = if marks == 0 { 0 } else { u32::try_from(windows).unwrap_or(u32::MAX).saturating_sub(3).max(1) };
        Self { slot_bits, window_bits, starts, seed: 0 }
    }

    pub fn slots(&self) -> u64 {
        if self.starts == 0 { 0 } else { (u64::from(self.starts) + 3) << self.window_bits }
    }

    /// Length of the packed slots and the padding behind them; the padding alone for a map of nothing.
    pub fn bytes(&self) -> u64 {
        self.slots() * u64::from(self.slot_bits) / 8 + PADDING as u64
    }

    /// Where a mark's slots lie, as a byte to read three from and the bits before the slot in them.
    /// `None` for a map of nothing.
    pub fn probes(&self, mark: Mark) -> Option<[(u64, u32); 4]> {
        let slot = |slot: u64| {
            let bit = slot * u64::from(self.slot_bits);
            (bit / 8, (bit % 8) as u32)
        };
        (self.starts > 0).then(|| self.slots_of(hash(mark, self.seed)).map(slot))
    }

    /// What the four slots say together: the doses, if the fingerprint is the mark's.
    pub fn answer(&self, mark: Mark, slots: [u32; 4]) -> Option<Doses> {
        let word = slots.into_iter().fold(0, |all, slot| all ^ slot) & ((1 << self.slot_bits) - 1);
        let doses = Doses::new(word & ((1 << Doses::BITS) - 1))?;
        (word >> Doses::BITS == self.fingerprint(hash(mark, self.seed))).then_some(doses)
    }

    /// One slot in each of four neighbouring windows, so never the same one twice.
    fn slots_of(&self, hash: u64) -> [u64; 4] {
        let window = 1_u64 << self.window_bits;
        let beginnings = u128::from(u64::from(self.starts) << self.window_bits);
        let first = ((u128::from(hash) * beginnings) >> 64) as u64;
        let step = |bits: u64| bits & (window - 1);
        [
            first,
            (first + window) ^ step(hash),
            (first + 2 * window) ^ step(hash >> 16),
            (first + 3 * window) ^ step(hash >> 32),
        ]
    }

    /// Multiplied once more, because the slots have used the hash's own bits up.
    fn fingerprint(&self, hash: u64) -> u32 {
        let bits = u32::from(self.slot_bits) - Doses::BITS;
        (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - bits)) as u32
    }

    fn word(&self, hash: u64, doses: Doses) -> u32 {
        self.fingerprint(hash) << Doses::BITS | u32::from(doses.get())
    }
}

/// The finaliser of MurmurHash3 over the mark and the seed. It is one to one: two marks have two hashes under every seed.
fn hash(mark: Mark, seed: u32) -> u64 {
    let mut h = mark.0.wrapping_add(u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    h = (h ^ (h >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    h = (h ^ (h >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    h ^ (h >> 33)
}

/// No seed led to an end. Not to be expected before the sun goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSeed;

/// Solves the map of marks that are each there once, and packs it. The same marks in any order give the same bytes.
pub fn solve(marks: &[(Mark, Doses)], slot_bits: u8) -> Result<(Shape, Vec<u8>), NoSeed> {
    let count = u32::try_from(marks.len()).map_err(|_| NoSeed)?;
    let mut shape = Shape::for_marks(count, slot_bits);
    if count == 0 {
        return Ok((shape, vec![0; PADDING]));
    }
    for seed in 0..SEEDS_MAX {
        shape.seed = seed;
        let mut hashed: Vec<(u64, Doses)> = marks.iter().map(|(mark, doses)| (hash(*mark, seed), *doses)).collect();
        // Neighbours in this order are neighbours among the slots; and the order of peeling hangs on nothing else.
        hashed.sort_unstable();
        if let Some(order) = peel(&shape, &hashed) {
            return Ok((shape, pack(&shape, &settle(&shape, &hashed, &order))));
        }
    }
    Err(NoSeed)
}

/// How many marks use a slot, and the XOR of their numbers: with one left, it is that one.
#[derive(Clone, Copy, Default)]
struct Users {
    count: u32,
    all: u32,
}

/// Marks in the order they came off, each with the slot that was its own; `None` when some would not.
fn peel(shape: &Shape, hashed: &[(u64, Doses)]) -> Option<Vec<(u32, u64)>> {
    let mut users = vec![Users::default(); usize::try_from(shape.slots()).ok()?];
    for (number, (hash, _)) in (0_u32..).zip(hashed) {
        for slot in shape.slots_of(*hash) {
            let users = &mut users[slot as usize];
            users.count += 1;
            users.all ^= number;
        }
    }
    let mut lonely: Vec<u64> =
        (0_u64..).zip(&users).filter(|(_, users)| users.count == 1).map(|(slot, _)| slot).collect();
    let mut order = Vec::with_capacity(hashed.len());
    while let Some(slot) = lonely.pop() {
        let Users { count: 1, all: number } = users[slot as usize] else {
            continue;
        };
        order.push((number, slot));
        for slot in shape.slots_of(hashed[number as usize].0) {
            let users = &mut users[slot as usize];
            users.count -= 1;
            users.all ^= number;
            if users.count == 1 {
                lonely.push(slot);
            }
        }
    }
    (order.len() == hashed.len()).then_some(order)
}

/// Fills the slots backwards: when a mark's own slot is set, the other three have their last value.
fn settle(shape: &Shape, hashed: &[(u64, Doses)], order: &[(u32, u64)]) -> Vec<u32> {
    let mut slots = vec![0_u32; shape.slots() as usize];
    for (number, own) in order.iter().rev() {
        let (hash, doses) = hashed[*number as usize];
        let others = shape.slots_of(hash).into_iter().fold(0, |all, slot| all ^ slots[slot as usize]);
        slots[*own as usize] = shape.word(hash, doses) ^ others;
    }
    slots
}

/// Slot behind slot, the highest bit first, and the padding.
fn pack(shape: &Shape, slots: &[u32]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(shape.bytes() as usize);
    let (mut held, mut bits) = (0_u64, 0);
    for slot in slots {
        held = held << shape.slot_bits | u64::from(*slot);
        bits += u32::from(shape.slot_bits);
        while bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    bytes.resize(bytes.len() + PADDING, 0);
    bytes
}

/// The slot of so many bits, 17 at most, that begins after the first `before` bits of three bytes, 7 at most.
pub fn unpack(three: [u8; 3], before: u32, slot_bits: u8) -> u32 {
    let [a, b, c] = three;
    let word = u32::from_be_bytes([0, a, b, c]);
    (word >> (24 - before - u32::from(slot_bits))) & ((1 << slot_bits) - 1)
}
