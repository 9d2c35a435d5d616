//! The server span of one request.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use durable_traces::{Assignment, span};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, header};
use opentelemetry::KeyValue;
use tracehook_core::gateway::{Answer, Request};
use tracehook_core::record::Record;
use tracehook_core::trace::TraceParent;
use tracehook_core::{ExecutionToken, Rejection, SourceName};
use tracing::field::{Empty, display};
use tracing::instrument::Instrumented;
use tracing::{Instrument, Span, info_span};

use super::attributes::{EXECUTION_TOKEN, assignment};
use crate::ids;

/// Whether this process has served a request.
static WARM: AtomicBool = AtomicBool::new(false);

/// What stands for a method that HTTP does not define: it may be any text.
const OTHER: &str = "_OTHER";

/// The longest text of a request in a span, in characters.
const MOST_CHARS: usize = 256;

/// One request of the gateway, from its arrival to its answer.
#[derive(Debug)]
pub struct Serving {
    span: Span,
    context: Span,
    /// The template of the request's path.
    route: String,
    /// What is told of a request that is signed as its source asks, and of no other: a stranger may write anything there.
    host: Option<String>,
    agent: Option<String>,
    began: Instant,
    source: OnceLock<SourceName>,
    rejection: OnceLock<Rejection>,
    verified: OnceLock<()>,
}

impl Serving {
    /// Begins a request; pass none for an event that is no request. The span is only linked to the producer's span, when the
    /// request has a `traceparent`: a stranger must not choose the trace or its sampling.
    #[must_use]
    pub fn begin(request: Option<&Request>, invocation_id: &str) -> Self {
        let (method, route) = request.map_or((OTHER, ""), |request| (known(&request.method), &*request.resource));
        // Source: semantic conventions for HTTP spans, "Name".
        let named = if method == OTHER { "HTTP" } else { method };
        let request_id = request.and_then(|request| request.request_id.as_deref());
        let span = info_span!(
            "request",
            otel.name = format!("{named} {route}").trim_end(),
            otel.kind = "server",
            http.request.method = method,
            http.route = route,
            http.response.status_code = Empty,
            http.request.body.size = Empty,
            url.scheme = request.map_or("https", scheme),
            url.path = Empty,
            server.address = Empty,
            user_agent.original = Empty,
            faas.trigger = "http",
            faas.invocation_id = invocation_id,
            faas.coldstart = !WARM.swap(true, Ordering::Relaxed),
            webhook.request_id = request_id.unwrap_or(invocation_id),
            webhook.source = Empty,
            "webhook.type" = Empty,
            webhook.delivery_id = Empty,
            webhook.payload_bytes = Empty,
            webhook.duplicate = Empty,
            webhook.reopened = Empty,
            webhook.rejection_code = Empty,
        );
        span::set_parent(&span, None);
        if let Some(producer) = request.and_then(|request| traceparent(&request.headers)) {
            span::link(&span, ids::parent(&producer).span_context(), "producer");
        }
        let text = |name| {
            request?
                .headers
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
        };
        let host = text(header::HOST).and_then(|host| host.parse::<Authority>().ok());
        Self {
            span,
            route: route.to_owned(),
            host: host.map(|host| short(host.host()).to_owned()),
            agent: text(header::USER_AGENT).map(|agent| short(agent).to_owned()),
            context: super::context(request_id.unwrap_or(invocation_id)),
            began: Instant::now(),
            source: OnceLock::new(),
            rejection: OnceLock::new(),
            verified: OnceLock::new(),
        }
    }

