//! ⑩ What the country knows, and what it says: records and cases for eyes, settlements for laptops.

pub mod acquaintance;
pub mod case;
pub mod completeness;
pub mod record;
pub mod say;
pub mod units;
