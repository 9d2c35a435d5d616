//! Whole proxy events through the whole function: nobody gets in, and every event has an answer.

#![recursion_limit = "256"]

#[cfg(test)]
mod aws;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod events;
#[cfg(test)]
mod starts;