    /// Runs the request's work inside its span and its log context.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        work.instrument(self.context.clone())
            .instrument(self.span.clone())
            .await
    }

    /// Work that goes on after the answer: its lines have the request's context, and it is in no trace, as the request's span ends
    /// with the answer.
    pub fn after_answer<F: Future>(&self, work: F) -> Instrumented<F> {
        work.instrument(self.context.clone())
    }

    /// Sets the source that the request names. Call it with a source of the deployment only.
    pub fn set_source(&self, source: &SourceName) {
        let _ = self.source.set(source.clone());
        self.span.record("webhook.source", source.as_str());
        self.context.record("source", source.as_str());
    }

    /// The source that was set.
    #[must_use]
    pub fn source(&self) -> Option<&SourceName> {
        self.source.get()
    }

    /// The time since the request arrived.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// The time since the request arrived, in milliseconds.
    #[must_use]
    pub fn elapsed_ms(&self) -> f64 {
        self.elapsed().as_secs_f64() * 1000.0
    }

    /// Records that the request is signed as its source asks.
    pub fn verified(&self) {
        let _ = self.verified.set(());
    }

    /// Records that the request was refused.
    pub fn refused(&self, rejection: Rejection) {
        let _ = self.rejection.set(rejection);
    }

    /// Records that the request is a new webhook: its spans are in the webhook's trace, under the root.
    pub fn accepted(&self, record: &Record) {
        self.describe(record);
        span::assign_parent(&self.span, assignment(record, Some(&record.traceparent)));
    }

    /// Records that the request delivers a webhook that was stored before. It keeps its own trace, linked to the root,
    /// because the webhook's trace may have ended days ago.
    pub fn duplicate_of(&self, record: &Record) {
        self.describe(record);
        self.span.record("webhook.duplicate", true);
        self.looked_up(record);
    }

    /// Records that the request delivers a webhook again that had failed, and has opened its next attempt. It keeps its own
    /// trace, as a duplicate does.
    pub fn reopened(&self, record: &Record) {
        self.duplicate_of(record);
        self.span.record("webhook.reopened", true);
    }

    /// Records that the request asks for a webhook. It keeps its own trace, linked to the root.
    pub fn looked_up(&self, record: &Record) {
        self.set_webhook(record);
        span::link(&self.span, ids::parent(&record.traceparent).span_context(), "webhook");
        span::assign_parent(&self.span, assignment(record, None));
    }

    /// Records that the request names the token of a webhook that has not been read.
    pub fn looked_up_token(&self, token: &ExecutionToken) {
        super::set_webhook(&self.context, token, None, None);
        span::assign_parent(
            &self.span,
            Assignment {
                parent: None,
                attributes: vec![KeyValue::new(EXECUTION_TOKEN, token.to_string())],
                is_minor: false,
            },
        );
    }

    /// Ends the request with an answer, and adds a `traceresponse` header when the request's trace is exported. A client's
    /// error does not mark the server's span as failed; of those whose signature is not good, a part is exported. Source:
    /// semantic conventions for HTTP spans; W3C Trace Context Level 2.
    #[must_use]
    pub fn answered(self, answer: Answer) -> Answer {
        self.span
            .record("http.response.status_code", i64::from(answer.status()));
        // The path with what is known of it: the rest is a token, or a stranger's text.
        let path = self
            .source()
            .map(|source| self.route.replace("{source}", source.as_str()));
        self.span.record("url.path", path.as_deref().unwrap_or(&self.route));
        if self.verified.get().is_some() {
            if let Some(host) = &self.host {
                self.span.record("server.address", host.as_str());
            }
            if let Some(agent) = &self.agent {
                self.span.record("user_agent.original", agent.as_str());
            }
        }
        if let Some(rejection) = self.rejection.get() {
            self.span.record("webhook.rejection_code", rejection.code());
            if answer.status() >= 500 {
                span::fail(&self.span, rejection.code(), rejection.message());
            } else if self.verified.get().is_none() {
                // Anybody can send any number of them.
                span::mark_minor(&self.span);
            }
        }
        match span::exported(&self.span).filter(|own| own.sampled) {
            Some(own) => answer.with("traceresponse", own.to_string()),
            None => answer,
        }
    }

    fn set_webhook(&self, record: &Record) {
        let trace = record.traceparent.trace_id;
        super::set_webhook(&self.context, &record.token, Some(&record.source), Some(trace));
        super::set_labels(&self.context, &record.labels);
    }

    fn describe(&self, record: &Record) {
        self.set_webhook(record);
        self.span.record("webhook.type", record.summary.event_type.as_str());
        let bytes = i64::try_from(record.payload_bytes).unwrap_or(i64::MAX);
        self.span.record("webhook.payload_bytes", bytes);
        self.span.record("http.request.body.size", bytes);
        if let Some(id) = &record.delivery_id {
            self.span.record("webhook.delivery_id", display(id));
        }
    }
}

/// The method as spans have it.
fn known(method: &Method) -> &str {
    const DEFINED: [Method; 9] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::CONNECT,
        Method::OPTIONS,
        Method::TRACE,
        Method::PATCH,
    ];
    if DEFINED.contains(method) {
        method.as_str()
    } else {
        OTHER
    }
}

/// The scheme that the gateway was called with.
fn scheme(request: &Request) -> &'static str {
    match request.headers.get("x-forwarded-proto") {
        Some(scheme) if scheme == "http" => "http",
        _ => "https",
    }
}

/// A text that a stranger chose, as far as a span takes it.
fn short(text: &str) -> &str {
    let end = text.char_indices().nth(MOST_CHARS).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or_default()
}

fn traceparent(headers: &HeaderMap) -> Option<TraceParent> {
    headers.get("traceparent")?.to_str().ok()?.parse().ok()
}
