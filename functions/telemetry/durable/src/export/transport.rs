//! Posts the exporter's requests to the backend with the AWS SDK's HTTP client, and signs them where the backend is X-Ray.

use std::error::Error;
use std::fmt;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use http::{Request, Response, StatusCode};
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;

use super::config::ExporterConfig;
use super::sign::Signer;

/// The largest answer that is read. An OTLP answer has a few bytes.
const MOST_ANSWER_BYTES: u64 = 64 * 1024;

/// Why a batch was not taken, and whether it may have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The batch did not arrive, or the backend asks to send it again.
    NotArrived(&'static str),
    /// The backend will not take it.
    Refused(&'static str),
    /// The batch may have arrived.
    Unknown(&'static str),
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::NotArrived(cause) | Self::Refused(cause) | Self::Unknown(cause)) = self;
        formatter.write_str(cause)
    }
}

impl Error for Refusal {}

/// The number of refused spans of a request, or why all of them were refused.
pub(super) type Sent = Result<usize, Refusal>;

#[derive(Debug)]
pub(super) struct Transport {
    timeout: Duration,
    /// Made at the first request, so that reading the platform's root certificates does not delay the process's start.
    connector: OnceLock<Connector>,
    /// The region that requests are signed for, and the signer once there are credentials.
    signer: Option<(String, Mutex<Option<Signer>>)>,
    last_result: Mutex<Option<Sent>>,
}

impl Transport {
    pub(super) fn new(config: &ExporterConfig) -> Self {
        Self {
            timeout: config.timeout,
            connector: OnceLock::new(),
            signer: config.sign_for.clone().map(|region| (region, Mutex::default())),
            last_result: Mutex::default(),
        }
    }

    pub(super) fn sign_with(&self, credentials: Option<SharedCredentialsProvider>) {
        if let (Some((region, slot)), Some(credentials)) = (&self.signer, credentials) {
            *locked(slot) = Some(Signer::new(credentials, region.clone()));
        }
    }

    /// The result of the last request, once.
    pub(super) fn last_result(&self) -> Option<Sent> {
        locked(&self.last_result).take()
    }

    async fn post(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, Refusal> {
        if let Some((_, slot)) = &self.signer {
            let signer = locked(slot).clone().ok_or(Refusal::NotArrived("no credentials"))?;
            signer
                .sign(&mut request, SystemTime::now())
                .await
                .map_err(|_| Refusal::NotArrived("no credentials"))?;
        }
        let request = HttpRequest::try_from(request.map(SdkBody::from)).map_err(|_| Refusal::Refused("bad request"))?;
        let connector = self.connector.get_or_init(|| connector(self.timeout));
        let answer = connector.call(request).await.map_err(|error| judge(&error))?;
        let status = answer.status().as_u16();
        if let Some(refusal) = judge_status(status) {
            return Err(refusal);
        }
        // Read to its end, so that the connection can be used again.
        let body = answer.into_body();
        let body = match body.content_length() {
            Some(length) if length > MOST_ANSWER_BYTES => Bytes::new(),
            _ => ByteStream::new(body).collect().await.map_or_else(
                |_| Bytes::new(),
                aws_smithy_types::byte_stream::AggregatedBytes::into_bytes,
            ),
        };
        Ok(Response::new(body))
    }
}

/// The OTLP client's handle.
#[derive(Debug)]
pub(super) struct Shared(pub(super) Arc<Transport>);

#[async_trait]
impl HttpClient for Shared {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = self.0.post(request).await;
        *locked(&self.0.last_result) = Some(
            answer
                .as_ref()
                .map(|answer| refused(answer.body()))
                .map_err(|refusal| *refusal),
        );
        Ok(answer?)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number of spans that a backend refused while it took the others.
fn refused(answer: &[u8]) -> usize {
    ExportTraceServiceResponse::decode(answer)
        .ok()
        .and_then(|answer| usize::try_from(answer.partial_success?.rejected_spans).ok())
        .unwrap_or_default()
}

fn connector(timeout: Duration) -> Connector {
    let settings = HttpConnectorSettings::builder().connect_timeout(timeout).build();
    Connector::builder()
        .connector_settings(settings)
        .sleep_impl(TokioSleep::new())
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .build()
}

fn judge(error: &ConnectorError) -> Refusal {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == ErrorKind::ConnectionRefused)
        {
            return Refusal::NotArrived("connection refused");
        }
        cause = error.source();
    }
    if error.is_timeout() {
        Refusal::Unknown("timeout")
    } else {
        Refusal::Unknown("connection")
    }
}

/// Source: OTLP specification, "OTLP/HTTP response": only 429, 502, 503 and 504 are retryable.
fn judge_status(status: u16) -> Option<Refusal> {
    match StatusCode::from_u16(status) {
        Ok(status) if status.is_success() => None,
        Ok(StatusCode::TOO_MANY_REQUESTS) => Some(Refusal::NotArrived("status 429")),
        Ok(StatusCode::BAD_GATEWAY) => Some(Refusal::NotArrived("status 502")),
        Ok(StatusCode::SERVICE_UNAVAILABLE) => Some(Refusal::NotArrived("status 503")),
        // Retryable too, but the backend may have taken the request.
        Ok(StatusCode::GATEWAY_TIMEOUT) => Some(Refusal::Unknown("status 504")),
        Ok(StatusCode::UNAUTHORIZED) => Some(Refusal::Refused("status 401")),
        Ok(StatusCode::FORBIDDEN) => Some(Refusal::Refused("status 403")),
        Ok(StatusCode::NOT_FOUND) => Some(Refusal::Refused("status 404")),
        Ok(StatusCode::PAYLOAD_TOO_LARGE) => Some(Refusal::Refused("status 413")),
        Ok(status) if status.is_server_error() => Some(Refusal::Refused("status 5xx")),
        _ => Some(Refusal::Refused("status 4xx")),
    }
}
