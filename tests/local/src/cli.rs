//! The command line.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Parser;
use serde_json::json;

use crate::config::Config;
use crate::example::Examples;
use crate::service::{Options, Service};
use crate::{banner, functions};
use tracehook_local_lambda::faults::Plan;

/// The whole of tracehook on this machine: the API, the functions, durable executions, the table, secrets.
#[derive(Debug, Parser)]
#[command(name = "tracehook-local")]
pub struct Arguments {
    /// Port of the API on 127.0.0.1; 0 picks a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Directory of the state.
    #[arg(long, value_name = "PATH", default_value = ".tracehook", conflicts_with = "memory")]
    state_dir: PathBuf,
    /// Keep the state in memory, for as long as the service runs.
    #[arg(long)]
    memory: bool,
    /// Configuration file (TOML): sources, secrets, limits, functions.
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
    /// A plan of faults (JSON), in the place of the configuration's.
    #[arg(long, value_name = "PATH")]
    faults: Option<PathBuf>,
    /// Write `{"url": …, "aws_url": …, "aws_credentials": {…}, "pid": …}` to this file, readable by its owner only, when the
    /// service serves.
    #[arg(long, value_name = "PATH")]
    ready_file: Option<PathBuf>,
    /// Directory of the functions' binaries, which are built when it is not given.
    #[arg(long, value_name = "PATH")]
    functions_dir: Option<PathBuf>,
}

/// Runs the service until Ctrl-C or SIGTERM.
///
/// # Errors
/// When it cannot be started, with what to do about it.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let mut config = match &arguments.config {
        Some(path) => Config::read(path)?,
        None => Config::development(),
    };
    if let Some(path) = &arguments.faults {
        config.faults = Plan::read(path)?;
    }
    let binaries = if let Some(directory) = arguments.functions_dir {
        directory
    } else {
        config.task_root.get_or_insert_with(functions::task_root);
        tokio::task::spawn_blocking(functions::build).await??
    };
    let state = (!arguments.memory).then_some(arguments.state_dir);
    let stop = stop_signal()?;
    let options = Options {
        port: arguments.port,
        state: state.clone(),
        config: config.clone(),
        config_file: arguments.config,
        binaries,
    };
    let service = Service::start(options).await?;
    // A closed standard output is no reason not to serve.
    let examples = Examples::new(service.url(), state, &config);
    let text = banner::text(service.aws_url(), &examples);
    let _ = std::io::stdout().write_all(text.as_bytes());
    if let Some(path) = &arguments.ready_file {
        write_ready_file(path, &service)?;
    }
    service.run(stop).await
}

/// Written beside and moved into place, so that whoever waits for it reads all of it.
fn write_ready_file(path: &Path, service: &Service) -> anyhow::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let text = json!({
        "url": service.url(),
        "aws_url": service.aws_url(),
        "aws_credentials": service.operator(),
        "pid": std::process::id(),
    });
    let mut options = std::fs::OpenOptions::new();
    let opened = options
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside);
    opened
        .and_then(|mut file| file.write_all(text.to_string().as_bytes()))
        .and_then(|()| std::fs::rename(&beside, path))
        .with_context(|| format!("write {}", path.display()))
}

/// Ctrl-C or SIGTERM, listened for from now on.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
