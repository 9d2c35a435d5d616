//! Secrets Manager: one secret in a file, with its current and its previous value.
//!
//! Contract: the file is read at every call, so editing it is a rotation. A start with other secrets in the
//! configuration rotates by itself: what was current becomes previous. The token key stays.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;
use axum::body::Bytes;
use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tracehook_core::secret::SecretDocument;

use super::{error, json};
use crate::config::{OneOrMany, Source};
use crate::deployment::{SECRET_ARN, SECRET_ID};

/// The value of one stage: the token key and the sources' secrets.
#[derive(Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct Document {
    token_key: String,
    #[serde(default)]
    sources: BTreeMap<String, OneOrMany>,
}

#[derive(Clone, Deserialize, Serialize)]
struct File {
    #[serde(rename = "AWSCURRENT")]
    current: Document,
    #[serde(rename = "AWSPREVIOUS", skip_serializing_if = "Option::is_none")]
    previous: Option<Document>,
}

/// The place of the values.
enum Kept {
    File(PathBuf),
    Memory(Mutex<File>),
}

/// The secrets service.
pub struct Secrets(Kept);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// Opens the file, or memory without one, and puts the configured secrets into it.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is not what is kept there.
    pub fn open(path: Option<PathBuf>, sources: &BTreeMap<String, Source>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Self(Kept::Memory(Mutex::new(configured(None, sources)))));
        };
        let before = path.exists().then(|| read(&path)).transpose()?;
        write(&path, &configured(before, sources))?;
        Ok(Self(Kept::File(path)))
    }

    /// Puts the secrets of changed sources, as a start with them does.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is not what is kept there.
    pub(crate) fn configure(&self, sources: &BTreeMap<String, Source>) -> anyhow::Result<()> {
        match &self.0 {
            Kept::Memory(file) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                *file = configured(Some(file.clone()), sources);
            }
            Kept::File(path) => write(path, &configured(Some(read(path)?), sources))?,
        }
        Ok(())
    }

    /// The current value as the functions read it.
    ///
    /// # Errors
    /// When the file cannot be read, or no source can be verified with it.
    pub(crate) fn current(&self) -> anyhow::Result<SecretDocument> {
        let value = self.value("AWSCURRENT")?.unwrap_or_default();
        Ok(SecretDocument::parse(&value)?)
    }

    pub(super) fn answer(&self, operation: &str, body: &[u8]) -> Response {
        if operation != "GetSecretValue" {
            let message = format!("{operation} is not served here, only GetSecretValue");
            return error(StatusCode::BAD_REQUEST, "InvalidRequestException", &message);
        }
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| request.get(name).and_then(Value::as_str);
        if !matches!(text("SecretId"), Some(SECRET_ID | SECRET_ARN)) {
            return not_found();
        }
        let stage = text("VersionStage").unwrap_or("AWSCURRENT");
        match self.value(stage) {
            Ok(Some(value)) => found(stage, &value),
            Ok(None) => not_found(),
            Err(problem) => {
                tracing::error!(problem = format!("{problem:#}"), "the secrets file cannot be read");
                error(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "InternalServiceError",
                    "the secrets file cannot be read",
                )
            }
        }
    }

    fn value(&self, stage: &str) -> anyhow::Result<Option<String>> {
        let file = match &self.0 {
            Kept::Memory(file) => file.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            Kept::File(path) => read(path)?,
        };
        let document = match stage {
            "AWSCURRENT" => Some(&file.current),
            "AWSPREVIOUS" => file.previous.as_ref(),
            _ => None,
        };
        Ok(document.map(serde_json::to_string).transpose()?)
    }
}

/// The values after a start with these sources.
fn configured(before: Option<File>, sources: &BTreeMap<String, Source>) -> File {
    let fresh = before.is_none();
    let mut file = before.unwrap_or_else(|| File {
        current: Document {
            token_key: tracehook_local_lambda::names::hex_digits(32),
            sources: BTreeMap::new(),
        },
        previous: None,
    });
    let mut current = file.current.clone();
    for (name, source) in sources {
        if let Some(secret) = &source.secret {
            current.sources.insert(name.clone(), secret.clone());
        }
    }
    if fresh {
        file.current = current;
    } else if current != file.current {
        file.previous = Some(std::mem::replace(&mut file.current, current));
    }
    file
}

fn read(path: &Path) -> anyhow::Result<File> {
    let text = std::fs::read(path).with_context(|| format!("read {}", path.display()))?;
    // The error names the place only: the text around it is secret.
    serde_json::from_slice(&text)
        .map_err(|error| anyhow::anyhow!("{}: line {}, column {}", path.display(), error.line(), error.column()))
}

/// Written beside and moved into place, readable by its owner only.
fn write(path: &Path, file: &File) -> anyhow::Result<()> {
    let beside = path.with_extension("new");
    let text = serde_json::to_vec_pretty(file)?;
    std::fs::OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)
        .and_then(|mut opened| opened.write_all(&text))
        .and_then(|()| std::fs::rename(&beside, path))
        .with_context(|| format!("write {}", path.display()))
}

fn found(stage: &str, value: &str) -> Response {
    let version: String = hex::encode(Sha256::digest(value)).chars().take(32).collect();
    let body = json!({
        "ARN": SECRET_ARN,
        "Name": SECRET_ID,
        "VersionId": version,
        "SecretString": value,
        "VersionStages": [stage],
    });
    json(StatusCode::OK, "", Bytes::from(body.to_string()))
}

fn not_found() -> Response {
    error(
        StatusCode::BAD_REQUEST,
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(secret: &str) -> BTreeMap<String, Source> {
        let source = Source::of("github", secret);
        BTreeMap::from([("github".to_owned(), source)])
    }

    fn document(secrets: &Secrets, stage: &str) -> Option<Value> {
        let text = secrets.value(stage).unwrap()?;
        Some(serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn a_start_with_another_secret_is_a_rotation_that_keeps_the_token_key() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secrets.json");
        let first = Secrets::open(Some(path.clone()), &sources("one")).unwrap();
        let before = document(&first, "AWSCURRENT").unwrap();
        assert_eq!(before["sources"]["github"], "one");
        assert!(before["tokenKey"].as_str().unwrap().len() >= 16);
        assert_eq!(document(&first, "AWSPREVIOUS"), None);

        let same = Secrets::open(Some(path.clone()), &sources("one")).unwrap();
        assert_eq!(document(&same, "AWSPREVIOUS"), None);
        let second = Secrets::open(Some(path), &sources("two")).unwrap();
        let after = document(&second, "AWSCURRENT").unwrap();
        assert_eq!(
            (&after["sources"]["github"], &after["tokenKey"]),
            (&"two".into(), &before["tokenKey"])
        );
        assert_eq!(document(&second, "AWSPREVIOUS").unwrap(), before);
    }

    #[test]
    fn a_broken_file_is_refused_without_being_quoted() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secrets.json");
        std::fs::write(&path, r#"{"AWSCURRENT": "hunter2"}"#).unwrap();
        let message = format!("{:#}", Secrets::open(Some(path), &sources("one")).unwrap_err());
        assert!(message.contains("line 1") && !message.contains("hunter2"), "{message}");
    }
}
