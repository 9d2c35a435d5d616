//! Spans whose fields are on every log line inside them.

use std::fmt;

use tracehook_core::Labels;
use tracing::Span;
use tracing::field::{Empty, Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;

use crate::instrumentation::CONTEXT_TARGET;

/// A JSON object; the line has it as an object.
pub(super) const LABELS: &str = "labels";

const CONTEXT_FIELDS: [&str; 5] = ["token", "trace_id", "source", "request_id", LABELS];

/// Context fields for every log line inside this span. Fields other than `request_id` are recorded when they are known.
pub(crate) fn context(request_id: &str) -> Span {
    // The level of errors, so that every level of log lines has it.
    tracing::error_span!(
        target: CONTEXT_TARGET, "context", request_id, token = Empty, trace_id = Empty, source = Empty, labels = Empty
    )
}

/// Sets the labels of a context; it stays as it is when there are none.
pub(crate) fn set_labels(context: &Span, labels: &Labels) {
    if !labels.is_empty()
        && let Ok(json) = serde_json::to_string(labels)
    {
        context.record(LABELS, json);
    }
}

/// Formats a span's context fields as lines `name=value`, and drops its other fields.
pub(super) struct ContextFormat;

impl<'writer> FormatFields<'writer> for ContextFormat {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut context = ContextFields(String::new());
        fields.record(&mut context);
        writer.write_str(&context.0)
    }
}

struct ContextFields(String);

impl ContextFields {
    fn keep(&mut self, field: &Field, value: &dyn fmt::Display) {
        let name = field.name();
        if CONTEXT_FIELDS.contains(&name) {
            let value = value.to_string().replace(char::is_control, "");
            self.0.push_str(&format!("{name}={value}\n"));
        }
    }
}

impl Visit for ContextFields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, &value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.keep(field, &format_args!("{value:?}"));
    }
}
