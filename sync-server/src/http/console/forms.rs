//! What the console's forms may hold.

use super::view::{CheckEnd, NewCode, Revoke, Settle, SignIn, Undo};
use crate::http::form::{Bound, Field, Form};

impl Form for SignIn {
    const FIELDS: &'static [Field<Self>] =
        &[("name", Bound::Free, |form| &form.name), ("password", Bound::Free, |form| &form.password)];
}

impl Form for Settle {
    const FIELDS: &'static [Field<Self>] =
        &[("answer", Bound::Free, |form| &form.answer), ("note", Bound::Note, |form| &form.note)];
}

impl Form for Undo {
    const FIELDS: &'static [Field<Self>] =
        &[("settlement", Bound::Hex(64), |form| &form.settlement), ("note", Bound::Note, |form| &form.note)];
}

impl Form for Revoke {
    const FIELDS: &'static [Field<Self>] = &[("note", Bound::Note, |form| &form.note)];
}

impl Form for NewCode {
    const FIELDS: &'static [Field<Self>] =
        &[("site", Bound::Place, |form| &form.site), ("area", Bound::Place, |form| &form.area)];
}

impl Form for CheckEnd {
    const FIELDS: &'static [Field<Self>] = &[("words", Bound::Note, |form| &form.words)];
}
