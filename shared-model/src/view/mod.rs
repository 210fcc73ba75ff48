//! Flat shapes for eyes; the only model types TypeScript ever sees.
//!
//! Ids and calendar dates cross as strings, moments as milliseconds since 1970.
//! Words are codes: the message catalogues know what they are called.

mod case;
mod citizen;
mod dose;
mod finding;
mod form;
mod from_record;

pub use case::{AnswerView, CaseLine, CaseStatus, CaseView, SettlementView, SideView};
pub use citizen::{
    CitizenLine, CitizenView, ConflictView, DueView, FieldView, FindingView, PriorView, RegistrationForm, ValueView,
};
pub use dose::{Copies, DoseStateView, DoseView, WhoView};
pub use finding::finding_view;
pub use form::{FormProblem, read_value};
pub use from_record::{
    Acquaintances, case_status, citizen_line, citizen_view, conflict_view, dose_view, person_facts, precision_code,
    register_of_key, sex_code, value_view, who_of_header, who_view,
};
