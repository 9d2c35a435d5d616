//! Whole proxy events through the whole function: nobody gets in, and every event has an answer.

#[cfg(test)]
mod aws;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod events;
#[cfg(test)]
#[path = "../../../core/tests/fuzz/fuzzing.rs"]
mod fuzzing;
