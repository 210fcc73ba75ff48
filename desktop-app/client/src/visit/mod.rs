//! What happens at the table, one deed a file.

pub mod correct_dose;
pub mod edit_citizen;
pub mod elsewhere;
pub mod give_dose;
pub mod look;
pub mod open_record;
pub mod register_citizen;
pub mod today;
pub mod withdraw;
