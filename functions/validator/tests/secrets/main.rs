//! The validator while its secrets change or what it calls cannot be reached, on a clock that the tests move.

#![cfg(test)]
#![recursion_limit = "256"]

mod closed;
mod in_time;
mod rotation;
mod world;
