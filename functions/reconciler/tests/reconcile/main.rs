//! The reconciler against a real table and a durable service that a test scripts.

#[cfg(test)]
mod dead_letters;
#[cfg(test)]
mod engine;
#[cfg(test)]
mod redrive;
#[cfg(test)]
mod status_events;
#[cfg(test)]
mod sweep;
#[cfg(test)]
mod telling;
#[cfg(test)]
mod world;
