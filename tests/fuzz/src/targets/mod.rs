//! Every place where bytes from outside are read, one a file.

mod body;
mod bundle;
mod console;
mod conversation;
mod device;
mod header;
mod message;
mod page;
mod push;
mod record;
mod scanned;
mod seal;
mod snapshot;
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
    snapshot::TARGET,
    conversation::TARGET,
    scanned::TARGET,
    bundle::TARGET,
    record::TARGET,
    device::TARGET,
    console::TARGET,
];
