//! The functions' configuration document: put into the table at start, and again when the file that it is made of changes.
//!
//! Contract: a file with faults changes nothing and is told. The requests that the validator has when the file changes are
//! answered with the old document, and every later one with the new one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use serde_json::{Value, json};
use tracehook_core::{Configuration, ConfigurationHash};

use crate::aws::{DynamoDb, Secrets};
use crate::clock::SharedClock;
use crate::config::{Config, document};
use crate::deployment::{FunctionName, TABLE};
use crate::functions::{self, Addresses};
use tracehook_local_lambda::Lambda;

/// The time between two looks at the file.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Puts the document where the deployment puts it.
pub(crate) fn put(dynamodb: &DynamoDb, config: &Config) -> anyhow::Result<()> {
    let document = document(&config.sources);
    let mut item = key(&document);
    if let Some(item) = item.as_object_mut() {
        item.insert("document".to_owned(), json!({ "S": document }));
    }
    dynamodb.put_item(json!({"TableName": TABLE, "Item": item}))
}

fn key(document: &str) -> Value {
    let hash = ConfigurationHash::of(document);
    json!({"executionToken": {"S": "configuration"}, "item": {"S": format!("deployed#{hash}")}})
}

/// Logs the sources that the secrets close, each with the reason.
pub(crate) fn report_closed(secrets: &Secrets, config: &Config) {
    let sources = Configuration::parse(&document(&config.sources)).map(|configuration| configuration.sources);
    let (Ok(sources), current) = (sources, secrets.current()) else {
        return;
    };
    match current {
        Ok(current) => {
            for (source, reason) in sources.closed_by(&current) {
                tracing::error!(%source, %reason, "this source is closed: its deliveries are answered 503");
            }
        }
        Err(reason) => tracing::error!(%reason, "every source is closed: the secrets cannot be used"),
    }
}

/// Follows the configuration file.
pub(crate) struct Follower {
    pub(crate) config: Config,
    pub(crate) binaries: PathBuf,
    /// Of the API, of AWS, and of the receiver of spans.
    pub(crate) urls: [String; 3],
    pub(crate) lambda: Lambda,
    pub(crate) dynamodb: DynamoDb,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) clock: SharedClock,
}

impl Follower {
    /// Looks at the file until the service ends.
    pub(crate) async fn run(mut self, file: PathBuf) {
        let mut seen = self.bytes(&file);
        let mut is_faulty = false;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let bytes = self.bytes(&file);
            if bytes == seen {
                continue;
            }
            seen = bytes;
            let path = file.clone();
            let deployed = tokio::task::spawn_blocking(move || {
                let deployed = self.deploy(&path);
                (self, deployed)
            });
            let Ok((follower, deployed)) = deployed.await else {
                return;
            };
            self = follower;
            match &deployed {
                Ok(true) => tracing::info!(
                    sources = self.config.sources.len(),
                    "the sources are those of the changed file"
                ),
                Ok(false) if is_faulty => {
                    tracing::info!("the file has no faults any more; the sources are as they were");
                }
                Ok(false) => {}
                Err(error) => tracing::error!(
                    error = format!("{error:#}"),
                    "the changed file is not taken; the sources are as they were"
                ),
            }
            is_faulty = deployed.is_err();
        }
    }

    /// What the file and its file of sources hold.
    fn bytes(&self, file: &Path) -> [Option<Vec<u8>>; 2] {
        let sources = self.config.sources_file.as_deref();
        [Some(file), sources].map(|path| path.and_then(|path| std::fs::read(path).ok()))
    }

    /// Deploys the sources of the file; false if they are those that are deployed.
    fn deploy(&mut self, file: &Path) -> anyhow::Result<bool> {
        let read = Config::read(file)?;
        // Those of a start without sources have a secret that everybody knows.
        if read.names_no_source && !self.config.names_no_source {
            bail!("{} names no source any more", file.display());
        }
        self.secrets.configure(&read.sources)?;
        report_closed(&self.secrets, &read);
        let config = Config {
            sources: read.sources,
            sources_file: read.sources_file,
            names_no_source: read.names_no_source,
            ..self.config.clone()
        };
        let before = document(&self.config.sources);
        if document(&config.sources) == before {
            self.config = config;
            return Ok(false);
        }
        put(&self.dynamodb, &config)?;
        let [api, aws, otlp] = &self.urls;
        let functions = functions::options(&config, &self.binaries, Addresses { api, aws, otlp })?;
        let name = FunctionName::Validator.deployed();
        for mut function in functions.into_iter().filter(|function| function.name == name) {
            self.clock.set(&mut function);
            if !self.lambda.configure(&name, function.environment) {
                bail!("there is no function {name}");
            }
        }
        self.dynamodb
            .delete_item(json!({"TableName": TABLE, "Key": key(&before)}))?;
        self.config = config;
        Ok(true)
    }
}
