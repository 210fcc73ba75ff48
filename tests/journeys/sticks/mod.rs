//! Days without a line, carried home on a stick; and everything that happens to sticks.

mod damage;
mod going_back;
mod out_and_home;
mod strangers;
mod the_medium;

use sync_server::stick::{Placed, Taken};
use world::{Person, Team, World, astrazeneca};

const ALL: u8 = 0;
const NOT_ALL: u8 = 3;
const NOTHING: u8 = 4;

/// A laptop that nobody reaches, with so many people vaccinated.
fn a_day(world: &World, name: &str, people: usize) -> (Team, Vec<Person>) {
    let team = world.laptop(name);
    team.cut(true);
    let people: Vec<_> = (0..people).map(|n| world.citizen(&format!("Lê Văn {n}"), "1970-01-01")).collect();
    people.iter().for_each(|person| drop(team.gives(person, &astrazeneca(1))));
    (team, people)
}

fn placed(taken: &Taken) -> Vec<Placed> {
    taken.sticks.iter().flat_map(|stick| stick.ranges.values().copied()).collect()
}

fn carried(team: &Team) -> (u64, u32) {
    (team.desk.stick_state().unwrap().entries, team.desk.today().unwrap().here_only)
}
