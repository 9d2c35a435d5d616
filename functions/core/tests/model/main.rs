//! Exhaustive searches of everything that can happen to one webhook.
//!
//! `races` has the actors of one record: its processor with crashes, late writes and stale tokens, the engine, the reconciler,
//! the dead-letter queue, redrive and stop, over two attempts and a record that follows an expired one. `deliveries` has what
//! the producer sends: again, late, with another body, in the middle of another delivery, before and after payload and record
//! have expired.
//!
//! The decisions are the domain's own functions; the conditions of the writes are repeated here as the store's tests check
//! them against the table.

#![cfg(test)]

mod deliveries;
mod races;
mod search;
