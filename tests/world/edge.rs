//! Pretend time and pretend chance: a true clock moved by hand, laptops that read it wrongly, dice that fall alike every time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use shared_model::time::{Date, MS_PER_DAY, MS_PER_HOUR, Moment};

/// The true time of the pretend country.
#[derive(Clone)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// Half past eight on a morning of the campaign.
    pub fn on(date: Date) -> Self {
        Self(Arc::new(AtomicI64::new(date.starts_at().plus_ms(8 * MS_PER_HOUR + MS_PER_HOUR / 2).0)))
    }

    pub fn now(&self) -> Moment {
        Moment(self.0.load(Ordering::Relaxed))
    }

    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

/// Dice that fall alike for alike seeds (splitmix64).
pub struct Dice(AtomicU64);

impl Dice {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

    pub fn seeded(seed: u64) -> Self {
        Self(AtomicU64::new(seed.wrapping_mul(Self::STEP)))
    }

    pub fn roll(&self) -> u64 {
        let mut z = self.0.fetch_add(Self::STEP, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&self, end: u64) -> u64 {
        self.roll() % end.max(1)
    }

    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.roll().to_le_bytes()[..chunk.len()]);
        }
    }
}

/// The clock and dice of one machine.
pub struct PretendEdge {
    clock: Clock,
    /// How far this machine's wall clock is off.
    pub off_ms: AtomicI64,
    /// By how much it goes wrong each day, beginning at the moment beside it.
    drift_ms_per_day: AtomicI64,
    drifts_since_ms: AtomicI64,
    dice: Dice,
}

impl PretendEdge {
    pub fn new(clock: Clock, seed: u64) -> Self {
        Self {
            clock,
            off_ms: AtomicI64::new(0),
            drift_ms_per_day: AtomicI64::new(0),
            drifts_since_ms: AtomicI64::new(0),
            dice: Dice::seeded(seed),
        }
    }

    /// From now on this clock gains so much a day; a negative number loses.
    pub fn drifts(&self, ms_per_day: i64) {
        self.drifts_since_ms.store(self.clock.now().0, Ordering::Relaxed);
        self.drift_ms_per_day.store(ms_per_day, Ordering::Relaxed);
    }

    /// Every look at the clock takes a millisecond, so that no two things happen at once.
    fn look(&self) -> Moment {
        self.clock.advance_ms(1);
        let now = self.clock.now();
        let drifting_ms = now.0 - self.drifts_since_ms.load(Ordering::Relaxed);
        let gained = i128::from(drifting_ms) * i128::from(self.drift_ms_per_day.load(Ordering::Relaxed));
        let gained_ms = i64::try_from(gained / i128::from(MS_PER_DAY)).unwrap_or(0);
        now.plus_ms(self.off_ms.load(Ordering::Relaxed)).plus_ms(gained_ms)
    }
}

impl field_client::edge::Edge for PretendEdge {
    fn now(&self) -> Moment {
        self.look()
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.clock.now().0).unwrap_or(0)
    }

    fn dice(&self, bytes: &mut [u8]) -> Result<(), field_client::edge::NoDice> {
        self.dice.fill(bytes);
        Ok(())
    }
}

impl sync_server::edge::Edge for PretendEdge {
    fn now(&self) -> Moment {
        self.look()
    }

    fn fill_random(&self, bytes: &mut [u8]) -> Result<(), sync_server::edge::NoDice> {
        self.dice.fill(bytes);
        Ok(())
    }
}
