pub mod bench;
pub mod console;
pub mod program;
