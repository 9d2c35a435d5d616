//! The bucket of payloads that are too large for the table: a client of the three calls that a webhook needs.
//!
//! Contract: an object is its own digest: it is stored under its key with a checksum that S3 verifies, and what is read
//! has the bytes of that digest or is an error. Every call is bounded in time and tried again like those to the table.

mod answer;
mod calls;
mod download;
mod endpoint;
mod error;
#[cfg(test)]
mod tests;

use std::time::Duration;

use aws_smithy_runtime_api::client::interceptors::{Intercept, SharedInterceptor};
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use tracehook_core::record::PayloadDigest;

use crate::error::StoreError;
use calls::{Call, Calls};
use download::download;

/// The longest wait for one try of an upload, and for all of them. A producer waits for it, and then for the table: the
/// largest body takes a third of a second at a function's slowest rate to S3.
const UPLOAD_TRY: Duration = Duration::from_millis(1200);
const UPLOAD: Duration = Duration::from_millis(1800);
/// The longest wait for a whole download, its repetitions included. No producer waits for it.
const DOWNLOAD: Duration = Duration::from_secs(10);
/// Downloads that may break off before the reader gives up.
const DOWNLOADS: u32 = 3;

/// The bucket of one deployment.
#[derive(Debug, Clone)]
pub struct Objects {
    calls: Calls,
}

impl Objects {
    /// The bucket of that name, with the HTTP client, the credentials, the region and the endpoints of `aws`. The
    /// interceptor sees every call, and is what opens a span for it.
    #[must_use]
    pub fn new(aws: &SdkConfig, bucket: &str, interceptor: impl Intercept + 'static) -> Self {
        let calls = Calls::new(aws, bucket, SharedInterceptor::new(interceptor));
        Self { calls }
    }

    /// Stores a body. The same key has the same bytes, so a repetition changes nothing but the object's age.
    ///
    /// # Errors
    /// When the call fails. The object may be there all the same.
    pub(crate) async fn put(&self, key: &str, body: Bytes, sha256: &PayloadDigest) -> Result<(), StoreError> {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(UPLOAD_TRY)
            .operation_timeout(UPLOAD);
        let call = Call::put(key)
            .body(body, sha256)
            .header("x-amz-checksum-sha256", STANDARD.encode(sha256));
        match self.calls.send("PutObject", call, timeouts.build()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(error::of_the_store(&error)),
        }
    }

    /// Reads the body of so many bytes and that digest; none when the object is gone.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the object has other bytes; else when the call fails.
    pub(crate) async fn get(&self, key: &str, bytes: u64, sha256: &PayloadDigest) -> Result<Option<Bytes>, StoreError> {
        let read = async {
            for _ in 0..DOWNLOADS {
                let timeouts = TimeoutConfig::builder().build();
                let answer = match self.calls.send("GetObject", Call::get(key), timeouts).await {
                    Ok(answer) => answer,
                    Err(error) if error::is_gone(&error) => return Ok(None),
                    Err(error) => return Err(error::of_the_store(&error)),
                };
                if let Ok(body) = download(answer, bytes, sha256).await {
                    return body.map(|body| Some(body.into())).ok_or(StoreError::Damaged);
                }
            }
            Err(StoreError::Unavailable("S3 connection".to_owned()))
        };
        tokio::time::timeout(DOWNLOAD, read)
            .await
            .unwrap_or_else(|_| Err(StoreError::Unavailable("S3 timeout".to_owned())))
    }

    /// Makes an object as young as a new one, by copying it onto itself: a bucket expires objects by their age. False
    /// when it is gone.
    ///
    /// # Errors
    /// When the call fails.
    pub(crate) async fn renew(&self, key: &str) -> Result<bool, StoreError> {
        let call = Call::put(key)
            .header("x-amz-copy-source", self.calls.path_in_bucket(key))
            // A copy onto itself has to change something.
            .header("x-amz-metadata-directive", "REPLACE".to_owned())
            .header("x-amz-checksum-algorithm", "SHA256".to_owned());
        let timeouts = TimeoutConfig::builder().build();
        match self.calls.send("CopyObject", call, timeouts).await {
            Ok(_) => Ok(true),
            Err(error) if error::is_gone(&error) => Ok(false),
            Err(error) => Err(error::of_the_store(&error)),
        }
    }
}
