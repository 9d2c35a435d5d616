//! The way of one request: route, verify, store, start, answer.

use std::borrow::Cow;

use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tracehook_core::body::{Coding, MAX_GROWTH};
use tracehook_core::gateway::{Answer, Cors, Request};
use tracehook_core::record::Status;
use tracehook_core::secret::SecretBundle;
use tracehook_core::signature::Delivery;
use tracehook_core::source_name::DEFAULT_SOURCE;
use tracehook_core::verify::Proven;
use tracehook_core::{ExecutionToken, Rejection, SourceConfig, SourceName};
use tracehook_runtime::http::{Endpoint, Exchange};
use tracehook_telemetry::metrics;
use tracehook_telemetry::webhook::Serving;
use tracing::Instrument;

use crate::Validator;
use crate::accept::{Accepted, How};
use crate::budget::Budget;
use crate::delivery::Verified;
use crate::ready::Ready;

/// The body of a 202.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answered<'a> {
    message: &'static str,
    request_id: &'a str,
    execution_token: ExecutionToken,
    status_url: &'a str,
    trace_id: String,
    trace_url: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    reopened: bool,
    /// True if the delivery id was used before, with another body.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    conflict: bool,
    /// The status of a webhook that came before.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
}

impl Answered<'_> {
    /// How it is no first delivery, for the header of an answer without this body; empty where it is one.
    fn outcome(&self) -> String {
        let outcomes = [
            ("duplicate", self.duplicate),
            ("reopened", self.reopened),
            ("conflict", self.conflict),
        ];
        let outcomes = outcomes.iter().filter(|(_, is_it)| *is_it).map(|(name, _)| *name);
        outcomes.collect::<Vec<_>>().join(", ")
    }
}

impl Endpoint for Validator {
    const METHODS: &'static str = "POST";

    fn cors(&self) -> &Cors {
        &self.config.http.cors
    }

    fn target<'r>(&self, request: &'r Request) -> Option<&'r str> {
        source_in(request)
    }

    async fn answer(&self, exchange: &Exchange<'_>, source: &str) -> Result<Answer, Rejection> {
        let budget = Budget::begin(self.config.answer_budget);
        let ready = self.ready(budget.secrets_end()).await?;
        // On the heap: a request's future is tens of kilobytes.
        let accepted = Box::pin(self.receive(exchange, ready, source, budget)).await?;
        Ok(self.accepted(exchange, ready, &accepted))
    }

    fn text(&self, rejection: Rejection) -> Cow<'static, str> {
        match rejection {
            Rejection::BodyTooLarge => format!("The body is larger than {} bytes", self.config.max_body_bytes).into(),
            Rejection::BodyDecodedTooLarge => format!(
                "The decoded body is larger than {} bytes, or more than {MAX_GROWTH} times as large as it was sent",
                self.config.max_body_bytes
            )
            .into(),
            other => other.message().into(),
        }
    }

    fn rejected(&self, serving: &Serving, rejection: Rejection) {
        metrics::webhook_rejected(serving.source(), rejection);
    }
}

impl Validator {
    async fn receive(
        &self,
        exchange: &Exchange<'_>,
        ready: &Ready,
        source: &str,
        budget: Budget,
    ) -> Result<Accepted, Rejection> {
        let Exchange {
            request,
            serving,
            received_at,
            ..
        } = *exchange;
        let known = ready.sources.get(source);
        metrics::webhook_received(known.map(|(source, _)| source));
        let (source, source_config) = known.ok_or(Rejection::UnknownSource)?;
        serving.set_source(source);
        let body = request.body.as_ref().map_err(|rejection| *rejection)?;
        if body.len() > self.config.max_body_bytes {
            return Err(Rejection::BodyTooLarge);
        }
        let delivery = Delivery {
            method: &request.method,
            query: &request.query,
            headers: &request.headers,
            body,
            received_at,
        };
        let verify = ready.verify(source, source_config, &delivery, budget.secrets_end());
        let (secrets, proven) = verify.instrument(tracing::info_span!("verify")).await?;
        metrics::webhook_verified(source);
        serving.verified();
        let answer = self
            .receive_verified(exchange, source, source_config, body, (&secrets, proven), budget)
            .await;
        metrics::verified_answered(exchange.serving.elapsed_ms(), answer.as_ref().err());
        answer
    }

