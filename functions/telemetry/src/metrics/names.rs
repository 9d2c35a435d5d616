//! Every metric: its name, unit, dimensions and meaning. Dashboards, alarms and documentation are held against this list.

use metrics::Unit;

/// The namespace in CloudWatch.
pub const NAMESPACE: &str = "Tracehook";

/// The function: `validator`, `processor`, …. Every metric has it.
pub const SERVICE: &str = "service";
/// The source's name; `unknown` for a request that names no source of the deployment.
pub const SOURCE: &str = "source";
/// A durable step's name.
pub const STEP: &str = "step";
/// How something ended: a stable code of the metric.
pub const OUTCOME: &str = "outcome";
/// A stable code.
pub const REASON: &str = "reason";

/// How values of a metric are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Values are added.
    Counter,
    /// Values are kept apart: percentiles can be asked for.
    Histogram,
}

/// One metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name in CloudWatch.
    pub name: &'static str,
    /// How its values are put together.
    pub kind: Kind,
    /// Its unit.
    pub unit: Unit,
    /// Its dimensions, [`SERVICE`] first.
    pub dimensions: &'static [&'static str],
    /// What it tells.
    pub meaning: &'static str,
}

const fn counter(name: &'static str, dimensions: &'static [&'static str], meaning: &'static str) -> Metric {
    Metric {
        name,
        kind: Kind::Counter,
        unit: Unit::Count,
        dimensions,
        meaning,
    }
}

const fn histogram(
    name: &'static str,
    unit: Unit,
    dimensions: &'static [&'static str],
    meaning: &'static str,
) -> Metric {
    Metric {
        name,
        kind: Kind::Histogram,
        unit,
        dimensions,
        meaning,
    }
}

const BY_SOURCE: &[&str] = &[SERVICE, SOURCE];

