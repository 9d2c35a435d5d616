//! What a black-box test needs: the whole service as a child process, a signing producer, and a patient reader.

mod producer;
mod service;

pub use producer::{Answer, Delivery, sign};
pub use service::{Options, Service, binaries, calls};

/// The secret of every source that is served without a configuration.
pub const SECRET: &str = "local-development-secret";