    /// Stores and starts what is signed as its source asks.
    async fn receive_verified(
        &self,
        exchange: &Exchange<'_>,
        source: &SourceName,
        source_config: &SourceConfig,
        body: &Bytes,
        (secrets, proven): (&SecretBundle, Proven<'_>),
        budget: Budget,
    ) -> Result<Accepted, Rejection> {
        let mut random = [0; 24];
        getrandom::fill(&mut random).map_err(|_| Rejection::StoreUnavailable)?;
        let verified = Verified {
            source,
            source_config,
            request: exchange.request,
            body,
            coding: Coding::of(&exchange.request.headers)?,
            digest: Sha256::digest(body).into(),
            secrets,
            proven,
            received_at: exchange.received_at,
            random,
        };
        let webhook = verified.identify(&self.config)?;
        let payload = verified.payload(body);
        self.store_and_start(exchange, webhook, payload, budget).await
    }

    fn accepted(&self, exchange: &Exchange<'_>, ready: &Ready, accepted: &Accepted) -> Answer {
        let Accepted {
            record,
            how,
            is_conflict,
        } = accepted;
        let base = self
            .config
            .base_url
            .as_deref()
            .or(exchange.request.base_url.as_deref())
            .unwrap_or_default();
        let status_url = format!("{base}/status/{}", record.token);
        let trace_id = record.traceparent.trace_id;
        let (duplicate, reopened) = (*how != How::First, *how == How::Reopened);
        tracing::info!(duplicate, reopened, conflict = is_conflict, "accepted");
        match how {
            How::First => {
                metrics::webhook_accepted(&record.source, record.payload_bytes, exchange.serving.elapsed_ms());
            }
            How::Duplicate => metrics::webhook_duplicate(&record.source),
            How::Reopened => metrics::webhook_reopened(&record.source),
        }
        let body = Answered {
            message: message(*how, record.status),
            request_id: exchange.request_id,
            execution_token: record.token,
            status_url: &status_url,
            trace_id: trace_id.to_string(),
            trace_url: self.config.http.trace_link.fill(&record.into()),
            duplicate,
            reopened,
            conflict: *is_conflict,
            status: duplicate.then_some(record.status),
        };
        let source = ready.sources.get(record.source.as_str());
        match source.and_then(|(_, source)| source.answer()) {
            None => Answer::json(StatusCode::ACCEPTED, &body).with("Location", status_url),
            Some(fixed) => {
                let answer = Answer::fixed(fixed)
                    .with("X-Execution-Token", record.token.to_string())
                    .with("X-Trace-Id", trace_id.to_string())
                    .with("Location", status_url.as_str());
                let headers = [
                    ("X-Trace-Url", body.trace_url.clone()),
                    ("X-Webhook-Outcome", body.outcome()),
                ];
                let headers = headers.into_iter().filter(|(_, value)| !value.is_empty());
                headers.fold(answer, |answer, (name, value)| answer.with(name, value))
            }
        }
    }
}

/// The answer in a sentence, for the people who read a producer's log of deliveries.
const fn message(how: How, status: Status) -> &'static str {
    match (how, status) {
        (How::First, _) => "Webhook accepted for processing",
        (How::Reopened, _) => "Webhook accepted for another attempt",
        (How::Duplicate, Status::Completed) => "Webhook processed before",
        (How::Duplicate, Status::Failed | Status::TimedOut | Status::Stopped) => {
            "Webhook accepted before, and ended without success; redrive it, or send it again a minute later"
        }
        (How::Duplicate, _) => "Webhook accepted before and not ended yet",
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
