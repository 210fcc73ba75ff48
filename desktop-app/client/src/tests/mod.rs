//! The store and its unlocking under harm: full disks, wrong keys, damaged files, strange clocks, curious thieves.

mod bench;
mod canaries;
mod crash;
mod damage;
mod everywhere;
mod full_disk;
mod history;
mod later_version;
mod leftovers;
mod logs;
mod parts;
mod pin;
mod plaintext;
mod pragmas;
mod pretend;
mod prior;
mod read_only;
mod redraw;
mod wrong_key;
