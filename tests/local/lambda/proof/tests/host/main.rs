//! The local Lambda with real function binaries, over real HTTP, as the AWS SDK sees it.
//!
//! The function is the example `fixture-function`. Nothing here measures time: what must not happen by a timeout is
//! given a timeout that no test could wait for.

#[cfg(test)]
mod asynchronous;
#[cfg(test)]
mod by_hand;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod environment;
#[cfg(test)]
mod history;
#[cfg(test)]
mod host_killed;
#[cfg(test)]
mod invoke;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod names;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod shutdown;
#[cfg(test)]
mod stop;
#[cfg(test)]
mod support;
#[cfg(test)]
mod wire;
