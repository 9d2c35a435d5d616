//! The domain of tracehook: tokens, sources, signatures, the record of a webhook and its states, errors.
//!
//! Pure by contract: no AWS client, no input or output, no clock, no random source. Time, random bytes and the
//! environment are arguments, so that every rule here is a function that a test can call.

pub mod body;
pub mod configuration;
pub mod env;
pub mod gateway;
pub mod link;
mod nearest;
pub mod preset;
pub mod record;
pub mod rejection;
#[cfg(test)]
mod schema;
pub mod secret;
pub mod signature;
pub mod source;
pub mod source_name;
pub mod summary;
pub mod timestamp;
pub mod token;
pub mod trace;
pub mod verify;

pub use configuration::{Configuration, ConfigurationHash};
pub use record::{Record, Status};
pub use rejection::Rejection;
pub use source::{SourceConfig, Sources};
pub use source_name::SourceName;
pub use summary::{Labels, WebhookSummary};
pub use timestamp::Timestamp;
pub use token::ExecutionToken;
