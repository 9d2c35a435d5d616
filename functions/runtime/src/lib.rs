//! The process of a Lambda function, the same for all of them: its `main`, its AWS clients, the gateway's requests, and
//! the configuration that functions share.

mod after_answer;
pub mod aws;
pub mod clock;
pub mod config;
pub mod http;
mod panics;
mod process;

pub use after_answer::AfterAnswer;
pub use process::{Process, main};
