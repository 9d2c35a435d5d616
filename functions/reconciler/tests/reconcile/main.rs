//! The reconciler against a real table and a durable service that a test scripts.

#![cfg(test)]

mod dead_letters;
mod engine;
mod observability;
mod redrive;
mod status_events;
mod sweep;
mod world;
