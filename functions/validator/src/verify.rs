//! Verifies a request's signature with the secrets that are live.
//!
//! Contract: 401 is final for most producers, so it is answered only when both versions of the secrets are known. Until then
//! the answer is 503, which asks for another try.

use std::sync::Arc;

use tokio::time::Instant;
use tracehook_core::secret::SecretBundle;
use tracehook_core::signature::{Delivery, SignatureError};
use tracehook_core::verify::Proven;
use tracehook_core::{Rejection, SourceConfig, SourceName};

use crate::ready::Ready;
use crate::secrets::Live;

impl Ready {
    /// Verifies with the known secrets, and once more with fresh ones when they may have been rotated. What is not known at
    /// `until` is unknown.
    pub(crate) async fn verify<'c>(
        &self,
        source: &SourceName,
        config: &'c SourceConfig,
        delivery: &Delivery<'_>,
        until: Instant,
    ) -> Result<(Arc<SecretBundle>, Proven<'c>), Rejection> {
        let scheme = config.verify();
        // A signature that is absent or malformed is so whatever the secrets are: it costs no read of them.
        match scheme.verify(delivery, &[]) {
            Err(error) if error != SignatureError::Mismatch => return Err(error.into()),
            _ => {}
        }
        let verdict = |live: &Live| match live.bundle.of(source) {
            Some(secrets) => scheme.verify(delivery, secrets),
            None => Err(SignatureError::Mismatch),
        };
        let mut live = self.secrets.live(until).await?;
        let mut verified = verdict(&live);
        // That a source has no secret is to be known as well.
        let asks_for_none = !scheme.needs_secret();
        if matches!(verified, Err(SignatureError::Mismatch)) || (asks_for_none && !live.is_of_both) {
            live = self.secrets.reread(until).await?;
            verified = verdict(&live);
        }
        match verified {
            Ok(_) if asks_for_none && !live.is_of_both => Err(Rejection::SecretsUnavailable),
            Ok(proven) => Ok((live.bundle, proven)),
            Err(SignatureError::Mismatch) => Err(mismatch(source, &live)),
            Err(other) => Err(other.into()),
        }
    }
}

/// Why a signature that no live secret gives is refused.
fn mismatch(source: &SourceName, live: &Live) -> Rejection {
    match live.bundle.of(source) {
        None => Rejection::SecretMissing,
        Some(_) if !live.is_complete => Rejection::SecretsUnavailable,
        Some([]) => {
            tracing::error!(%source, "this source has no secret");
            Rejection::SecretMissing
        }
        Some(_) => Rejection::SignatureMismatch,
    }
}