/// Requests of producers.
pub const WEBHOOKS_RECEIVED: Metric = counter(
    "WebhooksReceived",
    BY_SOURCE,
    "Requests that named a source, whatever came of them",
);
/// Answers 202 to new webhooks.
pub const WEBHOOKS_ACCEPTED: Metric = counter(
    "WebhooksAccepted",
    BY_SOURCE,
    "New webhooks that were stored and answered with 202",
);
/// Answers 202 to known webhooks.
pub const WEBHOOKS_DUPLICATE: Metric = counter(
    "WebhooksDuplicate",
    BY_SOURCE,
    "Deliveries that were stored before, answered with 202",
);
/// Everything but 202.
pub const WEBHOOKS_REJECTED: Metric = counter(
    "WebhooksRejected",
    &[SERVICE, SOURCE, REASON],
    "Requests that were refused; the reason is the answer's code",
);
/// How long a producer waits.
pub const ACCEPT_TIME: Metric = histogram(
    "AcceptTime",
    Unit::Milliseconds,
    BY_SOURCE,
    "From the request's arrival in the function to its 202",
);
/// How large bodies are.
pub const PAYLOAD_BYTES: Metric = histogram("PayloadBytes", Unit::Bytes, BY_SOURCE, "Size of an accepted body");
/// Executions that run.
pub const STARTS: Metric = counter("Starts", BY_SOURCE, "Durable executions that were started");
/// Executions that the sweep has to start.
pub const STARTS_DEFERRED: Metric = counter(
    "StartsDeferred",
    BY_SOURCE,
    "Starts that did not succeed within the producer's patience and are left to the sweep",
);
/// Executions that cannot be started.
pub const START_FAILURES: Metric = counter(
    "StartFailures",
    &[SERVICE, SOURCE, REASON],
    "Starts that Lambda refused for a cause that waiting does not mend; the reason is the error's code",
);
/// How long steps take.
pub const STEP_DURATION: Metric = histogram(
    "StepDuration",
    Unit::Milliseconds,
    &[SERVICE, STEP, OUTCOME],
    "Duration of one try of a step",
);
/// Further tries.
pub const STEP_RETRIES: Metric = counter("StepRetries", &[SERVICE, STEP], "Tries after a step's first one");
/// Tries that failed.
pub const STEP_FAILURES: Metric = counter(
    "StepFailures",
    &[SERVICE, STEP, REASON],
    "Tries that failed, whether they are tried again or not; the reason is the failure's code",
);
/// Webhooks that are done.
pub const EXECUTIONS_COMPLETED: Metric = counter("ExecutionsCompleted", BY_SOURCE, "Webhooks that ended completed");
/// Webhooks that failed.
pub const EXECUTIONS_FAILED: Metric = counter(
    "ExecutionsFailed",
    &[SERVICE, SOURCE, REASON],
    "Webhooks that ended failed, timed out or stopped; the reason is the failure's code",
);
/// Webhooks that failed, without the reason: what an alarm can add up.
pub const WEBHOOKS_FAILED: Metric = counter(
    "WebhooksFailed",
    BY_SOURCE,
    "Webhooks that ended failed, timed out or stopped, whatever the reason",
);
/// How long webhooks take.
pub const TIME_TO_COMPLETION: Metric = histogram(
    "TimeToCompletion",
    Unit::Milliseconds,
    BY_SOURCE,
    "From a webhook's receipt to its completion, waits included",
);
/// The schedule's work.
pub const SWEEPS: Metric = counter(
    "Sweeps",
    &[SERVICE, OUTCOME],
    "Sweeps that were complete, bounded (went on in the next one) or failed",
);
/// What sweeps could not do.
pub const SWEEP_ERRORS: Metric = counter(
    "SweepErrors",
    &[SERVICE],
    "Records that a sweep could not handle and left for the next one",
);
/// What sweeps find.
pub const WEBHOOKS_OPEN: Metric = histogram(
    "WebhooksOpen",
    Unit::Count,
    &[SERVICE],
    "Open webhooks past the age at which they are looked after, in one sweep; at least so many when it was bounded",
);
/// What a person has to look at.
pub const WEBHOOKS_STUCK: Metric = histogram(
    "WebhooksStuck",
    Unit::Count,
    &[SERVICE, REASON],
    "Of these, the ones that are stuck: not_started though starting was tried again, or open_too_long",
);
/// How far behind the service is.
pub const OLDEST_OPEN_AGE: Metric = histogram(
    "OldestOpenAge",
    Unit::Milliseconds,
    &[SERVICE],
    "Age of the oldest attempt that a sweep found open; 0 when it found none",
);
/// Records that the reconciler ended.
pub const RECORDS_CLOSED: Metric = counter(
    "RecordsClosed",
    &[SERVICE, OUTCOME],
    "Records that the reconciler closed; the outcome is their status: completed, failed, timed_out or stopped",
);
/// What operators ask for.
pub const REDRIVES: Metric = counter(
    "Redrives",
    &[SERVICE, OUTCOME],
    "Webhooks that an operator had redriven: redriven, started_again, running, completed, moved, payload_missing, token_unknown or error",
);
/// What came from the dead-letter queue.
pub const DEAD_LETTERS: Metric = counter(
    "DeadLetters",
    &[SERVICE, OUTCOME],
    "Messages of the dead-letter queue that were handled, for example started, attempts_used_up or status_change; \
     unreadable and redrive_dropped are lost, error comes again",
);
/// What cannot be.
pub const CONTRADICTIONS: Metric = counter(
    "Contradictions",
    &[SERVICE],
    "Records that ended otherwise than the engine says; they are left as they are",
);
/// What telemetry lost.
pub const TELEMETRY_DROPPED: Metric = counter(
    "TelemetryDropped",
    &[SERVICE, REASON],
    "Spans that were not exported: buffer_full, export_failed (may have arrived) or refused",
);

/// Every metric.
pub const ALL: [Metric; 26] = [
    WEBHOOKS_RECEIVED,
    WEBHOOKS_ACCEPTED,
    WEBHOOKS_DUPLICATE,
    WEBHOOKS_REJECTED,
    ACCEPT_TIME,
    PAYLOAD_BYTES,
    STARTS,
    STARTS_DEFERRED,
    START_FAILURES,
    STEP_DURATION,
    STEP_RETRIES,
    STEP_FAILURES,
    EXECUTIONS_COMPLETED,
    EXECUTIONS_FAILED,
    WEBHOOKS_FAILED,
    TIME_TO_COMPLETION,
    SWEEPS,
    SWEEP_ERRORS,
    WEBHOOKS_OPEN,
    WEBHOOKS_STUCK,
    OLDEST_OPEN_AGE,
    RECORDS_CLOSED,
    REDRIVES,
    DEAD_LETTERS,
    CONTRADICTIONS,
    TELEMETRY_DROPPED,
];
