//! Moments handed in by callers. Nothing here reads a clock.

use std::fmt;

use crate::limits;

pub const MS_PER_SECOND: i64 = 1_000;
pub const MS_PER_MINUTE: i64 = 60 * MS_PER_SECOND;
pub const MS_PER_HOUR: i64 = 60 * MS_PER_MINUTE;
pub const MS_PER_DAY: i64 = 24 * MS_PER_HOUR;

/// Vietnam keeps UTC+7 all year; a day of the campaign is a day there.
pub const CAMPAIGN_UTC_OFFSET_MS: i64 = 7 * MS_PER_HOUR;

/// Milliseconds since 1970-01-01T00:00:00Z, as somebody's clock said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub i64);

impl Moment {
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to here; negative when `earlier` is later.
    pub fn ms_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The calendar day of this moment in the campaign's time zone.
    /// Moments beyond the calendar are clamped to its ends.
    pub fn campaign_date(self) -> Date {
        let days = self.0.saturating_add(CAMPAIGN_UTC_OFFSET_MS).div_euclid(MS_PER_DAY);
        Date::from_days(i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX }))
    }
}

/// A text or number that names no day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date of the calendar")]
pub struct NotADate;

/// A calendar day. Counted in days since 1970-01-01, years 1 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(time::Date);

impl Date {
    const EPOCH_JULIAN_DAY: i32 = 2_440_588;

    pub fn new(year: i32, month: u8, day: u8) -> Result<Self, NotADate> {
        if !(1..=9999).contains(&year) {
            return Err(NotADate);
        }
        let month = time::Month::try_from(month).map_err(|_| NotADate)?;
        time::Date::from_calendar_date(year, month, day).map(Self).map_err(|_| NotADate)
    }

    /// Reads `2021-09-30`.
    pub fn parse_iso(text: &str) -> Result<Self, NotADate> {
        let (year, rest) = text.split_once('-').ok_or(NotADate)?;
        let (month, day) = rest.split_once('-').ok_or(NotADate)?;
        Self::from_digits(year, month, day)
    }

