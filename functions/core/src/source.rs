//! Sources as data: how a source's deliveries are verified, where they say what they are, and what is answered.

mod all;
mod answer;
mod closed;
mod config;
mod conflict;
mod example;
mod identity;
mod locator;
mod read;
#[cfg(test)]
pub(crate) mod schema;

pub use all::Sources;
pub use answer::FixedAnswer;
pub use closed::Closed;
pub use config::{MAX_LABEL_BYTES, SourceConfig, Summarise};
pub use conflict::{Conflict, OnConflict};
pub use example::Example;
pub use identity::Identity;
pub use locator::{Found, InvalidLocator, Locator, Place};

#[cfg(test)]
mod tests;
