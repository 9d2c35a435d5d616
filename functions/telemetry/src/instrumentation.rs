//! The names under which this crate's spans and events are found.

use std::time::Duration;

use durable_traces::Instrumentation;
use opentelemetry::InstrumentationScope;

/// The target of spans that only log lines show. Their fields are on every line inside them.
pub(crate) const CONTEXT_TARGET: &str = "tracehook::context";

/// The scope of spans, and the targets that traces do not show.
pub(crate) const INSTRUMENTATION: Instrumentation = Instrumentation {
    scope: "tracehook",
    version: env!("CARGO_PKG_VERSION"),
    hidden: &[CONTEXT_TARGET, "metrics"],
    lead: || Duration::ZERO,
};

/// The scope of the roots, which belong to the service that the webhook came to, whoever tells them.
pub(crate) const ROOT_SCOPE: &str = "tracehook.webhook";

pub(crate) fn root_scope() -> InstrumentationScope {
    durable_traces::scope(ROOT_SCOPE, INSTRUMENTATION.version)
}
