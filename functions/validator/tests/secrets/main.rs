//! The validator while its secrets change or cannot be read, on a clock that the tests move.

#![cfg(test)]
#![recursion_limit = "256"]

mod closed;
mod rotation;
mod world;
