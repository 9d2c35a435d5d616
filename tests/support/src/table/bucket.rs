//! A bucket (the local S3 over HTTP on a free port) behind a client that can lose calls and answers.

use std::path::PathBuf;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_types::SdkConfig;
use aws_types::region::Region;
use tempfile::TempDir;
use tracehook_local_s3::S3;
use tracehook_store::Objects;

use super::{Table, http_client, retries};

const NAME: &str = "tracehook-payloads";

/// A bucket, whose objects are files.
#[derive(Debug)]
pub struct Bucket {
    directory: TempDir,
    url: String,
}

impl Bucket {
    /// Starts an empty bucket.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let s3 = S3::open(Some(directory.path()), &[NAME], Duration::MAX).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(s3.serve(listener));
        Self { directory, url }
    }

    /// The files of its objects.
    ///
    /// # Panics
    /// When they cannot be listed.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        let objects = std::fs::read_dir(self.directory.path().join(NAME)).unwrap();
        objects.map(|object| object.unwrap().path()).collect()
    }

    /// A client of it, with the faults of a table's client, that tries every call `tries` times.
    #[must_use]
    pub fn objects(&self, table: &Table, tries: u32, interceptor: impl Intercept + 'static) -> Objects {
        let credentials = Credentials::new("test", "test", None, None, "test");
        let aws = SdkConfig::builder()
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(&self.url)
            .retry_config(retries(tries))
            .sleep_impl(TokioSleep::new())
            .http_client(http_client(&table.faults));
        Objects::new(&aws.build(), NAME, interceptor)
    }
}
