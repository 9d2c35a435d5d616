//! The way of one request: route, verify, store, start, answer.

use std::borrow::Cow;

use http::{StatusCode, header};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tracehook_core::gateway::{Answer, Cors, Request};
use tracehook_core::record::Status;
use tracehook_core::secret::SecretBundle;
use tracehook_core::signature::{Delivery, SignatureError};
use tracehook_core::source_name::DEFAULT_SOURCE;
use tracehook_core::{ExecutionToken, Record, Rejection, SourceConfig, SourceName, body};
use tracehook_runtime::http::{Endpoint, Exchange};
use tracehook_store::{Created, Payload};
use tracehook_telemetry::metrics;
use tracehook_telemetry::webhook::{self, Serving};
use tracing::Instrument;

use crate::Validator;
use crate::delivery::Verified;

/// The body of a 202.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Accepted<'a> {
    message: &'static str,
    request_id: &'a str,
    execution_token: ExecutionToken,
    status_url: &'a str,
    trace_id: String,
    trace_url: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

impl Endpoint for Validator {
    const METHOD: &'static str = "POST";

    fn cors(&self) -> &Cors {
        &self.config.http.cors
    }

    fn target<'r>(&self, request: &'r Request) -> Option<&'r str> {
        source_in(request)
    }

    async fn answer(&self, exchange: &Exchange<'_>, source: &str) -> Result<Answer, Rejection> {
        let (record, duplicate) = self.receive(exchange, source).await?;
        Ok(self.accepted(exchange, &record, duplicate))
    }

    fn text(&self, rejection: Rejection) -> Cow<'static, str> {
        match rejection {
            Rejection::BodyTooLarge => format!("The body is larger than {} bytes", self.config.max_body_bytes).into(),
            other => other.message().into(),
        }
    }

    fn rejected(&self, serving: &Serving, rejection: Rejection) {
        metrics::webhook_rejected(serving.source(), rejection);
    }
}

impl Validator {
    async fn receive(&self, exchange: &Exchange<'_>, source: &str) -> Result<(Record, bool), Rejection> {
        let Exchange {
            request,
            serving,
            received_at,
            ..
        } = *exchange;
        let known = self.config.sources.get(source);
        metrics::webhook_received(known.map(|(source, _)| source));
        let (source, source_config) = known.ok_or(Rejection::UnknownSource)?;
        serving.set_source(source);
        let text = request.body.as_deref();
        let body = body::decode(text, request.is_base64_encoded, self.config.max_body_bytes)?;
        let delivery = Delivery {
            headers: &request.headers,
            body: &body,
            received_at,
        };
        let verify = self.verify(source, source_config, &delivery);
        let secrets = verify.instrument(tracing::info_span!("verify")).await?;
        let mut random = [0; 24];
        getrandom::fill(&mut random).map_err(|_| Rejection::StoreUnavailable)?;
        let digest = Sha256::digest(&body).into();
        let verified = Verified {
            source,
            source_config,
            request,
            body: &body,
            digest,
            secrets: &secrets,
            received_at,
            random,
        };
        let record = verified.record(&self.config)?;
        self.store_and_start(serving, record, request, body.into_owned()).await
    }

    /// Verifies with the known secrets, and once more with fresh ones when they may have been rotated.
    async fn verify(
        &self,
        source: &SourceName,
        config: &SourceConfig,
        delivery: &Delivery<'_>,
    ) -> Result<std::sync::Arc<SecretBundle>, Rejection> {
        let scheme = config.scheme.scheme();
        let mut secrets = self.secrets.bundle().await?;
        let mut verdict = scheme.verify(delivery, secrets.of(source));
        if verdict == Err(SignatureError::Mismatch)
            && let Some(fresh) = self.secrets.refreshed().await
        {
            verdict = scheme.verify(delivery, fresh.of(source));
            secrets = fresh;
        }
        if verdict == Err(SignatureError::Mismatch) && scheme.needs_secret() && secrets.of(source).is_empty() {
            tracing::error!(%source, "this source has no secret");
            return Err(Rejection::SecretMissing);
        }
        verdict?;
        Ok(secrets)
    }

    async fn store_and_start(
        &self,
        serving: &Serving,
        record: Record,
        request: &Request,
        body: Vec<u8>,
    ) -> Result<(Record, bool), Rejection> {
        let content_type = request
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let payload = Payload {
            body,
            content_type: content_type.map(str::to_owned),
        };
        let create = self.store.create(&record, payload);
        let created = create.instrument(tracing::info_span!("store")).await.map_err(|error| {
            tracing::error!(token = %record.token, %error, "not stored");
            Rejection::StoreUnavailable
        })?;
        let (record, duplicate) = match created {
            Created::New => {
                serving.accepted(&record);
                (record, false)
            }
            Created::Duplicate(existing) => {
                serving.duplicate_of(&existing);
                (*existing, true)
            }
            Created::Conflict => return Err(Rejection::DeliveryConflict),
        };
        // A webhook that is still `received` may have been left unstarted; starting it again is harmless.
        if record.status == Status::Received {
            let start = async { webhook::started(&record, &self.engine.start(&record).await) };
            start.instrument(tracing::info_span!("start")).await;
        }
        Ok((record, duplicate))
    }

    fn accepted(&self, exchange: &Exchange<'_>, record: &Record, duplicate: bool) -> Answer {
        let base = self
            .config
            .base_url
            .as_deref()
            .or(exchange.request.base_url.as_deref())
            .unwrap_or_default();
        let status_url = format!("{base}/status/{}", record.token);
        let trace_id = record.traceparent.trace_id;
        tracing::info!(duplicate, "accepted");
        if duplicate {
            metrics::webhook_duplicate(&record.source);
        } else {
            metrics::webhook_accepted(&record.source, record.payload_bytes, exchange.serving.elapsed_ms());
        }
        let body = Accepted {
            message: "Webhook accepted for processing",
            request_id: exchange.request_id,
            execution_token: record.token,
            status_url: &status_url,
            trace_id: trace_id.to_string(),
            trace_url: self.config.http.trace_link.fill(&record.into()),
            duplicate,
        };
        Answer::json(StatusCode::ACCEPTED, &body).with("Location", status_url)
    }
}

/// The source that the path names; `None` for a path of another endpoint.
fn source_in(request: &Request) -> Option<&str> {
    match request.resource.trim_end_matches('/') {
        "/webhook" => Some(DEFAULT_SOURCE),
        resource => {
            let in_path = resource.strip_prefix("/webhook/").filter(|rest| !rest.contains('/'))?;
            Some(request.path_parameters.get("source").map_or(in_path, String::as_str))
        }
    }
}
