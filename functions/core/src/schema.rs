//! The JSON Schema of sources for editors: its words, and whether it and the reader agree.

mod examples;
mod fields;
mod forms;
mod generated;
pub(crate) mod judge;
mod looser;
mod mutations;
mod page;
mod together;
pub(crate) mod words;
