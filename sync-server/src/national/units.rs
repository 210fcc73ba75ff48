//! The register of administrative units: which ward lies in which district and province, and from when until when. Wards
//! are merged and moved; a day's picture is drawn with that day's borders.
//!
//! It is a CSV file in UTF-8 with this first line, a line for each period of a unit:
//!
//! ```text
//! code,name,parent,valid_from,valid_to
//! 79,Thành phố Hồ Chí Minh,,1976-07-02,
//! 773,Quận 4,79,1976-07-02,2025-06-30
//! 26734,Phường 3,773,1976-07-02,2025-06-30
//! ```
//!
//! No parent is the top; no `valid_to` is until further notice; both days count. A file with one wrong line is refused whole:
//! half a register would roll up to wrong sums that look right.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use shared_model::limits;
use shared_model::text;
use shared_model::time::Date;

/// Every unit of the country, ten times over.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Province, district, ward, and two more.
const DEPTH_MAX: usize = 5;
const HEADER: &str = "code,name,parent,valid_from,valid_to";

/// What is wrong with a file, and in which line of it.
#[derive(Debug, thiserror::Error)]
pub enum UnitsError {
    #[error("the file of units can't be read")]
    Files(#[from] io::Error),
    #[error("the file of units is larger than {FILE_BYTES_MAX} bytes")]
    TooLarge,
    #[error("the file of units is not UTF-8 in line {line}: save it as CSV UTF-8")]
    NotUtf8 { line: usize },
    #[error("line 1 is not `{HEADER}`")]
    Header,
    #[error("line {line}: {wrong}")]
    Line { line: usize, wrong: LineError },
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    #[error("a line has five fields, without quotes: code, name, parent, valid_from, valid_to; this one has {0}")]
    Fields(usize),
    #[error("`{0}` is no code: one word without invisible signs, of at most {max} bytes", max = limits::CODE_CHARS_MAX)]
    Code(String),
    #[error("a name is one visible line of at most {max} characters", max = limits::NAME_CHARS_MAX)]
    Name,
    #[error("`{0}` is no date: year-month-day, as in 2021-07-01")]
    Date(String),
    #[error("it ends before it begins")]
    Backwards,
    #[error("the same unit has these days in line {0} already")]
    Overlaps(usize),
    #[error("its parent `{parent}` is not in the file on {day}")]
    NoParent { parent: String, day: Date },
    #[error("on {0} the unit lies in itself, or under more than {DEPTH_MAX} others")]
    TooDeep(Date),
}

/// A unit as it was for some time.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Period {
    name: String,
    parent: Option<String>,
    from: Date,
    /// The last day; nothing for one that goes on.
    to: Option<Date>,
    line: usize,
}

impl Period {
    fn has(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.has(other.from) || other.has(self.from)
    }
}

/// A unit on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit<'a> {
    pub name: &'a str,
    pub parent: Option<&'a str>,
}

/// No units at all where no file was named: then every area is one nobody knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Units {
    periods: BTreeMap<String, Vec<Period>>,
}

