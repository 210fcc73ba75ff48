//! From what was typed into a form back to values, with a problem a person can mend where that fails.

use super::citizen::ValueView;
use crate::citizen::{
    Address, Birth, BirthPrecision, Guardian, InsuranceId, NationalId, NotAnIdentifier, OldNationalId, PassportId,
    PersonName, Phone, Register, RegisterValue, Sex,
};
use crate::limits;
use crate::text::{self, NotAText};
use crate::time::Date;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormProblem {
    Empty,
    TooLong,
    Control,
    Digits,
    Province,
    Insurance,
    Passport,
    Phone,
    Date,
    InFuture,
    TooOld,
    Choice,
    UnknownRegister,
}

impl FormProblem {
    pub const ALL: [Self; 13] = [
        Self::Empty,
        Self::TooLong,
        Self::Control,
        Self::Digits,
        Self::Province,
        Self::Insurance,
        Self::Passport,
        Self::Phone,
        Self::Date,
        Self::InFuture,
        Self::TooOld,
        Self::Choice,
        Self::UnknownRegister,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::Control => "control",
            Self::Digits => "digits",
            Self::Province => "province",
            Self::Insurance => "insurance",
            Self::Passport => "passport",
            Self::Phone => "phone",
            Self::Date => "date",
            Self::InFuture => "in_future",
            Self::TooOld => "too_old",
            Self::Choice => "choice",
            Self::UnknownRegister => "unknown_register",
        }
    }
}

impl From<NotAText> for FormProblem {
    fn from(wrong: NotAText) -> Self {
        match wrong {
            NotAText::Empty => Self::Empty,
            NotAText::TooLong { .. } => Self::TooLong,
            NotAText::Control => Self::Control,
        }
    }
}

impl From<NotAnIdentifier> for FormProblem {
    fn from(wrong: NotAnIdentifier) -> Self {
        match wrong {
            NotAnIdentifier::Digits { .. } => Self::Digits,
            NotAnIdentifier::Province => Self::Province,
            NotAnIdentifier::Insurance => Self::Insurance,
            NotAnIdentifier::Passport => Self::Passport,
            NotAnIdentifier::Phone => Self::Phone,
        }
    }
}

/// Reads one field of a form. `today` bounds birth dates.
pub fn read_value(view: &ValueView, today: Date) -> Result<RegisterValue, FormProblem> {
    let register = Register::KNOWN.into_iter().find(|known| known.code() == view.register);
    let written = view.text.as_str();
    if written.trim().is_empty() {
        return Err(FormProblem::Empty);
    }
    Ok(match register.ok_or(FormProblem::UnknownRegister)? {
        Register::Name => RegisterValue::Name(PersonName::parse(written)?),
        Register::Birth => RegisterValue::Birth(read_birth(view, today)?),
        Register::Sex => RegisterValue::Sex(match written {
            "male" => Sex::Male,
            "female" => Sex::Female,
            "other" => Sex::Other,
            _ => return Err(FormProblem::Choice),
        }),
        Register::NationalId => RegisterValue::NationalId(NationalId::parse(written)?),
        Register::OldNationalId => RegisterValue::OldNationalId(OldNationalId::parse(written)?),
        Register::InsuranceId => RegisterValue::InsuranceId(InsuranceId::parse(written)?),
        Register::PassportId => RegisterValue::PassportId(PassportId::parse(written)?),
        Register::Phone => RegisterValue::Phone(Phone::parse(written)?),
        Register::Address => RegisterValue::Address(Address::parse(written)?),
        Register::Unit => RegisterValue::Unit(text::tidy(written, limits::CODE_CHARS_MAX)?),
        Register::PriorityGroup => {
            let group = written.trim().parse().map_err(|_| FormProblem::Choice)?;
            if !(1..=16).contains(&group) {
                return Err(FormProblem::Choice);
            }
            RegisterValue::PriorityGroup(group)
        }
        Register::Guardian => RegisterValue::Guardian(Guardian {
            name: PersonName::parse(written)?,
            relation: match view.relation.as_deref().map(str::trim) {
                None | Some("") => String::new(),
                Some(relation) => text::tidy(relation, limits::NAME_CHARS_MAX)?,
            },
            phone: match view.phone.as_deref().map(str::trim) {
                None | Some("") => None,
                Some(phone) => Some(Phone::parse(phone)?),
            },
        }),
        Register::Other(_) => return Err(FormProblem::UnknownRegister),
    })
}

/// `1990-05-01`, `1990-05` or `1990`; the precision follows from what is written unless it is said to be a guess.
fn read_birth(view: &ValueView, today: Date) -> Result<Birth, FormProblem> {
    let written = view.text.trim();
    let (date, precision) = match written.len() {
        4 => (Date::from_digits(written, "01", "01"), BirthPrecision::Year),
        7 => (Date::parse_iso(&format!("{written}-01")), BirthPrecision::Month),
        _ => (Date::parse_iso(written), BirthPrecision::Day),
    };
    let date = date.map_err(|_| FormProblem::Date)?;
    let precision = match view.precision.as_deref() {
        Some("estimated") => BirthPrecision::Estimated,
        Some("year") => BirthPrecision::Year,
        Some("month") if precision == BirthPrecision::Day => BirthPrecision::Month,
        _ => precision,
    };
    if date > today {
        return Err(FormProblem::InFuture);
    }
    if date.age_years(today) > limits::AGE_YEARS_MAX {
        return Err(FormProblem::TooOld);
    }
    Ok(Birth { date, precision })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(register: &str, text: &str) -> Result<RegisterValue, FormProblem> {
        let view = ValueView { register: register.into(), text: text.into(), ..ValueView::default() };
        read_value(&view, Date::new(2021, 9, 30).unwrap())
    }

    #[test]
    fn a_year_alone_is_a_birth_date_of_that_precision() {
        let Ok(RegisterValue::Birth(birth)) = read("birth", "1938") else { panic!("not a birth date") };
        assert_eq!((birth.date.year(), birth.precision), (1938, BirthPrecision::Year));
    }

    #[test]
    fn what_cannot_be_says_why() {
        assert_eq!(read("birth", "2021-10-01"), Err(FormProblem::InFuture));
        assert_eq!(read("birth", "1821-10-01"), Err(FormProblem::TooOld));
        assert_eq!(read("birth", "2021-02-30"), Err(FormProblem::Date));
        assert_eq!(read("national_id", "12345"), Err(FormProblem::Digits));
        assert_eq!(read("phone", "12345"), Err(FormProblem::Phone));
        assert_eq!(read("name", "   "), Err(FormProblem::Empty));
        assert_eq!(read("shoe_size", "38"), Err(FormProblem::UnknownRegister));
    }

    #[test]
    fn markup_in_a_name_is_a_name() {
        assert!(read("name", "<b>An</b>").is_ok());
    }
}
