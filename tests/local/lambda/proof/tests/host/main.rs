//! The local Lambda with real function binaries, over real HTTP, as the AWS SDK sees it.
//!
//! The function is the binary `fixture-function`. Nothing here measures time: what must not happen by a timeout is
//! given a timeout that no test could wait for.

#![cfg(test)]

mod asynchronous;
mod by_hand;
mod crash;
mod dead_letters;
mod environment;
mod history;
mod host_killed;
mod invoke;
mod limits;
mod names;
mod operations;
mod restart;
mod sandbox;
mod shutdown;
mod starts;
mod stop;
mod support;
mod wire;
