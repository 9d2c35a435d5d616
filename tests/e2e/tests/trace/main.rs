//! The spans of webhooks, as a tracing backend receives them.

#![cfg(test)]

mod backend;
mod broken;
mod crashes;
mod flood;
mod forward;
mod labels;
mod links;
mod metrics;
mod redriven;
mod requests;
mod retries;
mod spans;
mod table;
mod whole;
