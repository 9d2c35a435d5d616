//! Every metric: its name, unit, dimensions and meaning. Tests hold dashboards, alarms and documentation against this list.

use metrics::Unit;

/// The namespace in `CloudWatch` where `METRICS_NAMESPACE` names none.
pub const NAMESPACE: &str = "Tracehook";

/// The function: `validator`, `processor`, …. A dimension of every metric.
pub const SERVICE: &str = "service";
/// The source's name; `unknown` for a request that names no source of the deployment.
pub const SOURCE: &str = "source";
/// A durable step's name.
pub const STEP: &str = "step";
/// A stable code for the result of an operation; each metric has its own codes.
pub const OUTCOME: &str = "outcome";
/// A stable code for the cause of a failure.
pub const REASON: &str = "reason";

/// The aggregation of a metric's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The sum.
    Counter,
    /// The distribution, with percentiles.
    Histogram,
}

/// One metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// The name in `CloudWatch`.
    pub name: &'static str,
    pub kind: Kind,
    pub unit: Unit,
    /// The names of the dimensions, [`SERVICE`] first.
    pub dimensions: &'static [&'static str],
    /// A sentence for the documentation.
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

/// Defines the metrics and the list of all of them.
macro_rules! metrics {
    ($($(#[$doc:meta])* $name:ident = $metric:expr;)*) => {
        $($(#[$doc])* pub const $name: Metric = $metric;)*

        /// Every metric.
        pub const ALL: &[Metric] = &[$($name,)*];
    };
}

metrics! {
    /// Requests that named a source.
    WEBHOOKS_RECEIVED = counter(
        "WebhooksReceived",
        BY_SOURCE,
        "Requests that named a source, accepted or not",
    );
    /// Requests that were signed as their source asks.
    WEBHOOKS_VERIFIED = counter(
        "WebhooksVerified",
        BY_SOURCE,
        "Requests whose signature is good, accepted or not: what a stranger cannot raise",
    );
    /// New webhooks.
    WEBHOOKS_ACCEPTED = counter(
        "WebhooksAccepted",
        BY_SOURCE,
        "New webhooks that were stored and answered with 202",
    );
    /// Repeated deliveries.
    WEBHOOKS_DUPLICATE = counter(
        "WebhooksDuplicate",
        BY_SOURCE,
        "Repeated deliveries of a stored webhook, answered with 202",
    );
    /// Deliveries under an identity that was used with another body.
    WEBHOOKS_CONFLICTING = counter(
        "WebhooksConflicting",
        BY_SOURCE,
        "Deliveries whose id was used with another body, answered with 202",
    );
    /// Redeliveries of what has failed.
    WEBHOOKS_REOPENED = counter(
        "WebhooksReopened",
        BY_SOURCE,
        "Repeated deliveries of a webhook that had failed, which opened its next attempt",
    );
    /// Refused requests, by code.
    WEBHOOKS_REJECTED = counter(
        "WebhooksRejected",
        &[SERVICE, SOURCE, REASON],
        "Requests that were refused; the reason is the answer's code",
    );
    /// Entries of the secret document that cannot be used.
    SECRETS_UNUSABLE = counter(
        "SecretsUnusable",
        BY_SOURCE,
        "Reads of the secret document in which this source's entry, or the document, cannot be used: the source is closed",
    );
    /// Secrets that serve several sources.
    SECRETS_SHARED = counter(
        "SecretsShared",
        BY_SOURCE,
        "Reads of the secret document in which this source has a secret in common with another source",
    );
    /// The producer's wait for a 202.
    ACCEPT_TIME = histogram(
        "AcceptTime",
        Unit::Milliseconds,
        BY_SOURCE,
        "Time from the request's arrival in the function to its 202",
    );
    /// The wait of producers that sign.
    ANSWER_TIME = histogram(
        "AnswerTime",
        Unit::Milliseconds,
        &[SERVICE],
        "Time from the arrival in the function of a request whose signature is good to its answer, of all sources",
    );
    /// Signed requests that the service failed.
    REQUESTS_FAILED = counter(
        "RequestsFailed",
        &[SERVICE],
        "Requests whose signature is good and that were answered 5xx, of all sources",
    );
    /// Answers of 503, whoever asked.
    REQUESTS_UNAVAILABLE = counter(
        "RequestsUnavailable",
        &[SERVICE],
        "Requests that the function answered 5xx itself, signed or not: the gateway's 5xx above them are its own",
    );
    /// Sizes of accepted bodies.
    PAYLOAD_BYTES = histogram("PayloadBytes", Unit::Bytes, BY_SOURCE, "Size of an accepted body");
    /// Started executions.
    STARTS = counter("Starts", BY_SOURCE, "Durable executions that were started");
    /// Starts that are left to the sweep.
    STARTS_DEFERRED = counter(
        "StartsDeferred",
        BY_SOURCE,
        "Starts that did not succeed and are left to the sweep",
    );
    /// Starts that Lambda refused.
    START_FAILURES = counter(
        "StartFailures",
        &[SERVICE, SOURCE, REASON],
        "Starts that Lambda refused for a permanent cause; the reason is the error's code",
    );
    /// Durations of tries.
    STEP_DURATION = histogram(
        "StepDuration",
        Unit::Milliseconds,
        &[SERVICE, STEP, OUTCOME],
        "Duration of one try of a step",
    );
    /// Tries after the first.
    STEP_RETRIES = counter("StepRetries", &[SERVICE, STEP], "Tries of a step after its first");
    /// Failed tries.
    STEP_FAILURES = counter(
        "StepFailures",
        &[SERVICE, STEP, REASON],
        "Failed tries of a step, retried or not; the reason is the failure's code, or interrupted for a try that never ended",
    );
    /// Completed webhooks.
    EXECUTIONS_COMPLETED = counter("ExecutionsCompleted", BY_SOURCE, "Webhooks that ended completed");
    /// Failed webhooks, by code.
    EXECUTIONS_FAILED = counter(
        "ExecutionsFailed",
        &[SERVICE, SOURCE, REASON],
        "Webhooks that ended failed, timed out or stopped; the reason is the failure's code",
    );
    /// Failed webhooks, without the code, so that an alarm can add them up.
    WEBHOOKS_FAILED = counter(
        "WebhooksFailed",
        BY_SOURCE,
        "Webhooks that ended failed, timed out or stopped, whatever the reason",
    );
    /// Times from receipt to completion.
    TIME_TO_COMPLETION = histogram(
        "TimeToCompletion",
        Unit::Milliseconds,
        BY_SOURCE,
        "Time from a webhook's receipt to its completion, waits included",
    );
    /// Sweeps, by result.
    SWEEPS = counter(
        "Sweeps",
        &[SERVICE, OUTCOME],
        "Sweeps that were complete, bounded (the next sweep continues) or failed",
    );
    /// Records that a sweep could not handle.
    SWEEP_ERRORS = counter(
        "SweepErrors",
        &[SERVICE],
        "Records that a sweep could not handle and left for the next one",
    );
    /// Old open webhooks of one sweep.
    WEBHOOKS_OPEN = histogram(
        "WebhooksOpen",
        Unit::Count,
        &[SERVICE],
        "Open webhooks that one sweep found to be old enough to be inspected; a lower bound when the sweep was bounded",
    );
    /// Open webhooks that need an operator.
    WEBHOOKS_STUCK = histogram(
        "WebhooksStuck",
        Unit::Count,
        &[SERVICE, REASON],
        "The stuck ones among the open webhooks: not_started although the start was repeated, or open_too_long",
    );
    /// The backlog's age.
    OLDEST_OPEN_AGE = histogram(
        "OldestOpenAge",
        Unit::Milliseconds,
        &[SERVICE],
        "Age of the oldest attempt that a sweep found open; 0 when it found none",
    );
    /// Records that the reconciler closed.
    RECORDS_CLOSED = counter(
        "RecordsClosed",
        &[SERVICE, OUTCOME],
        "Records that the reconciler closed; the outcome is their status: completed, failed, timed_out or stopped",
    );
    /// Redrives, by result.
    REDRIVES = counter(
        "Redrives",
        &[SERVICE, OUTCOME],
        "Redrives of webhooks by an operator: redriven, started_again, running, completed, moved, payload_expired, token_unknown or error",
    );
    /// Dead letters, by result.
    DEAD_LETTERS = counter(
        "DeadLetters",
        &[SERVICE, OUTCOME],
        "Handled messages of the dead-letter queue, for example started, attempts_used_up or status_change; \
         unreadable and redrive_dropped are lost, error is delivered again",
    );
    /// Records that disagree with the engine.
    CONTRADICTIONS = counter(
        "Contradictions",
        &[SERVICE],
        "Records whose end differs from the engine's report; they are not changed",
    );
    /// Dropped spans.
    TELEMETRY_DROPPED = counter(
        "TelemetryDropped",
        &[SERVICE, REASON],
        "Spans that were not exported: buffer_full, export_failed (may have arrived) or refused",
    );
}
