//! The names of a webhook's attributes, which are tracehook's own, and the attributes of each of its spans.

use durable_traces::{Assignment, Properties};
use opentelemetry::KeyValue;
use tracehook_core::record::Record;
use tracehook_core::trace::TraceParent;
use tracehook_core::{ExecutionToken, SourceName};

use crate::ids;

pub(super) const EXECUTION_TOKEN: &str = "webhook.execution_token";
pub(super) const SOURCE: &str = "webhook.source";
pub(super) const EVENT_TYPE: &str = "webhook.type";
pub(super) const DELIVERY_ID: &str = "webhook.delivery_id";
/// What people look for; the label's name follows.
const LABEL_PREFIX: &str = "webhook.label.";
pub(super) const PAYLOAD_BYTES: &str = "webhook.payload_bytes";
pub(super) const STATUS: &str = "webhook.status";
/// 1, and one more with every redrive.
pub(super) const ATTEMPT: &str = "webhook.attempt";

/// The attributes of every span of a webhook.
#[must_use]
pub fn properties(token: &ExecutionToken, source: Option<&SourceName>) -> Properties {
    let source = source.map(|source| (SOURCE.to_owned(), source.to_string()));
    [(EXECUTION_TOKEN.to_owned(), token.to_string())]
        .into_iter()
        .chain(source)
        .collect()
}

/// The same attributes in OpenTelemetry's form, and the labels.
pub(super) fn of_record(record: &Record) -> Vec<KeyValue> {
    let labels = record.labels.iter();
    let labels = labels.map(|(name, label)| (format!("{LABEL_PREFIX}{name}"), label.clone()));
    properties(&record.token, Some(&record.source))
        .into_iter()
        .chain(labels)
        .map(|(name, value)| KeyValue::new(name, value))
        .collect()
}

/// Assigns spans to the webhook of a record; without a parent they stay in their own trace.
pub(super) fn assignment(record: &Record, parent: Option<&TraceParent>) -> Assignment {
    Assignment {
        parent: parent.map(ids::parent),
        attributes: of_record(record),
        is_minor: false,
    }
}
