//! The durable input: on any input the processor neither panics nor handles a webhook of another execution.

#![cfg(test)]

mod configuration;
mod input;
mod schema;
mod services;
