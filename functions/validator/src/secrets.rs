//! The secret document, kept between invocations.
//!
//! The current and the previous version are both live, so that a rotation loses nothing. Contract:
//! - While verification succeeds and what is known is younger than [`REFRESH_AFTER`], nothing is read. A failed verification
//!   may mean a rotation: then the document is read again, each version at most once in [`READ_EVERY`], so that a new secret
//!   is taken within that time although strangers send wrong signatures, and these cannot flood the secrets service. A read
//!   that failed counts.
//! - What could not be read is unknown. It is never taken for "there is none", and what was known of it before stays, but not
//!   longer than [`MAX_AGE`].
//! - A document that cannot be used closes every source; an entry that cannot be used closes its source.

mod known;
mod report;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracehook_core::secret::{SecretBundle, SecretDocument};
use tracehook_core::{Rejection, Sources};

use known::{Answer, Known, Value};

/// The least time between two reads of one version.
const READ_EVERY: Duration = Duration::from_secs(2);

/// The age at which a version is read again although everything verifies: a revoked secret must stop working.
const REFRESH_AFTER: Duration = Duration::from_mins(5);

/// The least time between two reads of a version that cannot be read, while what is known of it verifies everything.
const RETRY_REFRESH_AFTER: Duration = Duration::from_secs(30);

/// The age at which a version that cannot be read is not used any more.
const MAX_AGE: Duration = Duration::from_mins(15);

/// The stages of the two versions.
const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";

#[derive(Debug)]
pub(crate) struct SecretCache {
    client: Client,
    secret_id: String,
    sources: Arc<Sources>,
    known: Mutex<Known>,
}

/// The live secrets, as far as they are known.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub(crate) bundle: Arc<SecretBundle>,
    /// True if both versions are known as of their last read. Until then nobody can say that a signature is wrong.
    pub(crate) is_complete: bool,
    /// True if they are those of both versions, of which one may not have been readable for a while.
    pub(crate) is_of_both: bool,
}

impl SecretCache {
    pub(crate) fn new(client: Client, secret_id: String, sources: Arc<Sources>) -> Self {
        Self {
            client,
            secret_id,
            sources,
            known: Mutex::default(),
        }
    }

    /// The live secrets. The previous version is read only when it is needed, and nothing is read after `until`.
    ///
    /// # Errors
    /// [`Rejection::SecretsUnavailable`] when the current version is not known or cannot be used.
    pub(crate) async fn live(&self, until: Instant) -> Result<Live, Rejection> {
        let mut known = self.known.lock().await;
        let is_time = || Instant::now() < until;
        if is_time() && known.is_current_due(Instant::now()) {
            self.read_current(&mut known, until).await;
        }
        if is_time() && known.is_previous_due(Instant::now()) {
            self.read_previous(&mut known, until).await;
        }
        known.live(Instant::now()).ok_or(Rejection::SecretsUnavailable)
    }

    /// The live secrets after a failed verification, when they may have changed since they were read.
    ///
    /// # Errors
    /// As [`SecretCache::live`].
    pub(crate) async fn reread(&self, until: Instant) -> Result<Live, Rejection> {
        let mut known = self.known.lock().await;
        let is_time = || Instant::now() < until;
        if is_time() && known.may_read_current(Instant::now()) {
            self.read_current(&mut known, until).await;
        }
        if is_time() && known.may_read_previous(Instant::now()) {
            self.read_previous(&mut known, until).await;
        }
        known.live(Instant::now()).ok_or(Rejection::SecretsUnavailable)
    }

    async fn read_current(&self, known: &mut Known, until: Instant) {
        let began = Instant::now();
        let answer = self.read(CURRENT, until).await;
        if let Answer::Read { value, version } = &answer {
            let is_news = known.is_news(version.as_deref());
            match value {
                Value::Usable(document) => report::document(document, &self.sources, is_news),
                Value::Unusable => report::unusable(&self.sources),
                Value::Absent => {}
            }
        }
        known.set_current(began, answer);
    }

    async fn read_previous(&self, known: &mut Known, until: Instant) {
        let began = Instant::now();
        let answer = self.read(PREVIOUS, until).await;
        known.set_previous(began, answer);
    }

    /// One version of the document.
    async fn read(&self, stage: &str, until: Instant) -> Answer {
        let read = self
            .client
            .get_secret_value()
            .secret_id(&self.secret_id)
            .version_stage(stage)
            .send();
        let Ok(read) = tokio::time::timeout_at(until, read).await else {
            tracing::error!(stage, "the secret cannot be read in time");
            return Answer::Failed;
        };
        let answer = match read {
            Ok(answer) => answer,
            Err(error) => {
                let absent = matches!(
                    error.as_service_error(),
                    Some(GetSecretValueError::ResourceNotFoundException(_))
                );
                // A secret that was never rotated has no previous version.
                if !(absent && stage == PREVIOUS) {
                    tracing::error!(stage, code = error.code(), "the secret cannot be read");
                }
                return if absent {
                    let (value, version) = (Value::Absent, None);
                    Answer::Read { value, version }
                } else {
                    Answer::Failed
                };
            }
        };
        let value = match SecretDocument::parse(answer.secret_string.as_deref().unwrap_or_default()) {
            Ok(document) => Value::Usable(Arc::new(
                document.with_keys(|source, secret| self.sources.takes(source, secret)),
            )),
            Err(error) => {
                tracing::error!(stage, %error, "the secret cannot be used");
                Value::Unusable
            }
        };
        Answer::Read {
            value,
            version: answer.version_id,
        }
    }
}

#[cfg(test)]
mod tests;
