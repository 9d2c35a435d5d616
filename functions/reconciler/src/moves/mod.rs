//! Moves of one record that several triggers make.

pub(crate) mod close;
mod start;
