//! A record is a function of the set of statements, and of nothing else.

mod a_settlement_undone_leaves_no_trace;
mod an_edit_waits_for_what_it_saw;
mod every_order_of_small_sets;
mod links_come_and_go;
mod no_dose_ever_disappears;
mod one_set_is_one_record;
mod random_histories;
mod reference;
mod strangers_do_not_matter;
mod the_document_is_its_reference_model;
mod what_agrees_is_no_conflict;
mod what_is_taken_back_twice_stands;

use shared_model::envelope::Said;
use shared_model::ids::CitizenId;
use shared_model::merge::{Merged, merge};
use shared_model::rules::Rulebook;

use crate::country::card;
use crate::country::deeds::CARDS;

fn merged<'a>(card: CitizenId, said: impl IntoIterator<Item = &'a Said>) -> Merged {
    merge(card, said, &Rulebook::default()).unwrap()
}

fn cards() -> impl Iterator<Item = CitizenId> {
    (0..CARDS).map(card)
}
