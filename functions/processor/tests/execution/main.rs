//! Executions of the processor against a real table, with the SDK's own runner as the durable service.

#![cfg(test)]

mod failures;
mod interrupted;
mod spans;
mod sweep;
mod world;
