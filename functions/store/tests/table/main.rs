//! The store against a real table.

#![cfg(test)]

mod actions;
mod advance;
mod close;
mod configuration;
mod create;
mod expired;
mod late_start;
mod objects;
mod pages;
mod wait;
