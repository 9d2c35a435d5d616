//! The spans, metrics and log lines of an execution.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use aws_durable_execution_sdk::{BoxError, DurableContext};
use tracehook_core::record::{StepName, StepRecord, StepStatus};
use tracehook_core::{ExecutionToken, Record, SourceName};
use tracehook_runtime::clock;
use tracehook_telemetry::durable::{Checkpointed, Execution, Invocation, Operation, Period, TryNumber, Unfinished};
use tracehook_telemetry::{metrics, webhook};
use tracing::Span;

use super::identity::Identity;
use crate::failure::StepFailure;

/// Reads of the record for its end, each retried by the client.
const READS_OF_THE_END: u32 = 3;

/// The spans, metrics and log lines of one invocation of an execution.
#[derive(Debug)]
pub(crate) struct Report {
    token: ExecutionToken,
    pub(crate) trace: Execution,
    /// The longest that an invocation of this function may take.
    function_timeout: Duration,
    /// The context of every log line.
    pub(crate) log_context: Span,
    /// The record as the terminal write left it, when this invocation made that write.
    written: OnceLock<Record>,
    /// Whether the terminal write of this execution is checkpointed.
    ended: AtomicBool,
}

impl Report {
    pub(crate) fn new(token: ExecutionToken, context: &DurableContext) -> Self {
        let of = context.lambda_context();
        let invocation =
            Invocation::current().unwrap_or_else(|| Invocation::begin(&of.env_config.function_name, &of.request_id));
        let log_context = webhook::context(&of.request_id);
        webhook::set_webhook(&log_context, &token, None, None);
        Self {
            token,
            trace: Execution::new(invocation, context.execution_arn(), context.is_replaying()),
            function_timeout: of.deadline().duration_since(clock::system_now()).unwrap_or_default(),
            log_context,
            written: OnceLock::new(),
            ended: AtomicBool::new(false),
        }
    }

    /// Runs a try of a step, with its span, its metrics and its log line.
    pub(crate) async fn run_try<T>(
        &self,
        (step, operation): (StepName, &Operation),
        this: TryNumber,
        body: impl Future<Output = Result<T, StepFailure>>,
    ) -> Result<Checkpointed<T>, BoxError> {
        let (began, number) = (Instant::now(), this.number);
        let result = self.trace.run_try(operation, this, body).await;
        let failure = result.as_ref().err().map(|failure| &*failure.failure.code);
        if let Some(code) = failure {
            tracing::warn!(%step, try_number = number, code, "try failed");
        }
        metrics::step_try(step, number, began.elapsed().as_secs_f64() * 1000.0, failure);
        result.map_err(StepFailure::into_error)
    }

    /// Reports a try that began and never ended, which a later invocation has found.
    pub(crate) fn interrupted(&self, step: StepName, operation: &Operation, entry: &StepRecord) -> Unfinished {
        tracing::warn!(%step, try_number = entry.tries, code = "interrupted", "try interrupted");
        // One that waits was counted when it failed; the engine has not learnt of that.
        if entry.status != StepStatus::Waiting {
            metrics::step_interrupted(step);
        }
        let began = SystemTime::from(entry.started_at);
        // The function's timeout ends what nothing else does.
        let at_latest = began
            .checked_add(self.function_timeout)
            .unwrap_or(began)
            .min(clock::system_now());
        Unfinished {
            operation: operation.clone(),
            number: entry.tries,
            period: Period {
                began,
                ended: at_latest,
            },
        }
    }

    /// The record is known: spans and log lines name its trace and source.
    pub(crate) fn set_record(&self, record: &Record) {
        self.set_parent(record);
        webhook::link_previous_attempt(&self.trace, record);
        let (source, trace_id) = (Some(&record.source), Some(record.traceparent.trace_id));
        webhook::set_webhook(&self.log_context, &self.token, source, trace_id);
        webhook::set_labels(&self.log_context, &record.labels);
    }

    /// Puts the execution's spans under the webhook's root.
    pub(crate) fn set_parent(&self, record: &Record) {
        webhook::assign_execution(&self.trace, record);
    }

    /// Restores the trace from a step's checkpoint, whether the step ran now or is replayed. Returns the step's result.
    pub(crate) fn restore<T>(
        &self,
        operation: &Operation,
        checkpointed: Checkpointed<T>,
        source: impl Fn(&T) -> Option<&SourceName>,
    ) -> T {
        let trace_id = webhook::trace_id(&checkpointed);
        let result = self.trace.restore(operation, checkpointed, |result| {
            webhook::properties(&self.token, source(result))
        });
        webhook::set_webhook(&self.log_context, &self.token, source(&result), trace_id);
        result
    }

    /// Keeps the record as the terminal write left it.
    pub(crate) fn keep_written(&self, record: Record) {
        let _ = self.written.set(record);
    }

    /// The terminal write of this execution is checkpointed, in this invocation or an earlier one.
    pub(crate) fn mark_ended(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// Whether this execution has ended the webhook, in this invocation or an earlier one.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Whether this invocation has made the terminal write.
    pub(crate) fn has_written(&self) -> bool {
        self.written.get().is_some()
    }

    /// Records the webhook's end, when this execution ended it. Called last, in the invocation that the execution ends
    /// with: a crash before its end is repeated, so nothing of it is lost.
    pub(crate) async fn record_end(&self, identity: &Identity) {
        if !self.has_ended() {
            return;
        }
        let record = match self.written.get() {
            Some(record) => Some(record.clone()),
            // An earlier invocation made the write and crashed after it.
            None => ended_record(identity).await,
        };
        let Some(record) = record else {
            tracing::warn!("the end of this webhook is not recorded");
            return;
        };
        webhook::record_end(&record);
        // Steps that are replayed here, and nothing after them, are those of an invocation that came to no end.
        self.trace.tell_interrupted(None, true);
        webhook::ends_execution(&self.trace, record);
    }
}

/// Reads the record, with patience: no other process records its end.
async fn ended_record(identity: &Identity) -> Option<Record> {
    for _ in 0..READS_OF_THE_END {
        match identity.record().await {
            // Redriven since, it is the record of a later attempt, which tells of this one too.
            Ok(record) => {
                return record.and_then(|record| {
                    if identity.owns(&record) {
                        Some(record)
                    } else {
                        identity.own(&record)
                    }
                });
            }
            Err(error) => tracing::warn!(%error, "the record is read again"),
        }
    }
    None
}
