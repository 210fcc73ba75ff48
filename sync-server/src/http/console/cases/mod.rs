//! ⑫ The queue and one case side by side; ⑬ the answer, and taking it back.

mod list;
mod settle;
mod show;
mod undo;

pub(super) use list::list;
pub(super) use settle::settle;
pub(super) use show::show;
pub(super) use undo::undo;

use axum::http::StatusCode;

use super::Failed;
use crate::national::say::SayError;

/// What became of the case meanwhile is on the screen after another look.
const STALE: Failed = Failed::new(StatusCode::CONFLICT, "stale");
const NOT_OFFERED: Failed = Failed::new(StatusCode::BAD_REQUEST, "not_offered");

impl From<SayError> for Failed {
    fn from(wrong: SayError) -> Self {
        match wrong {
            SayError::BeyondLimits => Self::new(StatusCode::BAD_REQUEST, "too_long"),
            SayError::NotBelieved => Self::NOT_ALLOWED,
            SayError::NotKept | SayError::NoDice(_) | SayError::Keys(_) => Self::BUSY,
            SayError::Store(wrong) => wrong.into(),
        }
    }
}
