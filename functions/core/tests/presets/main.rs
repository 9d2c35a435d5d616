//! The presets: each file is whole, the service reads it, vectors prove it, and `PRESETS.md` says what is in it.

#![cfg(test)]

mod captures;
mod case;
mod changes;
mod command;
mod file;
mod left_out;
mod page;
mod sources;
mod vectors;
mod words;
