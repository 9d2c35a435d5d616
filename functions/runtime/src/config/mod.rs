//! The variables that several functions read, in groups. A function's configuration is composed of them.
//!
//! Every group reads all its variables before it gives up on one, so that one message names every bad variable.

mod bucket;
mod http;
mod starts;
mod table;
mod variables;

pub use bucket::Bucket;
pub use http::Http;
pub use starts::{Life, Starts};
pub use table::Table;
pub use variables::variables;
