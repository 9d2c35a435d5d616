//! Whole proxy events through the whole function: no wrong request is accepted, and every event has an answer.

#![cfg(test)]
#![recursion_limit = "256"]

mod aws;
mod configuration;
mod events;
mod ready;
mod starts;
