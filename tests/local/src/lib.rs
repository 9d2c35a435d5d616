//! The whole service on one machine: the real function binaries, the AWS services that they call, and the API in front.
//!
//! Contract: everything listens on 127.0.0.1 only and answers no page of another origin; AWS is for the functions and for
//! who may read the state directory, which is its owner's alone. What was answered survives `kill -9` of the host (unless its
//! state is in memory). It exists to develop and to prove; production is AWS.

pub mod alarms;
pub mod aws;
pub mod banner;
pub mod cli;
pub mod clock;
pub mod config;
mod configuration;
mod control;
pub mod deployment;
pub mod example;
mod faulty;
pub mod functions;
mod gateway;
mod guard;
mod latest_webhooks;
pub mod logs;
pub mod measures;
pub mod metrics;
pub mod pages;
mod private;
mod server;
pub mod service;
pub mod traces;
pub mod triggers;
