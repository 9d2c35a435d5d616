//! What the configuration document says, read once: at start, or at the first request after which it can be read.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracehook_core::{Configuration, Rejection, Sources};
use tracehook_store::StoreError;

use crate::Validator;
use crate::secrets::SecretCache;

/// The longest wait for the document at start.
const START_PATIENCE: Duration = Duration::from_secs(5);

/// The sources, and what is known of their secrets.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) sources: Arc<Sources>,
    pub(crate) secrets: SecretCache,
}

/// Why the function is not ready.
#[derive(Debug, thiserror::Error)]
enum NotReady {
    #[error("the configuration cannot be read: {0}")]
    Store(#[from] StoreError),
    #[error("the configuration cannot be read in time")]
    Late,
    #[error("the table has no configuration of this hash")]
    Absent,
    #[error("bad configuration: {0}")]
    Faulty(String),
}

impl NotReady {
    /// True if another try may find the function ready.
    const fn is_transient(&self) -> bool {
        // A permission that was just given is refused for some seconds.
        matches!(
            self,
            Self::Late | Self::Store(StoreError::Unavailable(_) | StoreError::Refused(_))
        )
    }
}

impl Validator {
    /// Reads the configuration, so that the first request does not wait for it. Where the table does not answer, the requests
    /// ask again.
    ///
    /// # Errors
    /// When the document is not there, is another one, or has faults: a text that names all of them.
    pub async fn prepare(&self) -> Result<(), String> {
        match self.read_configuration(Instant::now() + START_PATIENCE).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, "not ready");
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// What the configuration says; nothing is waited for after `until`.
    ///
    /// # Errors
    /// [`Rejection::ConfigurationUnavailable`] when it is not known.
    pub(crate) async fn ready(&self, until: Instant) -> Result<&Ready, Rejection> {
        if let Some(ready) = self.ready.get() {
            return Ok(ready);
        }
        // Once in a process, and no part of the requests' own future.
        Box::pin(self.read_configuration(until)).await.map_err(|error| {
            tracing::error!(%error, "not ready");
            Rejection::ConfigurationUnavailable
        })
    }

    async fn read_configuration(&self, until: Instant) -> Result<&Ready, NotReady> {
        let read = async {
            let document = tokio::time::timeout_at(until, self.store.configuration(&self.config.configuration));
            let document = document.await.map_err(|_| NotReady::Late)??.ok_or(NotReady::Absent)?;
            let Configuration { sources } = Configuration::parse(&document).map_err(NotReady::Faulty)?;
            self.judge(&sources)?;
            let sources = Arc::new(sources);
            let secret_id = self.config.secret_id.clone();
            let secrets = SecretCache::new(self.secrets.clone(), secret_id, Arc::clone(&sources));
            Ok(Ready { sources, secrets })
        };
        self.ready.get_or_try_init(|| read).await
    }

    /// Refuses what the deployment does not allow, and logs what an operator should know of the sources.
    fn judge(&self, sources: &Sources) -> Result<(), NotReady> {
        let mut refused = Vec::new();
        if !self.config.allow_unsigned {
            let open = |name| format!("sources.{name}: accepts unsigned webhooks, and ALLOW_UNSIGNED is not true");
            refused.extend(sources.unsigned().map(open));
        }
        for (name, source) in sources.iter() {
            let days = source.retention_days();
            if days.is_some_and(|days| !self.config.starts.life.may_keep_payloads(days)) {
                refused.push(format!(
                    "sources.{name}.retention_days: must be at least a day longer than EXECUTION_TIMEOUT_SECONDS, and not above DEDUPLICATION_DAYS"
                ));
            }
        }
        if !refused.is_empty() {
            return Err(NotReady::Faulty(refused.join("; ")));
        }
        for (source, warning) in sources.warnings() {
            tracing::warn!(%source, warning, "source");
        }
        Ok(())
    }
}
