//! The rules by table, each with its clinical source, and by property.

mod bundles;
mod clashes;
mod due_doses;
mod judgements;
mod properties;
