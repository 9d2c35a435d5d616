//! One POST to the backend, over the HTTP client that the AWS SDK brings along.

use std::error::Error;
use std::io::ErrorKind;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http::{HeaderValue, Method, Request, StatusCode, header};

use super::encode;
use super::sign::Signer;
use crate::config::Traces;

/// The largest answer that is read. An OTLP answer has a few bytes.
const MOST_ANSWER_BYTES: usize = 64 * 1024;

/// Why a batch was not taken, by what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It did not arrive, or the backend asks to send it again.
    NotArrived(&'static str),
    /// The backend will not take it.
    Refused(&'static str),
    /// It may have arrived.
    Unknown(&'static str),
}

#[derive(Debug)]
pub(super) struct Post {
    traces: Traces,
    /// Made at the first request: the platform's root certificates are not read before the function is ready.
    connector: OnceLock<Connector>,
    signer: Option<Mutex<Option<Signer>>>,
}

impl Post {
    pub(super) fn new(traces: &Traces) -> Self {
        Self {
            traces: traces.clone(),
            connector: OnceLock::new(),
            signer: traces.sign_for.as_ref().map(|_| Mutex::default()),
        }
    }

    pub(super) fn sign_with(&self, credentials: Option<SharedCredentialsProvider>) {
        if let (Some(slot), Some(region), Some(credentials)) = (&self.signer, &self.traces.sign_for, credentials) {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(Signer::new(credentials, region.clone()));
        }
    }

    /// Sends one request, and returns how many of its spans were refused.
    pub(super) async fn send(&self, body: Vec<u8>) -> Result<usize, Refusal> {
        let request = self.request(body).await?;
        let answer = self
            .connector
            .get_or_init(|| connector(self.traces.timeout))
            .call(request)
            .await
            .map_err(|error| judge(&error))?;
        let status = answer.status().as_u16();
        if let Some(refusal) = judge_status(status) {
            return Err(refusal);
        }
        let body = answer.into_body();
        // Read to its end, so that the connection can be used again.
        if body
            .content_length()
            .is_some_and(|length| length > MOST_ANSWER_BYTES as u64)
        {
            return Ok(0);
        }
        let body = aws_smithy_types::byte_stream::ByteStream::new(body).collect().await;
        Ok(body.map_or(0, |bytes| encode::refused(&bytes.into_bytes())))
    }

    async fn request(&self, body: Vec<u8>) -> Result<HttpRequest, Refusal> {
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.traces.endpoint.clone();
        let headers = request.headers_mut();
        headers.extend(self.traces.headers.clone());
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static("tracehook"));
        if let Some(slot) = &self.signer {
            let signer = slot.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let signer = signer.ok_or(Refusal::NotArrived("no credentials"))?;
            signer
                .sign(&mut request, SystemTime::now())
                .await
                .map_err(|_| Refusal::NotArrived("no credentials"))?;
        }
        HttpRequest::try_from(request.map(SdkBody::from)).map_err(|_| Refusal::Refused("bad request"))
    }
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

/// Source: OTLP specification, "OTLP/HTTP response": these statuses, and no others, ask for the same request again.
fn judge_status(status: u16) -> Option<Refusal> {
    match StatusCode::from_u16(status) {
        Ok(status) if status.is_success() => None,
        Ok(StatusCode::TOO_MANY_REQUESTS) => Some(Refusal::NotArrived("status 429")),
        Ok(StatusCode::BAD_GATEWAY) => Some(Refusal::NotArrived("status 502")),
        Ok(StatusCode::SERVICE_UNAVAILABLE) => Some(Refusal::NotArrived("status 503")),
        // Asks for it too, but the request may have been taken.
        Ok(StatusCode::GATEWAY_TIMEOUT) => Some(Refusal::Unknown("status 504")),
        Ok(StatusCode::UNAUTHORIZED) => Some(Refusal::Refused("status 401")),
        Ok(StatusCode::FORBIDDEN) => Some(Refusal::Refused("status 403")),
        Ok(StatusCode::NOT_FOUND) => Some(Refusal::Refused("status 404")),
        Ok(StatusCode::PAYLOAD_TOO_LARGE) => Some(Refusal::Refused("status 413")),
        Ok(status) if status.is_server_error() => Some(Refusal::Refused("status 5xx")),
        _ => Some(Refusal::Refused("status 4xx")),
    }
}
