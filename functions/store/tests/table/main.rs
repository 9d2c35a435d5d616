//! The store against a real table.

#![cfg(test)]

mod actions;
mod advance;
mod close;
mod create;
mod objects;
mod pages;
