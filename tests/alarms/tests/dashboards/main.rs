//! The dashboards: their bodies are valid, and they show the metrics of the code and the thresholds of the alarms.

#![cfg(test)]

mod bodies;
mod metrics;
mod queries;

use std::path::PathBuf;

use tracehook_alarms::dashboard::{Context, Dashboard, read};
use tracehook_alarms::data::{Files, SilentSource};
use tracehook_alarms::{Deployment, alarms_of};
use tracehook_local_cloudwatch::Alarms;

fn root() -> PathBuf {
    // At run time: checkouts may share a target directory.
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../..")
}

fn dashboards_of(deployment: &Deployment) -> (Vec<Dashboard>, Context, Alarms) {
    let alarms = alarms_of(&Files::read(&root().join("alarms")).unwrap(), deployment).unwrap();
    let directory = root().join("dashboards");
    let context = Context::new(&directory, deployment, &alarms).unwrap();
    (read(&directory, &context).unwrap(), context, alarms)
}

fn dashboards() -> (Vec<Dashboard>, Context, Alarms) {
    let mut deployment = Deployment::named("hooks", ["github", "shop"]);
    let silence = SilentSource { silence_seconds: 7200 };
    deployment.silent_sources.insert("shop".to_owned(), silence);
    dashboards_of(&deployment)
}
