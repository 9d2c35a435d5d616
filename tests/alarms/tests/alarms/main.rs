//! The data of `alarms/`: its form, the metrics that it names, and that each alarm fires and recovers when it should.

#![cfg(test)]

mod band;
mod budget;
mod data;
mod detail;
mod faults;
mod fire;
mod golden;
mod healthy;
mod levels;
mod metrics;
mod notified;
mod price;
mod runbooks;
mod scale;
mod start;
mod strangers;
mod world;

use world::root;