impl Units {
    pub fn open(path: &Path) -> Result<Self, UnitsError> {
        let mut bytes = Vec::new();
        File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err(UnitsError::TooLarge);
        }
        let text = std::str::from_utf8(&bytes).map_err(|wrong| {
            let before = bytes.get(..wrong.valid_up_to()).unwrap_or_default();
            UnitsError::NotUtf8 { line: 1 + before.iter().filter(|byte| **byte == b'\n').count() }
        })?;
        Self::parse(text)
    }

    pub fn parse(text: &str) -> Result<Self, UnitsError> {
        // Spreadsheets begin their files with this sign.
        let mut lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines().zip(1_usize..);
        if lines.next().is_none_or(|(header, _)| header.trim_end() != HEADER) {
            return Err(UnitsError::Header);
        }
        let mut units = Self::default();
        for (line, number) in lines.filter(|(line, _)| !line.trim().is_empty()) {
            units.take(line, number).map_err(|wrong| UnitsError::Line { line: number, wrong })?;
        }
        for period in units.periods.values().flatten() {
            units.stands(period).map_err(|wrong| UnitsError::Line { line: period.line, wrong })?;
        }
        Ok(units)
    }

    fn take(&mut self, line: &str, number: usize) -> Result<(), LineError> {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        let &[code, name, parent, from, to] = fields.as_slice() else { return Err(LineError::Fields(fields.len())) };
        if line.contains('"') {
            return Err(LineError::Fields(fields.len()));
        }
        let name = text::tidy(name, limits::NAME_CHARS_MAX).map_err(|_| LineError::Name)?;
        let parent = if parent.is_empty() { None } else { Some(code_of(parent)?) };
        let to = if to.is_empty() { None } else { Some(date_of(to)?) };
        let period = Period { name, parent, from: date_of(from)?, to, line: number };
        if period.to.is_some_and(|to| to < period.from) {
            return Err(LineError::Backwards);
        }
        let known = self.periods.entry(code_of(code)?).or_default();
        if let Some(other) = known.iter().find(|other| other.overlaps(&period)) {
            return Err(LineError::Overlaps(other.line));
        }
        known.push(period);
        Ok(())
    }

    /// Its parents are there on every day of it, and none of them is itself. A ring of units has all its members
    /// on the first day of the youngest of them, so one day a period is enough to look for rings on.
    fn stands(&self, period: &Period) -> Result<(), LineError> {
        let Some(parent) = &period.parent else { return Ok(()) };
        let mut day = Some(period.from);
        while let Some(first) = day {
            let above = self.period(parent, first);
            let above = above.ok_or_else(|| LineError::NoParent { parent: parent.clone(), day: first })?;
            day = match (above.to, period.to) {
                (None, _) => None,
                (Some(until), Some(to)) if to <= until => None,
                (Some(until), _) => Some(until.plus_days(1)),
            };
        }
        let (mut above, mut depth) = (Some(parent.as_str()), 1);
        while let Some(code) = above {
            if depth > DEPTH_MAX {
                return Err(LineError::TooDeep(period.from));
            }
            above = self.unit(code, period.from).and_then(|unit| unit.parent);
            depth += 1;
        }
        Ok(())
    }

    fn period(&self, code: &str, day: Date) -> Option<&Period> {
        self.periods.get(code)?.iter().find(|period| period.has(day))
    }

    /// The unit of this code on a day; nothing where the register has none.
    pub fn unit(&self, code: &str, day: Date) -> Option<Unit<'_>> {
        let Period { name, parent, .. } = self.period(code, day)?;
        Some(Unit { name, parent: parent.as_deref() })
    }

    /// An area and the units it lies in on a day, the largest last; the area alone where the register does not have it.
    pub fn lineage<'a>(&'a self, area: &'a str, day: Date) -> Vec<&'a str> {
        let (mut lineage, mut code) = (vec![area], area);
        while let Some(parent) = self.unit(code, day).and_then(|unit| unit.parent) {
            if lineage.len() > DEPTH_MAX {
                break;
            }
            lineage.push(parent);
            code = parent;
        }
        lineage
    }
}

fn code_of(text: &str) -> Result<String, LineError> {
    let is_code = text.len() <= limits::CODE_CHARS_MAX
        && !text.contains(char::is_whitespace)
        && text::tidy(text, limits::CODE_CHARS_MAX).is_ok_and(|tidy| tidy == text);
    if is_code { Ok(text.to_owned()) } else { Err(LineError::Code(text.to_owned())) }
}

