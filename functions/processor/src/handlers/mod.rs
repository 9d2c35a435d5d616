//! The handlers that come with this crate.

mod recorder;

pub use recorder::Recorder;
