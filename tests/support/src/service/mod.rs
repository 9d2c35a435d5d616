//! `tracehook-local` as a child process with its own state and captured output.

mod aws;
mod binaries;
mod clock;
mod control;
mod items;
mod scripted;
mod secrets;
mod sources;
mod traces;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;
use tracehook_core::Status;

use crate::producer::{Answer, Delivery};

pub use aws::{AwsCall, Credentials};
pub use binaries::binaries;
pub use clock::Clock;
pub use control::calls;
pub use scripted::{effects, scripted, scripted_alone, scripted_with};
pub use sources::configuration;

/// The longest wait for anything that must happen. Not a measure: a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// Options of a service.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The text of the configuration file, if there is one. `DIRECTORY` in it is replaced by the service's own directory,
    /// which is removed with it.
    pub config: Option<String>,
    /// Files in that directory, by their paths in it, with their texts.
    pub files: Vec<(String, String)>,
    /// Keep the state in memory.
    pub memory: bool,
    /// A plan of faults from the start; none without one.
    pub faults: Option<Value>,
    /// Where the binaries are; the debug build of this workspace when unset.
    pub binaries: Option<PathBuf>,
}

/// A running service.
#[derive(Debug)]
pub struct Service {
    options: Options,
    directory: TempDir,
    child: Child,
    url: String,
    aws_url: String,
    operator: Credentials,
    client: reqwest::Client,
}

impl Service {
    /// Starts a service without a configuration.
    ///
    /// # Errors
    /// When it does not serve.
    pub async fn start() -> Result<Self> {
        Self::start_with(Options::default()).await
    }

    /// Starts a service on a state directory of its own.
    ///
    /// # Errors
    /// When it does not serve; its output is part of the message.
    pub async fn start_with(options: Options) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        if let Some(config) = &options.config {
            let config = config.replace("DIRECTORY", &directory.path().display().to_string());
            std::fs::write(directory.path().join("config.toml"), config)?;
        }
        for (path, text) in &options.files {
            let path = directory.path().join(path);
            std::fs::create_dir_all(path.parent().context("a file without a directory")?)?;
            std::fs::write(path, text)?;
        }
        if let Some(faults) = &options.faults {
            std::fs::write(directory.path().join("faults.json"), faults.to_string())?;
        }
        let child = spawn(&options, directory.path())?;
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        let mut service = Self {
            options,
            directory,
            child,
            url: String::new(),
            aws_url: String::new(),
            operator: Credentials::default(),
            client,
        };
        service.wait_until_ready().await?;
        Ok(service)
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let ready = self.directory.path().join("ready.json");
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                bail!("ended with {status} before it was ready: {}", self.output()?);
            }
            if let Ok(text) = std::fs::read_to_string(&ready) {
                let ready: Value = serde_json::from_str(&text)?;
                let url = |name: &str| {
                    let url = ready.get(name).and_then(Value::as_str).map(str::to_owned);
                    url.with_context(|| format!("no {name} in the ready file"))
                };
                (self.url, self.aws_url) = (url("url")?, url("aws_url")?);
                self.operator = Credentials::of(ready.get("aws_credentials").context("no credentials")?)?;
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("not ready in time: {}", self.output()?)
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address of its AWS.
    #[must_use]
    pub fn aws_url(&self) -> &str {
        &self.aws_url
    }

    /// The service's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A file in this service's directory.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The output of it and its functions so far.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn output(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(self.path("output.log"))?).into_owned())
    }

    /// The output of it and its functions once a condition holds. A line of a function can arrive after the answer of the
    /// same invocation.
    ///
    /// # Errors
    /// When the condition does not hold in time; the output is part of the message.
    pub async fn output_with(&self, holds: impl Fn(&str) -> bool) -> Result<String> {
        let began = Instant::now();
        loop {
            let output = self.output()?;
            if holds(&output) {
                return Ok(output);
            }
            if began.elapsed() > PATIENCE {
                bail!("not printed in time: {output}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Ends it as `kill -9` does, without a chance to tidy up.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Ends it as [`Service::kill`] does while requests are under way. Call [`Service::restart`] next.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub fn kill_under_way(&self) -> Result<()> {
        let killed = Command::new("kill").args(["-9", &self.pid().to_string()]).status()?;
        if !killed.success() {
            bail!("{} was not killed", self.pid());
        }
        Ok(())
    }

    /// Starts it again on the same state.
    ///
    /// # Errors
    /// When it does not serve.
    pub async fn restart(&mut self) -> Result<()> {
        self.child.wait()?;
        std::fs::remove_file(self.path("ready.json"))?;
        self.child = spawn(&self.options, self.directory.path())?;
        self.wait_until_ready().await
    }

    /// Sends a request to it.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn send(&self, delivery: &Delivery) -> Result<Answer> {
        delivery.send(&self.client, &self.url).await
    }

    /// GETs a path.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        Answer::of(self.client.get(format!("{}{path}", self.url)).send().await?).await
    }

    /// The status answer of a webhook.
    ///
    /// # Errors
    /// When it is not 200.
    pub async fn status(&self, token: &str) -> Result<Value> {
        let answer = self.get(&format!("/status/{token}")).await?;
        if answer.status != 200 {
            bail!("status answered {}: {}", answer.status, answer.text);
        }
        Ok(answer.json)
    }

    /// Reads the status until it is terminal.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn end_of(&self, token: &str) -> Result<Value> {
        let began = Instant::now();
        let mut last = Value::Null;
        while began.elapsed() < PATIENCE {
            last = self.status(token).await?;
            if !is_open(&last) {
                return Ok(last);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("{token} did not end: {last}\n{}", self.output()?)
    }

    /// Sweeps until a webhook has ended, and returns its last status. Where ages are short, the first sweeps find nothing.
    ///
    /// # Errors
    /// When it has not ended in time.
    pub async fn swept_to_the_end(&self, token: &str) -> Result<Value> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            self.reconcile(json!({"action": "sweep"})).await?;
            let status = self.status(token).await?;
            if !is_open(&status) {
                return Ok(status);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("{token} did not end by a sweep\n{}", self.output()?)
    }
}

/// Whether a status answer is of a webhook that has not ended.
#[must_use]
pub fn is_open(status: &Value) -> bool {
    let text = status.get("status").and_then(Value::as_str).unwrap_or_default();
    text.parse::<Status>().is_ok_and(|status| !status.is_terminal())
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(options: &Options, directory: &Path) -> Result<Child> {
    let binaries = options.binaries.clone().map_or_else(binaries, Ok)?;
    let output = File::options()
        .create(true)
        .append(true)
        .open(directory.join("output.log"))?;
    let mut command = Command::new(binaries.join("tracehook-local"));
    command
        .args(["--port", "0", "--ready-file"])
        .arg(directory.join("ready.json"))
        .arg("--functions-dir")
        .arg(&binaries)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output);
    if options.memory {
        command.arg("--memory");
    } else {
        command.arg("--state-dir").arg(directory.join("state"));
    }
    if options.config.is_some() {
        command.arg("--config").arg(directory.join("config.toml"));
    }
    if options.faults.is_some() {
        command.arg("--faults").arg(directory.join("faults.json"));
    }
    command.spawn().context("tracehook-local cannot be started")
}
