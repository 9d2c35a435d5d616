//! Logs and counts what is wrong with a document that was read. What is wrong is counted at each read, so that an alarm holds
//! as long as the fault does, and logged once for each version.

use tracehook_core::Sources;
use tracehook_core::secret::SecretDocument;
use tracehook_telemetry::metrics;

/// What is wrong with a document that can be used.
pub(super) fn document(document: &SecretDocument, sources: &Sources, is_news: bool) {
    for (source, reason) in document.unusable() {
        if is_news {
            tracing::error!(%source, %reason, "the secret of this source cannot be used");
        }
        if sources.get(source.as_str()).is_some() {
            metrics::secret_unusable(source);
        }
    }
    for source in document.shared() {
        if is_news {
            tracing::warn!(%source, "another source has the same secret");
        }
        if sources.get(source.as_str()).is_some() {
            metrics::secret_shared(source);
        }
    }
    if is_news && document.misnamed() > 0 {
        tracing::warn!(
            entries = document.misnamed(),
            "the secret has entries with names that no source can have"
        );
    }
}

/// A document that cannot be used closes every source.
pub(super) fn unusable(sources: &Sources) {
    for source in sources.names() {
        metrics::secret_unusable(source);
    }
}
