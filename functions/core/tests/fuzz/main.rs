//! Whatever arrives, the domain neither panics nor takes what it must not: properties over a corpus and its mutations.

#![cfg(test)]

mod body;
mod configuration;
mod gateway;
mod json;
mod names;
mod signature;
