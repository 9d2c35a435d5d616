//! The dashboards: their bodies are valid, and they show what the code measures and where the alarms are.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

mod bodies;
#[path = "../shared/emitted.rs"]
mod emitted;
mod metrics;
mod queries;

use std::path::PathBuf;

use tracehook_alarms::dashboard::{Context, Dashboard, read};
use tracehook_alarms::data::Files;
use tracehook_alarms::{Alarms, Deployment};

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn dashboards_of(deployment: &Deployment) -> (Vec<Dashboard>, Context, Alarms) {
    let alarms = Alarms::of(&Files::read(&root().join("alarms")).unwrap(), deployment).unwrap();
    let directory = root().join("dashboards");
    let context = Context::new(&directory, deployment, &alarms).unwrap();
    (read(&directory, &context).unwrap(), context, alarms)
}

fn dashboards() -> (Vec<Dashboard>, Context, Alarms) {
    dashboards_of(&Deployment::named("hooks", ["github", "shop"]))
}
