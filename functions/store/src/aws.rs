//! How every function talks to AWS: one HTTP connection pool, bounded waits, credentials and region from the environment.

use std::time::Duration;

use aws_config::BehaviorVersion;
pub use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpClient, SharedHttpClient, http_client_fn};

/// The longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(1);
/// The longest wait for one answer.
const ATTEMPT: Duration = Duration::from_secs(2);
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
                .operation_attempt_timeout(ATTEMPT)
                .operation_timeout(OPERATION)
                .build(),
        )
        // Bodies are small and whole calls are bounded: nothing is gained by watching the rate of each.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .load()
        .await
}

/// The default HTTPS client, which builds its connector at the first call instead of at start: the platform's root
/// certificates are parsed only where TLS is spoken, and not before the function is ready.
fn http_client() -> SharedHttpClient {
    let client = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .build_https();
    http_client_fn(move |settings, components| client.http_connector(settings, components))
}
