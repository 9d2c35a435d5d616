//! The secret document, cached between invocations.
//!
//! The current and the previous value are both live, so that a rotation loses nothing. A failed verification may mean a
//! rotation: then the document is read again, at most every [`REFRESH_EVERY`], so that wrong signatures cannot be used
//! to flood the secrets service.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracehook_core::Rejection;
use tracehook_core::secret::SecretBundle;

/// The least time between two reads that failed verifications cause.
const REFRESH_EVERY: Duration = Duration::from_secs(30);

/// The longest life of a cached document: a revoked secret must stop working.
const MAX_AGE: Duration = Duration::from_mins(5);

#[derive(Debug)]
pub(crate) struct SecretCache {
    client: Client,
    secret_id: String,
    cached: Mutex<Option<Cached>>,
}

#[derive(Debug)]
struct Cached {
    bundle: Arc<SecretBundle>,
    tried_at: Instant,
}

impl SecretCache {
    pub(crate) fn new(client: Client, secret_id: String) -> Self {
        Self {
            client,
            secret_id,
            cached: Mutex::new(None),
        }
    }

    /// The live secrets.
    ///
    /// # Errors
    /// [`Rejection::SecretsUnavailable`] when they were never read and cannot be.
    pub(crate) async fn bundle(&self) -> Result<Arc<SecretBundle>, Rejection> {
        let mut cached = self.cached.lock().await;
        match &*cached {
            Some(known) if known.tried_at.elapsed() < MAX_AGE => Ok(Arc::clone(&known.bundle)),
            _ => self.read_into(&mut cached).await,
        }
    }

    /// The live secrets after a failed verification, when they may have changed since.
    pub(crate) async fn refreshed(&self) -> Option<Arc<SecretBundle>> {
        let mut cached = self.cached.lock().await;
        match &*cached {
            Some(known) if known.tried_at.elapsed() < REFRESH_EVERY => None,
            _ => self.read_into(&mut cached).await.ok(),
        }
    }

    async fn read_into(&self, cached: &mut Option<Cached>) -> Result<Arc<SecretBundle>, Rejection> {
        let bundle = match (self.read().await, &*cached) {
            (Some(bundle), _) => Arc::new(bundle),
            // The cached secrets stay valid while the secrets service is unavailable.
            (None, Some(known)) => Arc::clone(&known.bundle),
            (None, None) => return Err(Rejection::SecretsUnavailable),
        };
        *cached = Some(Cached {
            bundle: Arc::clone(&bundle),
            tried_at: Instant::now(),
        });
        Ok(bundle)
    }

    async fn read(&self) -> Option<SecretBundle> {
        let (current, previous) = tokio::join!(self.version("AWSCURRENT"), self.version("AWSPREVIOUS"));
        let current = current?;
        Some(match previous {
            Some(previous) => current.with_previous(previous),
            None => current,
        })
    }

    /// One version of the document. A secret that was never rotated has no previous one.
    async fn version(&self, stage: &str) -> Option<SecretBundle> {
        let sent = self
            .client
            .get_secret_value()
            .secret_id(&self.secret_id)
            .version_stage(stage)
            .send()
            .await;
        let text = match sent {
            Ok(answer) => answer.secret_string,
            Err(error) => {
                let absent = matches!(
                    error.as_service_error(),
                    Some(GetSecretValueError::ResourceNotFoundException(_))
                );
                if !(absent && stage == "AWSPREVIOUS") {
                    tracing::error!(stage, code = error.code(), "the secret cannot be read");
                }
                return None;
            }
        };
        match SecretBundle::parse(text.as_deref().unwrap_or_default()) {
            Ok(bundle) => Some(bundle),
            Err(error) => {
                tracing::error!(stage, %error, "the secret cannot be used");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
