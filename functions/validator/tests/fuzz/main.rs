//! Whole proxy events through the whole function: nobody gets in, and every event has an answer.

#![cfg(test)]
#![recursion_limit = "256"]

mod aws;
mod configuration;
mod events;
mod starts;
