//! Spans whose fields are on every log line inside them.

use std::fmt;

use tracing::Span;
use tracing::field::{Empty, Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;

use crate::instrumentation::CONTEXT_TARGET;

const CONTEXT_FIELDS: [&str; 4] = ["token", "trace_id", "source", "request_id"];

/// Context fields for every log line inside this span. Fields other than `request_id` are recorded when they are known.
pub(crate) fn context(request_id: &str) -> Span {
    // The level of errors, so that every level of log lines has it.
    tracing::error_span!(target: CONTEXT_TARGET, "context", request_id, token = Empty, trace_id = Empty, source = Empty)
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
