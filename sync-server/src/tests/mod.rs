//! The server as laptops and browsers meet it: the real router and the real store, a pretend clock, no port.

mod bad_input;
mod cases;
mod completeness;
mod console;
mod drawing;
mod engines;
mod feeds;
mod forks;
mod journey;
mod laptop;
mod nation;
mod openapi;
mod prior;
mod roles;
mod segments;
mod steps;
mod store_trouble;
