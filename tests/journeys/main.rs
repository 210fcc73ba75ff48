//! One story a file: the pretend country on days when things go wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test falls down where it stands")]
#![allow(clippy::print_stdout, reason = "a child process answers on its standard output")]

mod a_cloned_laptop;
mod a_conflict_comes_home;
mod a_correction;
mod a_district_hub;
mod a_fresh_laptop;
mod a_laptop_hosts_the_hub;
mod a_laptop_years_off;
mod a_later_version;
mod a_name_edited_in_two_places;
mod a_restored_server;
mod a_revoked_device;
mod a_visitor;
mod an_impostor;
mod hostile_text;
mod how_a_hub_stands;
mod interrupted_pushes;
mod one_dose_reaches_the_nation;
mod over_tls;
mod power_is_lost_mid_dose;
mod prior_doses;
mod prior_doses_by_hub_and_stick;
mod six_words;
mod sticks;
mod sticks_at_a_hub;
mod the_same_seed;
mod two_cards_one_person;
mod two_teams_one_citizen;
