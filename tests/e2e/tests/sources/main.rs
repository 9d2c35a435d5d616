//! Requests that producers, their libraries and installed programs have made, sent to the whole service: each is answered as
//! it says, and none of its changes is accepted.

#![cfg(test)]

mod captures;
mod changes;
mod fixed_clock;
mod judged;
mod plan;
mod source;
mod vector;
mod vectors;
