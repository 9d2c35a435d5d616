//! One JSON object per line on standard output: time, level, message, service, the fields of the event, and what is known
//! of the request or webhook that it is about: `token`, `trace_id`, `source` and `request_id`.

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;
use tracehook_core::Timestamp;
use tracing::field::{Empty, Field, Visit};
use tracing::{Event, Span, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::trace::{self, Spans};

/// The target of spans that only log lines show. Their fields are on every line within them.
pub(crate) const CONTEXT: &str = "tracehook::context";

/// The fields of such spans.
const SHOWN: [&str; 4] = ["token", "trace_id", "source", "request_id"];

/// What is known of the work that the lines within are about. The other fields are recorded when they are known.
pub(crate) fn context(request_id: &str) -> Span {
    // The level of errors, so that every level of log lines has it.
    tracing::error_span!(target: CONTEXT, "context", request_id, token = Empty, trace_id = Empty, source = Empty)
}

pub(crate) fn install(service: &'static str, level: Option<LevelFilter>, spans: Option<Spans>) {
    let targets = Targets::new()
        // Libraries are heard from `warn` on: some show whole requests below that.
        .with_default(LevelFilter::WARN)
        .with_target("tracehook", level.unwrap_or(LevelFilter::INFO))
        .with_target(CONTEXT, LevelFilter::ERROR)
        .with_target(trace::ONLY_TRACES, LevelFilter::OFF);
    let lines = tracing_subscriber::fmt::layer()
        .event_format(Lines { service })
        .fmt_fields(Shown)
        .with_filter(targets);
    // A second call in one process, as tests make, changes nothing.
    let _ = tracing_subscriber::registry()
        .with(spans.map(trace::layers))
        .with(lines)
        .try_init();
}

/// Keeps of a span's fields those that are shown, as lines `name=value`.
struct Shown;

impl<'writer> FormatFields<'writer> for Shown {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut kept = Kept(String::new());
        fields.record(&mut kept);
        writer.write_str(&kept.0)
    }
}

struct Kept(String);

impl Kept {
    fn keep(&mut self, field: &Field, value: &dyn fmt::Display) {
        let name = field.name();
        if SHOWN.contains(&name) {
            let value = value.to_string().replace(char::is_control, "");
            self.0.push_str(&format!("{name}={value}\n"));
        }
    }
}

impl Visit for Kept {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, &value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.keep(field, &format_args!("{value:?}"));
    }
}

struct Lines {
    service: &'static str,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = Line::default();
        event.record(&mut line);
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>() {
                let pairs = fields
                    .fields
                    .lines()
                    .filter_map(|line| line.trim_start().split_once('='));
                for (name, value) in pairs {
                    line.around(name, value);
                }
            }
        }
        let written = Written {
            timestamp: Timestamp::from(std::time::SystemTime::now()),
            level: event.metadata().level().as_str(),
            service: self.service,
            target: event.metadata().target(),
            line,
        };
        writeln!(writer, "{}", serde_json::to_string(&written).map_err(|_| fmt::Error)?)
    }
}

#[derive(Default)]
struct Line {
    message: String,
    around: Vec<(String, String)>,
    fields: Vec<(&'static str, Value)>,
}

impl Line {
    fn around(&mut self, name: &str, value: &str) {
        match self.around.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => value.clone_into(known),
            None => self.around.push((name.to_owned(), value.to_owned())),
        }
    }

    fn field(&mut self, field: &Field, value: impl Into<Value>) {
        self.fields.push((field.name(), value.into()));
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        } else {
            self.field(field, format!("{value:?}"));
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.field(field, value.to_string());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.field(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.field(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.field(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.field(field, value);
    }
}

struct Written {
    timestamp: Timestamp,
    level: &'static str,
    service: &'static str,
    target: &'static str,
    line: Line,
}

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("timestamp", &self.timestamp)?;
        map.serialize_entry("level", self.level)?;
        map.serialize_entry("message", &self.line.message)?;
        map.serialize_entry("service", self.service)?;
        for (name, value) in &self.line.around {
            // What the event says itself holds.
            if !self.line.fields.iter().any(|(known, _)| known == name) {
                map.serialize_entry(name, value)?;
            }
        }
        for (name, value) in &self.line.fields {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("target", self.target)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn lines(run: impl FnOnce()) -> Vec<Value> {
        let output = Output::default();
        let writer = output.clone();
        let layer = tracing_subscriber::fmt::layer()
            .event_format(Lines { service: "validator" })
            .fmt_fields(Shown)
            .with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), run);
        let text = String::from_utf8(output.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn every_line_has_what_the_spans_around_it_know() {
        let lines = lines(|| {
            let context = context("r-1");
            let _entered = context.enter();
            context.record("source", "github");
            tracing::info!("before");
            context.record("token", tracing::field::display("t-1"));
            context.record("trace_id", "a\nb");
            tracing::info_span!("inner", http.route = "/x").in_scope(|| {
                tracing::warn!(code = 7, source = "own", "after");
            });
        });
        let [before, after] = &lines[..] else {
            panic!("{lines:?}")
        };
        assert_eq!(before["message"], "before");
        assert_eq!(
            (&before["request_id"], &before["source"]),
            (&"r-1".into(), &"github".into())
        );
        assert_eq!(
            (&before["service"], &before["level"]),
            (&"validator".into(), &"INFO".into())
        );
        assert!(
            before.get("token").is_none() && before.get("http.route").is_none(),
            "{before}"
        );
        assert_eq!((&after["token"], &after["trace_id"]), (&"t-1".into(), &"ab".into()));
        assert_eq!((&after["code"], &after["source"]), (&7.into(), &"own".into()));
    }

    #[test]
    fn a_line_stays_one_line_whatever_it_says() {
        let lines = lines(|| tracing::error!(text = "a\n\"b\"", error = "c\r\nd", "first\nsecond"));
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["message"], "first\nsecond");
    }
}
