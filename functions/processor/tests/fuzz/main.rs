//! The durable input: whatever the service hands over, the processor neither panics nor handles a webhook that it is not
//! the execution of.

#![cfg(test)]

mod configuration;
mod input;
mod schema;
mod services;
