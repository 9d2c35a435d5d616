//! The whole service on one machine.

use std::process::ExitCode;

use clap::Parser as _;
use tracehook_local::cli::{Arguments, run};

#[tokio::main]
async fn main() -> ExitCode {
    tracehook_local::logs::install();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tracehook-local: {error:#}");
            ExitCode::FAILURE
        }
    }
}
