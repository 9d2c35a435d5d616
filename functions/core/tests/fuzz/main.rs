//! The domain neither panics nor accepts a wrong input: properties over a corpus and its mutations.

#![cfg(test)]

mod attack;
mod body;
mod configuration;
mod deliveries;
mod forged;
mod gateway;
mod json;
mod kinds;
mod names;
mod places;
mod reader;
mod sequences;
mod signature;
mod signer;
