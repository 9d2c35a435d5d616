//! AWS clients: one HTTP connection pool, bounded waits, credentials and region from the environment, and a span for each
//! call.

use std::time::Duration;

use aws_config::BehaviorVersion;
pub use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpClient, SharedHttpClient, http_client_fn};
#[cfg(feature = "engine")]
use tracehook_engine::Engine;
#[cfg(feature = "store")]
use tracehook_store::{Objects, Store};
#[cfg(any(feature = "store", feature = "lambda", feature = "secrets"))]
use tracehook_telemetry::aws::ClientSpans;

#[cfg(feature = "engine")]
use crate::config::Starts;
#[cfg(feature = "store")]
use crate::config::{Bucket, Table};

/// The longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(1);
/// The longest wait for one answer.
const TRY: Duration = Duration::from_secs(2);
/// The longest wait for a call, its retries included. A producer waits for two calls at most: within GitHub's 10 s.
const OPERATION: Duration = Duration::from_millis(4500);
/// Tries of one call.
const TRIES: u32 = 3;

/// The configuration that every client of a function shares.
pub async fn sdk_config() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http_client())
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(TRIES)
                .with_initial_backoff(Duration::from_millis(50)),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT)
                .operation_attempt_timeout(TRY)
                .operation_timeout(OPERATION)
                .build(),
        )
        // Bodies are small and whole calls are bounded: nothing is gained by watching the rate of each.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .load()
        .await
}

/// The same configuration, with another bound for a call and its retries together.
#[must_use]
pub fn within(aws: &SdkConfig, operation: Duration) -> SdkConfig {
    let timeouts = aws
        .timeout_config()
        .map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
    let timeouts = timeouts.operation_timeout(operation).build();
    aws.clone().into_builder().timeout_config(timeouts).build()
}

/// The store in a deployment's table.
#[cfg(feature = "store")]
#[must_use]
pub fn store(aws: &SdkConfig, table: &Table) -> Store {
    let config = aws_sdk_dynamodb::config::Builder::from(aws).interceptor(ClientSpans);
    Store::new(aws_sdk_dynamodb::Client::from_conf(config.build()), &*table.name)
}

/// The bucket of a deployment's large payloads, where it has one.
#[cfg(feature = "store")]
#[must_use]
pub fn objects(aws: &SdkConfig, bucket: &Bucket) -> Option<Objects> {
    let name = bucket.name.as_deref()?;
    Some(Objects::new(aws, name, ClientSpans))
}

/// The engine of a deployment's executions.
#[cfg(feature = "engine")]
#[must_use]
pub fn engine(aws: &SdkConfig, starts: &Starts) -> Engine {
    Engine::new(
        aws_sdk_lambda::Client::from_conf(lambda(aws).build()),
        &*starts.processor,
    )
}

/// The configuration of a Lambda client, for a client that needs more than this.
#[cfg(feature = "lambda")]
#[must_use]
pub fn lambda(aws: &SdkConfig) -> aws_sdk_lambda::config::Builder {
    aws_sdk_lambda::config::Builder::from(aws).interceptor(ClientSpans)
}

/// A client of Secrets Manager.
#[cfg(feature = "secrets")]
#[must_use]
pub fn secrets(aws: &SdkConfig) -> aws_sdk_secretsmanager::Client {
    let config = aws_sdk_secretsmanager::config::Builder::from(aws).interceptor(ClientSpans);
    aws_sdk_secretsmanager::Client::from_conf(config.build())
}

/// The default HTTPS client, which builds its connector at the first call instead of at start: the platform's root
/// certificates are parsed only where TLS is spoken, and not before the function is ready.
fn http_client() -> SharedHttpClient {
    let client = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .build_https();
    http_client_fn(move |settings, components| client.http_connector(settings, components))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn another_bound_for_a_call_leaves_the_other_bounds_as_they_are() {
        let shorter = within(&sdk_config().await, Duration::from_secs(3));
        let timeouts = shorter.timeout_config().unwrap();
        assert_eq!(timeouts.operation_timeout(), Some(Duration::from_secs(3)));
        assert_eq!(timeouts.operation_attempt_timeout(), Some(TRY));
        assert_eq!(timeouts.connect_timeout(), Some(CONNECT));
    }
}
