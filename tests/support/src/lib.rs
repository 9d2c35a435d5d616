//! Helpers that several test crates share.
//!
//! Contract: each module is behind a feature of its name and needs nothing of the others. A helper that cannot do its work
//! panics, which fails the test that called it; the child service returns errors, because the bench uses it too.

#[cfg(feature = "calls")]
pub mod calls;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
#[cfg(feature = "metrics")]
pub mod metrics;
#[cfg(feature = "service")]
mod producer;
#[cfg(feature = "service")]
pub mod service;
#[cfg(feature = "table")]
pub mod table;
mod workspace;

#[cfg(feature = "service")]
pub use producer::{Answer, Delivery, SECRET, sign};
#[cfg(feature = "service")]
pub use service::{Options, Service, is_open};
pub use workspace::{package, root};