fn date_of(text: &str) -> Result<Date, LineError> {
    Date::parse_iso(text).map_err(|_| LineError::Date(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "code,name,parent,valid_from,valid_to
79,Thành phố Hồ Chí Minh,,1976-07-02,
773,Quận 4,79,1976-07-02,2025-06-30
26734,Phường 3,773,1976-07-02,2025-06-30
26734,Phường Khánh Hội,79,2025-07-01,
";

    fn day(text: &str) -> Date {
        Date::parse_iso(text).unwrap()
    }

    #[test]
    fn a_ward_lies_where_it_lay_on_the_day() {
        let units = Units::parse(GOOD).unwrap();
        assert_eq!(units.lineage("26734", day("2025-06-30")), ["26734", "773", "79"]);
        assert_eq!(units.lineage("26734", day("2025-07-01")), ["26734", "79"]);
        assert_eq!(units.unit("26734", day("2025-07-01")).unwrap().name, "Phường Khánh Hội");
        assert_eq!(units.unit("773", day("2025-07-01")), None);
        assert_eq!(units.lineage("99999", day("2021-09-30")), ["99999"]);
    }

    #[test]
    fn what_spreadsheets_do_to_line_ends_is_read() {
        let windows = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
        assert_eq!(Units::parse(&windows).unwrap(), Units::parse(GOOD).unwrap());
    }

    fn wrong(lines: &str) -> (usize, LineError) {
        match Units::parse(&format!("{HEADER}\n{lines}")) {
            Err(UnitsError::Line { line, wrong }) => (line, wrong),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let province = "79,Hồ Chí Minh,,2000-01-01,2019-12-31\n";
        for (lines, line, expected) in [
            ("79,Hồ Chí Minh,,2000-01-01", 2, LineError::Fields(4)),
            ("79,\"Hồ Chí Minh\",,2000-01-01,", 2, LineError::Fields(5)),
            ("\n7 9,Hồ Chí Minh,,2000-01-01,", 3, LineError::Code("7 9".to_owned())),
            (",Hồ Chí Minh,,2000-01-01,", 2, LineError::Code(String::new())),
            ("79,,,2000-01-01,", 2, LineError::Name),
            ("79,Hồ Chí Minh,,1/1/2000,", 2, LineError::Date("1/1/2000".to_owned())),
            ("79,Hồ Chí Minh,,2000-01-02,2000-01-01", 2, LineError::Backwards),
            (&format!("{province}79,TP,,2019-12-31,"), 3, LineError::Overlaps(2)),
            (
                &format!("{province}773,Quận 4,78,2000-01-01,2001-01-01"),
                3,
                LineError::NoParent { parent: "78".to_owned(), day: day("2000-01-01") },
            ),
            (
                &format!("{province}773,Quận 4,79,2000-01-01,"),
                3,
                LineError::NoParent { parent: "79".to_owned(), day: day("2020-01-01") },
            ),
            (
                "1,A,2,2000-01-01,\n2,B,1,2001-01-01,",
                2,
                LineError::NoParent { parent: "2".to_owned(), day: day("2000-01-01") },
            ),
            ("1,A,2,2000-01-01,\n2,B,1,2000-01-01,", 2, LineError::TooDeep(day("2000-01-01"))),
        ] {
            assert_eq!(wrong(lines), (line, expected), "{lines}");
        }
        assert!(matches!(Units::parse("code;name;parent;valid_from;valid_to\n"), Err(UnitsError::Header)));
    }

    #[test]
    fn a_file_in_another_encoding_is_told_so_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("units.csv");
        std::fs::write(&path, [HEADER.as_bytes(), b"\n79,H\xf4 Ch\xed Minh,,2000-01-01,\n"].concat()).unwrap();
        assert!(matches!(Units::open(&path), Err(UnitsError::NotUtf8 { line: 2 })));
    }

    #[test]
    fn a_parent_may_go_on_under_another_name() {
        let renamed = format!("{HEADER}\n1,A,,2000-01-01,2009-12-31\n1,B,,2010-01-01,\n2,C,1,2000-01-01,\n");
        let units = Units::parse(&renamed).unwrap();
        assert_eq!(units.lineage("2", day("2020-01-01")), ["2", "1"]);
    }
}
