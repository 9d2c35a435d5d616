//! Facts that the pages read from a span: names by OpenTelemetry's semantic conventions and the durable plugins' keys.

use serde_json::Value;

use crate::traces::{Span, SpanKind};

pub(super) const TOKEN: &str = "webhook.execution_token";
pub(super) const SOURCE: &str = "webhook.source";
pub(super) const TYPE: &str = "webhook.type";
pub(super) const STATUS: &str = "webhook.status";
pub(super) const INVOCATION_ID: &str = "faas.invocation_id";
pub(super) const COLD_START: &str = "faas.coldstart";
pub(super) const OPERATION: &str = "durable.operation.name";
pub(super) const TRY_NUMBER: &str = "durable.attempt.number";
const TRY_OUTCOME: &str = "durable.attempt.outcome";
/// What an execution and its operations have, which last as long as everything in them and the waits between.
const CONTAINERS: [&str; 3] = [STATUS, "durable.execution.status", "durable.operation.status"];
pub(super) const RESPONSE_STATUS: &str = "http.response.status_code";

/// A try of a step: the step's name and the number of the try.
pub(super) fn step_try(span: &Span) -> Option<(&str, u64)> {
    span.text(TRY_OUTCOME)?;
    Some((span.text(OPERATION)?, span.number(TRY_NUMBER)?))
}

/// True for a span that only holds others.
pub(super) fn is_container(span: &Span) -> bool {
    span.kind == SpanKind::Internal && CONTAINERS.iter().any(|key| span.attributes.contains_key(*key))
}

/// True for a span that is one invocation of a function.
pub(super) fn is_invocation(span: &Span) -> bool {
    let says_so = || span.attributes.contains_key(COLD_START);
    step_try(span).is_none() && (matches!(span.kind, SpanKind::Server | SpanKind::Consumer) || says_so())
}

/// The short reason of a failed span; none for another.
pub(super) fn failure(span: &Span) -> Option<String> {
    if !span.failed() {
        return None;
    }
    let exception = span.events.iter().find(|event| event.name == "exception");
    let of_exception = |key: &str| {
        exception
            .and_then(|event| event.attributes.get(key))
            .and_then(Value::as_str)
    };
    let kind = span.text("error.type").or_else(|| of_exception("exception.type"));
    let message = [
        Some(span.status.message.as_str()),
        of_exception("exception.message"),
        span.text("error.message"),
    ]
    .into_iter()
    .flatten()
    .find(|message| !message.is_empty());
    Some(match (kind, message) {
        (Some(kind), Some(message)) if message.contains(kind) => message.to_owned(),
        (Some(kind), Some(message)) => format!("{kind}: {message}"),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => "failed".to_owned(),
    })
}
