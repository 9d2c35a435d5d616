//! The figures of tracehook: size, start, memory, latency and cost, measured on the release build over the local service
//! with its state in memory. Prints a table and the same as JSON.

mod cost;
mod isolate;
mod large;
mod latency;
mod memory;
mod payloads;
mod process;
mod report;
mod size;
mod start;
mod status_load;
mod telemetry;
mod verification;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use tracehook_test_support::{Options, Service};

use report::Report;

/// The functions that are measured: the binaries' names.
const FUNCTIONS: [&str; 4] = ["validator", "processor", "status", "reconciler"];

#[tokio::main]
async fn main() -> ExitCode {
    isolate::hide_debug_files();
    match run().await {
        Ok(report) => {
            report.print();
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("tracehook-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<Report> {
    let binaries = std::env::current_exe()?
        .parent()
        .context("this executable is in no directory")?
        .to_owned();
    let mut report = Report::default();
    // The longest part alone, for the given number of seconds; or large webhooks alone, so many of them; or the cost
    // of payloads, or of verifications, or size and start.
    if let Some(seconds) = argument("--status-load") {
        status_load::measure(&mut report, &service(&binaries).await?, seconds.parse()?).await?;
        return Ok(report);
    }
    if let Some(webhooks) = argument("--large") {
        large::measure(&mut report, &service(&binaries).await?, webhooks.parse()?).await?;
        return Ok(report);
    }
    if std::env::args().any(|argument| argument == "--payloads") {
        payloads::measure(&mut report, &binaries).await?;
        return Ok(report);
    }
    if std::env::args().any(|argument| argument == "--verification") {
        verification::measure(&mut report)?;
        return Ok(report);
    }
    size::measure(&mut report, &binaries)?;
    if std::env::args().any(|argument| argument == "--start") {
        start::measure(&mut report, &service(&binaries).await?).await?;
        return Ok(report);
    }
    verification::measure(&mut report)?;
    start::measure(&mut report, &service(&binaries).await?).await?;
    latency::measure(&mut report, &service(&binaries).await?).await?;
    cost::measure(&mut report, &service(&binaries).await?).await?;
    payloads::measure(&mut report, &binaries).await?;
    memory::measure(&mut report, &service(&binaries).await?).await?;
    large::measure(&mut report, &service(&binaries).await?, large::WEBHOOKS).await?;
    telemetry::measure(&mut report, &binaries).await?;
    status_load::measure(&mut report, &service(&binaries).await?, status_load::SECONDS).await?;
    Ok(report)
}

/// The value that follows an argument of that name.
fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

/// A service of its own for each measurement.
async fn service(binaries: &Path) -> Result<Service> {
    Service::start_with(Options {
        memory: true,
        binaries: Some(binaries.to_owned()),
        ..Options::default()
    })
    .await
}
