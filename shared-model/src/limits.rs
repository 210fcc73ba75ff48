//! Every bound, with its reason. What exceeds one is refused or quarantined, never cut.

use crate::time::{MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE};

/// A body larger than this says more than one person saw in one deed.
pub const BODY_BYTES_MAX: usize = 4 * 1024;
/// A header has no free text; twice the largest one made here.
pub const HEADER_BYTES_MAX: usize = 512;
/// An edit names what its author saw on one screen.
pub const BASED_ON_MAX: usize = 16;
/// No schedule gives one person more doses than this.
pub const SEEN_MAX: usize = 32;
/// Registers one statement may fill: a whole registration form.
pub const REGISTERS_MAX: usize = 16;
/// Statements one conflict may name.
pub const INVOLVED_MAX: usize = 32;
/// Small enough for a bad line: 256 KiB take two seconds at 1 Mbit/s.
pub const REQUEST_BYTES_MAX: usize = 256 * 1024;
/// What a compressed request may unfold to: a bomb of 256 KiB stops here.
pub const UNFOLDED_BYTES_MAX: usize = 1024 * 1024;
/// Entries one push may carry; about 150 kB of them.
pub const PUSH_ENTRIES_MAX: usize = 500;
/// Seals one push may carry: a laptop whose users switch after every person.
pub const PUSH_SEALS_MAX: usize = PUSH_ENTRIES_MAX;
/// Entries one page of a feed may carry.
pub const PULL_ENTRIES_MAX: usize = 500;
/// Citizens one request may fetch by id or search for.
pub const FETCH_CITIZENS_MAX: usize = 20;
/// Feeds one device may follow: its own area and a few visited ones.
pub const FEEDS_MAX: usize = 16;
/// Logs a hub names in one hello: 64 bytes each, and a signed receipt of 200 for each in the answer.
pub const HUB_LOGS_MAX: usize = 1_000;
/// Entries of one log that were not believed, as a hub is told of them.
pub const HUB_NOTICES_MAX: usize = 20;
/// Areas one hub may serve: a district's wards are a dozen or two.
pub const HUB_AREAS_MAX: usize = 64;
/// Certificates one answer may carry.
pub const CERTIFICATES_MAX: usize = 256;
/// A protocol bundle with every product, source and unit of a campaign.
pub const BUNDLE_BYTES_MAX: usize = 512 * 1024;
/// Entries a file of a feed is cut at: one part of a file on a bad line, and all that a damaged one costs.
pub const SEGMENT_ENTRIES: u64 = 1_000;
/// Entries a file of a feed may carry, whoever cut it.
pub const SEGMENT_ENTRIES_MAX: u64 = 10_000;
/// A file of a feed, folded: a thousand of the largest envelopes, each of another author, that do not fold at all.
pub const SEGMENT_FILE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// What it may unfold to, with room.
pub const SEGMENT_UNFOLDED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Files of a feed listed in one answer: 120 bytes each.
pub const SEGMENTS_TOLD_MAX: usize = 500;
/// A snapshot of one area: 50,000 citizens of two doses, compressed, with room.
pub const SNAPSHOT_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Ranges of logs one stick may carry: its manifest names each in 80 bytes and stands in one frame.
pub const STICK_RANGES_MAX: usize = 1_500;
/// Stretches of feeds one stick may carry, for the same reason.
pub const STICK_FEEDS_MAX: usize = 256;
/// Name of a feed on a stick, in bytes: the code of an administrative unit, with room.
pub const STICK_FEED_NAME_BYTES_MAX: usize = 256;
/// Logs one return word may answer for; a stick may carry several words.
pub const STICK_ANSWERS_MAX: usize = 1_000;
/// Damages one reading of a stick lists; more are only counted.
pub const STICK_DAMAGES_MAX: usize = 1_000;
/// What one segment of a stick is filled with before it is closed: all that a bad sector costs. A laptop's day is two or
/// three of them.
pub const SEGMENT_BYTES: usize = 16 * 1024;
/// A segment as it is sealed: the largest frame behind almost a full one, under as many recipients as there may be.
pub const SEGMENT_SEALED_BYTES_MAX: usize = 384 * 1024;
/// Readers one stick may be sealed to: the nation, and the hubs of a province.
pub const STICK_RECIPIENTS_MAX: usize = 16;
/// A recipient as age writes it is 62 bytes.
pub const STICK_RECIPIENT_BYTES_MAX: usize = 128;
/// A stick made this much later than now was made by a clock that is wrong, or is read by one.
pub const STICK_LEAD_MS_MAX: i64 = 5 * MS_PER_MINUTE;
/// Six words with their marks decomposed, and white space.
pub const SPOKEN_BYTES_MAX: usize = 256;