    /// Reads the parts of a printed date: four, two and two digits, nothing else.
    pub fn from_digits(year: &str, month: &str, day: &str) -> Result<Self, NotADate> {
        let digits = |text: &str, count: usize| {
            (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then_some(()).ok_or(NotADate)
        };
        digits(year, 4)?;
        digits(month, 2)?;
        digits(day, 2)?;
        Self::new(
            year.parse().map_err(|_| NotADate)?,
            month.parse().map_err(|_| NotADate)?,
            day.parse().map_err(|_| NotADate)?,
        )
    }

    /// Clamped to the calendar's ends.
    pub fn from_days(days_since_1970: i32) -> Self {
        let julian = days_since_1970.saturating_add(Self::EPOCH_JULIAN_DAY);
        time::Date::from_julian_day(julian)
            .map_or(Self(if days_since_1970 < 0 { time::Date::MIN } else { time::Date::MAX }), Self)
    }

    pub fn days(self) -> i32 {
        self.0.to_julian_day() - Self::EPOCH_JULIAN_DAY
    }

    pub fn plus_days(self, days: i32) -> Self {
        Self::from_days(self.days().saturating_add(days))
    }

    /// Days from `earlier` to here; negative when `earlier` is later.
    pub fn days_since(self, earlier: Self) -> i32 {
        self.days() - earlier.days()
    }

    pub fn year(self) -> i32 {
        self.0.year()
    }

    pub fn month(self) -> u8 {
        self.0.month().into()
    }

    pub fn day(self) -> u8 {
        self.0.day()
    }

    /// Completed years between this birth date and `today`; 0 before birth.
    pub fn age_years(self, today: Self) -> u16 {
        let mut years = today.year() - self.year();
        if (today.month(), today.day()) < (self.month(), self.day()) {
            years -= 1;
        }
        u16::try_from(years).unwrap_or(0)
    }

    /// The first moment of this day in the campaign's time zone.
    pub fn starts_at(self) -> Moment {
        Moment(i64::from(self.days()) * MS_PER_DAY - CAMPAIGN_UTC_OFFSET_MS)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day())
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<C> minicbor::Encode<C> for Date {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.i32(self.days())?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Date {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let days = d.i32()?;
        let date = Self::from_days(days);
        if date.days() == days { Ok(date) } else { Err(minicbor::decode::Error::message("day beyond the calendar")) }
    }
}

/// A hybrid logical clock: 48 bits of wall milliseconds, 16 bits of counter.
/// For showing things in a likely order, never for deciding what exists or who is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hlc(pub u64);

impl Hlc {
    const COUNTER_BITS: u32 = 16;

    fn at(moment: Moment) -> Self {
        let ms = u64::try_from(moment.0).unwrap_or(0).min((1 << 48) - 1);
        Self(ms << Self::COUNTER_BITS)
    }

    /// The next stamp of a device whose last one was `self`.
    pub fn tick(self, wall: Moment) -> Self {
        Self::at(wall).max(Self(self.0.saturating_add(1)))
    }

    /// What a device remembers after seeing a stranger's stamp, which may pull it
    /// forward by no more than `limits::HLC_REMOTE_LEAD_MS_MAX` past its own wall.
    pub fn observe(self, remote: Self, wall: Moment) -> Self {
        self.max(remote.min(Self::at(wall.plus_ms(limits::HLC_REMOTE_LEAD_MS_MAX))))
    }

    pub fn wall(self) -> Moment {
        Moment(i64::try_from(self.0 >> Self::COUNTER_BITS).unwrap_or(i64::MAX))
    }
}

/// What a device knew about the quality of its own clock when it spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, minicbor::Encode, minicbor::Decode)]
pub struct ClockEvidence {
    /// Server time minus own time at the last contact with a signed server time, in milliseconds.
    #[n(0)]
    pub offset_ms: Option<i64>,
    /// Seconds on the monotonic clock since that contact; unknown after a restart.
    #[n(1)]
    pub contact_age_s: Option<u64>,
    /// The wall clock has been seen to go backwards since that contact.
    #[n(2)]
    pub went_backwards: bool,
}

/// How far a time may be believed, for eyes that compare two stories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "model.ts")]
pub enum ClockQuality {
    /// Compared with a server within a day and within a minute.
    Good,
    /// Compared, but long ago or off by more than a minute; the offset is known.
    Fair,
    /// Never compared, or seen going backwards.
    Unknown,
    /// Known to be off by more than a day.
    Wrong,
}

impl ClockEvidence {
    pub fn quality(self) -> ClockQuality {
        // Unsigned: the lowest number there is has no positive counterpart, and strangers send it.
        let off_by = |ms: i64, bound: i64| ms.unsigned_abs() >= bound.unsigned_abs();
        match self.offset_ms {
            Some(offset) if off_by(offset, limits::CLOCK_OFFSET_MS_IMPLAUSIBLE) => ClockQuality::Wrong,
            _ if self.went_backwards => ClockQuality::Unknown,
            None => ClockQuality::Unknown,
            Some(offset) => {
                let fresh = self.contact_age_s.is_some_and(|age| age <= 86_400);
                if fresh && !off_by(offset, MS_PER_MINUTE + 1) { ClockQuality::Good } else { ClockQuality::Fair }
            }
        }
    }

    /// The time a claimed moment most likely was, by the server's clock.
    pub fn corrected(self, claimed: Moment) -> Moment {
        claimed.plus_ms(self.offset_ms.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_vietnam() {
        let day = Date::new(2021, 9, 30).unwrap();
        assert_eq!(day.starts_at().campaign_date(), day);
        assert_eq!(day.starts_at().plus_ms(-1).campaign_date(), day.plus_days(-1));
    }

    #[test]
    fn the_ends_of_time_are_days_too() {
        Moment(i64::MIN).campaign_date();
        Moment(i64::MAX).campaign_date();
    }

    #[test]
    fn a_birthday_is_the_day_one_grows_older() {
        let born = Date::parse_iso("2009-11-22").unwrap();
        assert_eq!(born.age_years(Date::parse_iso("2021-11-21").unwrap()), 11);
        assert_eq!(born.age_years(Date::parse_iso("2021-11-22").unwrap()), 12);
        assert_eq!(born.age_years(Date::parse_iso("2001-01-01").unwrap()), 0);
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        for text in ["2021-02-29", "2021-13-01", "0000-01-01", "2021-1-01", "+021-01-01", "20210101", ""] {
            assert!(Date::parse_iso(text).is_err(), "{text}");
        }
    }

    #[test]
    fn no_offset_is_so_large_that_its_clock_counts_as_good() {
        let quality =
            |ms: i64| ClockEvidence { offset_ms: Some(ms), contact_age_s: Some(60), went_backwards: false }.quality();
        for ms in [i64::MIN, i64::MIN + 1, -MS_PER_DAY, MS_PER_DAY, i64::MAX] {
            assert_eq!(quality(ms), ClockQuality::Wrong, "{ms}");
        }
        for ms in [-MS_PER_MINUTE, 0, MS_PER_MINUTE] {
            assert_eq!(quality(ms), ClockQuality::Good, "{ms}");
        }
        assert_eq!(quality(MS_PER_MINUTE + 1), ClockQuality::Fair);
        assert_eq!(quality(1 - MS_PER_DAY), ClockQuality::Fair);
    }

    #[test]
    fn the_clock_never_runs_backwards_and_strangers_cannot_push_it_far() {
        let wall = Moment(1_600_000_000_000);
        let first = Hlc::default().tick(wall);
        let second = first.tick(wall.plus_ms(-MS_PER_DAY));
        assert!(second > first);
        let poisoned = second.observe(Hlc(u64::MAX), wall);
        assert!(poisoned.wall() <= wall.plus_ms(limits::HLC_REMOTE_LEAD_MS_MAX));
    }
}
