//! The server span of one request.

use std::sync::OnceLock;
use std::time::Instant;

use http::HeaderMap;
use tracehook_core::gateway::{Answer, Request};
use tracehook_core::record::Record;
use tracehook_core::trace::TraceParent;
use tracehook_core::{ExecutionToken, Rejection, SourceName};
use tracing::field::{Empty, display};
use tracing::{Span, info_span};

use super::properties;
use crate::durable::is_cold_start;
use crate::trace::{self, Belonging, EXECUTION_TOKEN};

/// One request of the gateway, from its arrival to its answer.
#[derive(Debug)]
pub struct Serving {
    span: Span,
    context: Span,
    began: Instant,
    source: OnceLock<SourceName>,
    rejection: OnceLock<Rejection>,
}

impl Serving {
    /// Begins one; none is given for an event that is no request. The span is linked to the producer's own, when the
    /// request has a `traceparent`: an outsider's trace and its sampling are not ours to join.
    #[must_use]
    pub fn begin(request: Option<&Request>, invocation_id: &str) -> Self {
        let (method, route) = request.map_or(("_OTHER", ""), |request| (request.method.as_str(), &*request.resource));
        let request_id = request.and_then(|request| request.request_id.as_deref());
        let span = info_span!(
            "request",
            otel.name = format!("{method} {route}").trim_end(),
            otel.kind = "server",
            http.request.method = method,
            http.route = route,
            http.response.status_code = Empty,
            http.request.body.size = Empty,
            url.scheme = "https",
            faas.trigger = "http",
            faas.invocation_id = invocation_id,
            faas.coldstart = is_cold_start(),
            webhook.request_id = request_id.unwrap_or(invocation_id),
            webhook.source = Empty,
            "webhook.type" = Empty,
            webhook.delivery_id = Empty,
            webhook.payload_bytes = Empty,
            webhook.duplicate = Empty,
            webhook.rejection_code = Empty,
        );
        trace::set_parent(&span, None);
        if let Some(producer) = request.and_then(|request| traceparent(&request.headers)) {
            trace::link(&span, trace::remote(&producer), "producer");
        }
        Self {
            span,
            context: super::context(request_id.unwrap_or(invocation_id)),
            began: Instant::now(),
            source: OnceLock::new(),
            rejection: OnceLock::new(),
        }
    }

    /// Runs the request's work within its span, and its log lines within what is known of it.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        use tracing::Instrument;
        work.instrument(self.context.clone())
            .instrument(self.span.clone())
            .await
    }

    /// The source that the request names, once it is known to be one of the deployment's.
    pub fn names_source(&self, source: &SourceName) {
        let _ = self.source.set(source.clone());
        self.span.record("webhook.source", source.as_str());
        self.context.record("source", source.as_str());
    }

    /// That source.
    #[must_use]
    pub fn source(&self) -> Option<&SourceName> {
        self.source.get()
    }

    /// How long it has taken so far, in milliseconds.
    #[must_use]
    pub fn elapsed_ms(&self) -> f64 {
        self.began.elapsed().as_secs_f64() * 1000.0
    }

    /// The request is refused.
    pub fn is_refused(&self, rejection: Rejection) {
        let _ = self.rejection.set(rejection);
    }

    /// The request is a new webhook: its spans are in the webhook's trace, under the root.
    pub fn is_webhook(&self, record: &Record) {
        self.describe(record);
        trace::belongs(
            &self.span,
            Belonging {
                home: Some(record.traceparent),
                attributes: attributes(record),
            },
        );
    }

    /// The request is a webhook that was stored before: it keeps a trace of its own, linked to the root, because the
    /// webhook's may have ended days ago.
    pub fn is_duplicate(&self, record: &Record) {
        self.describe(record);
        self.span.record("webhook.duplicate", true);
        self.asks_for(record);
    }

    /// The request asks for a webhook: a trace of its own, linked to the root.
    pub fn asks_for(&self, record: &Record) {
        super::concerns(
            &self.context,
            &record.token,
            Some(&record.source),
            Some(record.traceparent.trace_id),
        );
        trace::link(&self.span, trace::remote(&record.traceparent), "webhook");
        trace::belongs(
            &self.span,
            Belonging {
                home: None,
                attributes: attributes(record),
            },
        );
    }

    /// The request names a webhook of which nothing is known yet.
    pub fn asks_for_token(&self, token: &ExecutionToken) {
        super::concerns(&self.context, token, None, None);
        trace::belongs(
            &self.span,
            Belonging {
                home: None,
                attributes: vec![opentelemetry::KeyValue::new(EXECUTION_TOKEN, token.to_string())],
            },
        );
    }

    /// Ends it with an answer, which gets a `traceresponse` header when the request's trace is exported. A client's
    /// error is no error of the server's span. Source: semantic conventions for HTTP spans; W3C Trace Context Level 2.
    #[must_use]
    pub fn answered(self, answer: Answer) -> Answer {
        self.span.record("http.response.status_code", answer.status());
        if let Some(rejection) = self.rejection.get() {
            self.span.record("webhook.rejection_code", rejection.code());
            if answer.status() >= 500 {
                trace::fail(&self.span, rejection.code(), rejection.message());
            }
        }
        match trace::exported(&self.span).filter(|own| own.sampled) {
            Some(own) => answer.with("traceresponse", own.to_string()),
            None => answer,
        }
    }

    fn describe(&self, record: &Record) {
        super::concerns(
            &self.context,
            &record.token,
            Some(&record.source),
            Some(record.traceparent.trace_id),
        );
        self.span.record("webhook.type", record.summary.event_type.as_str());
        self.span.record("webhook.payload_bytes", record.payload_bytes);
        self.span.record("http.request.body.size", record.payload_bytes);
        if let Some(id) = &record.delivery_id {
            self.span.record("webhook.delivery_id", display(id));
        }
    }
}

fn attributes(record: &Record) -> Vec<opentelemetry::KeyValue> {
    super::attributes(properties(&record.token, Some(&record.source))).collect()
}

fn traceparent(headers: &HeaderMap) -> Option<TraceParent> {
    headers.get("traceparent")?.to_str().ok()?.parse().ok()
}