/// Texts, in characters after normalisation.
pub const NAME_CHARS_MAX: usize = 100;
pub const ADDRESS_CHARS_MAX: usize = 300;
pub const NOTE_CHARS_MAX: usize = 500;
pub const LOT_CHARS_MAX: usize = 20; // GS1 General Specifications, AI (10)
pub const CODE_CHARS_MAX: usize = 64;
pub const SCAN_CHARS_MAX: usize = 2_000;

/// A remote stamp pulls a clock forward no further than this past its own wall.
pub const HLC_REMOTE_LEAD_MS_MAX: i64 = 5 * MS_PER_MINUTE;
/// A clock known to be off by a day puts doses on the wrong date.
pub const CLOCK_OFFSET_MS_IMPLAUSIBLE: i64 = MS_PER_DAY;
/// A dose said to be given later than the server first heard of it, with room for drift.
pub const CLAIM_LEAD_MS_MAX: i64 = 12 * MS_PER_HOUR;
/// Two statements of the same lot within this time may be one injection typed twice.
pub const SAME_INJECTION_MS_MAX: i64 = 12 * MS_PER_HOUR;
/// How long a dose may be undone at the table without a reason.
pub const UNDO_WINDOW_MS: i64 = 10_000;
/// The oldest person on record lived 122 years.
pub const AGE_YEARS_MAX: u16 = 125;

/// How long a server's nonce may be used to sign requests.
pub const NONCE_LIFE_MS: i64 = 15 * MS_PER_MINUTE;
/// How long an enrolment code waits to be typed in.
pub const ENROLMENT_CODE_LIFE_MS: i64 = 24 * MS_PER_HOUR;
/// How long a signed-in admin may stay idle, and in all.
pub const STAFF_IDLE_MS: i64 = 30 * MS_PER_MINUTE;
pub const STAFF_SESSION_MS: i64 = 12 * MS_PER_HOUR;
/// Wrong PINs before the laptop makes its user wait.
pub const PIN_TRIES_BEFORE_WAIT: u32 = 5;

/// Segments a prior-dose filter may have: a quarter of a billion citizens.
pub const PRIOR_SEGMENTS_MAX: usize = 256;
/// Citizens a segment is meant to have at most: built in 60 MB of memory, fetched again in 15 s at 1 Mbit/s.
pub const PRIOR_SEGMENT_CITIZENS: u32 = 1 << 20;
/// Citizens a segment may have: marks fall evenly, so twice as many are never there by chance.
pub const PRIOR_SEGMENT_CITIZENS_MAX: u32 = 1 << 21;
/// A segment of that many citizens, 14 bits a slot, with room.
pub const PRIOR_SEGMENT_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// A manifest of as many segments as there may be is 13 kB.
pub const PRIOR_MANIFEST_BYTES_MAX: usize = 32 * 1024;
/// Deltas on one base: the weeks since the base as one, and a day each for the rest of this week. Each more
/// has strangers taken for somebody else; with seven it is 63 of 16,384 in all, one in 260.
pub const PRIOR_DELTAS_MAX: usize = 7;
