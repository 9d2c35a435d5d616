//! The domain neither panics nor accepts a wrong input: properties over a corpus and its mutations.

#![cfg(test)]

mod body;
mod configuration;
mod gateway;
mod json;
mod names;
mod places;
mod sequences;
mod signature;
