//! The whole service, as a producer, a reader and an operator see it.

#![cfg(test)]

mod accept;
mod api_gateway;
mod aws_callers;
mod bodies;
mod changed_sources;
mod clock;
mod codings;
mod configuration;
mod crash;
mod dead_letters;
mod duplicates;
mod example;
mod expired;
mod faults;
mod gateway;
mod half_stored;
mod handlers;
mod identity;
mod interrupted_calls;
mod interrupted_tries;
mod keys;
mod large;
mod measures;
mod only_here;
mod poison;
mod private_files;
mod producers;
mod reconcile;
mod redelivered;
mod redrive;
mod refuse;
mod restored;
mod rotation;
mod schemas;
mod secrecy;
mod stop_all;
mod strangers;
mod verified;
mod waiting;
