//! Every place where bytes from outside are read, one a file.

mod body;
mod bundle;
mod console;
mod content;
mod conversation;
mod device;
mod forwarding;
mod frame;
mod header;
mod medium;
mod message;
mod page;
mod prior;
mod push;
mod record;
mod scanned;
mod seal;
mod segment;
mod spoken;
mod visitor;
mod word;

use crate::Target;

pub const TARGETS: &[Target] = &[
    header::TARGET,
    body::TARGET,
    seal::TARGET,
    message::TARGET,
    word::TARGET,
    push::TARGET,
    page::TARGET,
    segment::TARGET,
    conversation::TARGET,
    scanned::TARGET,
    bundle::TARGET,
    record::TARGET,
    device::TARGET,
    console::TARGET,
    frame::TARGET,
    content::TARGET,
    medium::TARGET,
    spoken::TARGET,
    prior::TARGET,
    forwarding::TARGET,
    visitor::TARGET,
];
