//! The reconciler against a real table and a durable service that a test scripts.

#![cfg(test)]

mod dead_letters;
mod engine;
mod observability;
mod redrive;
mod redrive_waiting;
mod status_events;
mod stop;
mod sweep;
mod world;
