//! Log lines: one JSON object per line on standard output, with time, level, message, service, the fields of the event, and
//! the context fields `token`, `trace_id`, `source`, `request_id` and `labels` as far as they are known.

mod context;
mod line;

use std::fmt;
use std::time::{Duration, SystemTime};

use durable_traces::{aws, is_library};
use tracehook_core::Timestamp;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterFn, LevelFilter, filter_fn};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

use context::ContextFormat;
pub(crate) use context::{context, set_labels};
use line::{Line, Written};

use crate::instrumentation::CONTEXT_TARGET;

/// The target under which the Lambda runtime logs what a function returned or how it panicked, without the request's context.
const RUNTIME_TARGET: &str = "lambda_runtime::layers::panic";

/// The layer that writes log lines.
pub(crate) fn layer<S>(service: &'static str, level: Option<LevelFilter>, lead: fn() -> Duration) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let level = level.unwrap_or(LevelFilter::INFO);
    tracing_subscriber::fmt::layer()
        .event_format(Lines { service, lead })
        .fmt_fields(ContextFormat)
        .with_filter(shown(level).with_max_level_hint(level))
}

/// Which lines are written.
fn shown(level: LevelFilter) -> FilterFn<impl Fn(&Metadata<'_>) -> bool> {
    filter_fn(move |metadata| {
        let most = match metadata.target() {
            CONTEXT_TARGET => LevelFilter::ERROR,
            // Each of its lines repeats an error or a panic that this crate's callers have logged, in their words.
            aws::TARGET | RUNTIME_TARGET => LevelFilter::OFF,
            // Below `warn`, some libraries log whole requests.
            target if is_library(target) => level.min(LevelFilter::WARN),
            _ => level,
        };
        *metadata.level() <= most
    })
}

/// Formats events as JSON lines.
struct Lines {
    service: &'static str,
    /// How far the clock of the lines is ahead of the system's.
    lead: fn() -> Duration,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = Line::default();
        event.record(&mut line);
        for span in context
            .event_scope()
            .into_iter()
            .flat_map(tracing_subscriber::registry::Scope::from_root)
        {
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>() {
                let pairs = fields
                    .fields
                    .lines()
                    .filter_map(|line| line.trim_start().split_once('='));
                for (name, value) in pairs {
                    line.inherit(name, value);
                }
            }
        }
        let written = Written {
            timestamp: Timestamp::from(SystemTime::now()).plus((self.lead)()),
            level: event.metadata().level().as_str(),
            service: self.service,
            target: event.metadata().target(),
            line,
        };
        writeln!(writer, "{}", serde_json::to_string(&written).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use serde_json::Value;
    use tracing_subscriber::layer::SubscriberExt;

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
            .event_format(Lines {
                service: "validator",
                lead: || Duration::from_hours(24 * 365 * 100),
            })
            .fmt_fields(ContextFormat)
            .with_writer(move || writer.clone())
            .with_filter(shown(LevelFilter::INFO));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), run);
        let text = String::from_utf8(output.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn every_line_has_the_context_fields_of_the_spans_around_it() {
        let lines = lines(|| {
            let context = context("r-1");
            let _entered = context.enter();
            context.record("source", "github");
            tracing::info!("before");
            context.record("token", tracing::field::display("t-1"));
            context.record("trace_id", "a\nb");
            set_labels(&context, &[("payment".to_owned(), "pi_1 \"ü\" = {".to_owned())].into());
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
        assert!(before.get("labels").is_none(), "{before}");
        assert_eq!(after["labels"], serde_json::json!({"payment": "pi_1 \"ü\" = {"}));
    }

    #[test]
    fn a_handler_s_own_lines_are_shown_whatever_its_crate_is_called_and_of_libraries_only_warnings() {
        let lines = lines(|| {
            tracing::info!(target: "logistics::parcels", "own");
            tracing::debug!(target: "logistics::parcels", "too fine");
            tracing::info!(target: "aws_smithy_runtime", "of a library");
            tracing::warn!(target: "hyper_util::client", "warning of a library");
            tracing::error!(target: RUNTIME_TARGET, "told before");
        });
        let messages: Vec<_> = lines.iter().map(|line| &line["message"]).collect();
        assert_eq!(messages, ["own", "warning of a library"]);
    }

    #[test]
    fn an_event_is_one_line_whatever_its_text() {
        let lines = lines(|| tracing::error!(text = "a\n\"b\"", error = "c\r\nd", "first\nsecond"));
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["message"], "first\nsecond");
    }

    #[test]
    fn the_time_of_a_line_is_ahead_by_the_lead() {
        let lines = lines(|| tracing::info!("a"));
        let century = lines[0]["timestamp"].as_str().unwrap().split_at(2).0;
        assert_eq!(century, "21", "{lines:?}");
    }
}
