//! ⑫ The queue and one case side by side; ⑬ the answer, and taking it back.

mod list;
mod settle;
mod show;
mod undo;

pub(in crate::http) use list::list;
pub(in crate::http) use settle::settle;
pub(in crate::http) use show::show;
pub(in crate::http) use undo::undo;
