//! The bodies of the durable steps. Each may run more than once; each moves the record under a condition.

mod finalize;
mod process;
mod validate;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Instant, SystemTime};

use aws_durable_execution_sdk::{BoxError, DurableContext};
use tokio::sync::OnceCell;
use tracehook_core::record::{Advance, Standing, StepName, name_in_arn};
use tracehook_core::{ExecutionToken, Record, Timestamp};
use tracehook_store::{Advanced, Payload, Store};
use tracehook_telemetry::durable::{Checkpointed, Execution, Invocation};
use tracehook_telemetry::{metrics, webhook};
use tracing::Span;

use crate::failure::StepFailure;

pub(crate) use process::Processed;
pub(crate) use validate::Validated;

/// One execution, as its steps see it.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) store: Store,
    pub(crate) token: ExecutionToken,
    pub(crate) execution_name: String,
    pub(crate) execution_arn: String,
    /// Its spans.
    pub(crate) trace: Execution,
    /// What its log lines say of the webhook.
    pub(crate) lines: Span,
    /// Read once per invocation, by whichever step runs first in it.
    webhook: OnceCell<Arc<(Record, Payload)>>,
    /// The record as the terminal write left it, when that was made in this invocation.
    written: OnceLock<Record>,
    /// Whether the terminal write of this execution is checkpointed.
    ended: AtomicBool,
}

impl Run {
    /// The run of a context's execution.
    pub(crate) fn new(store: Store, token: ExecutionToken, context: &DurableContext) -> Self {
        let arn = context.execution_arn();
        let of = context.lambda_context();
        let invocation =
            Invocation::current().unwrap_or_else(|| Invocation::begin(&of.env_config.function_name, &of.request_id));
        let lines = webhook::context(&of.request_id);
        webhook::concerns(&lines, &token, None, None);
        Self {
            store,
            token,
            // An ARN of another form is nobody's execution name, and moves no record.
            execution_name: name_in_arn(arn).unwrap_or(arn).to_owned(),
            execution_arn: arn.to_owned(),
            trace: Execution::new(invocation, arn, context.is_replaying()),
            lines,
            webhook: OnceCell::new(),
            written: OnceLock::new(),
            ended: AtomicBool::new(false),
        }
    }

    /// Runs an attempt of a step, with its span and metrics.
    pub(crate) async fn attempt<T>(
        &self,
        step: StepName,
        attempt: u32,
        body: impl Future<Output = Result<T, StepFailure>>,
    ) -> Result<Checkpointed<T>, BoxError> {
        let began = Instant::now();
        let result = self.trace.attempt(step.as_str(), attempt, body).await;
        let failure = result.as_ref().err().map(|failure| &*failure.failure.code);
        if let Some(code) = failure {
            tracing::warn!(%step, attempt, code, "attempt failed");
        }
        metrics::step_attempt(step, attempt, began.elapsed().as_secs_f64() * 1000.0, failure);
        result.map_err(StepFailure::into_error)
    }

    /// Takes note of `validate`, from whose checkpoint a later invocation knows the trace. A checkpoint of an earlier
    /// version has nothing.
    pub(crate) fn passed_validate(&self, validated: Option<Checkpointed<Validated>>) {
        let Some(validated) = validated else { return };
        let trace = validated.trace_id();
        let Validated { source } = self.trace.passed(validated, |validated| {
            webhook::properties(&self.token, validated.source.as_ref())
        });
        webhook::concerns(&self.lines, &self.token, source.as_ref(), trace);
    }

    /// The terminal write of this execution is checkpointed, in this invocation or an earlier one.
    pub(crate) fn has_ended(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// Tells of the webhook's end, when this execution ended it. Called as the very last, in the invocation that the
    /// execution ends with, and sent before its response is posted, for which nobody waits: a crash before that is
    /// repeated, so the root is not lost, and a repetition is the same span.
    pub(crate) async fn tell_end(&self) {
        if !self.ended.load(Ordering::Relaxed) {
            return;
        }
        match self.written.get() {
            Some(record) => webhook::ended(record),
            // Written in an earlier invocation, which crashed after that.
            None => match self.as_it_ended().await {
                Some(record) if record.execution_name == self.execution_name => webhook::ended(&record),
                // Redriven since: whoever ends that attempt tells of it.
                Some(_) => return,
                None => {
                    tracing::warn!("the end of this webhook is not told");
                    return;
                }
            },
        }
        webhook::end_leaves().await;
    }

    /// The record, with patience: nobody else tells of its end.
    async fn as_it_ended(&self) -> Option<Record> {
        for _ in 0..READS_OF_THE_END {
            match self.store.state(&self.token).await {
                Ok(record) => return record,
                Err(error) => tracing::warn!(%error, "the record is read again"),
            }
        }
        None
    }

    /// Reads the webhook for the first step, so that an invocation knows its trace from the beginning, and also when it is
    /// interrupted before the step runs. What cannot be read now is the step's to try again.
    pub(crate) async fn read_ahead(&self) {
        let _ = self.webhook().await;
    }

    async fn webhook(&self) -> Result<Arc<(Record, Payload)>, StepFailure> {
        self.webhook.get_or_try_init(|| self.read()).await.map(Arc::clone)
    }

    async fn read(&self) -> Result<Arc<(Record, Payload)>, StepFailure> {
        let (record, payload) = self.store.webhook(&self.token).await?.ok_or_else(missing)?;
        let (source, trace) = (&record.source, record.traceparent);
        self.trace
            .belongs_to(&trace, webhook::properties(&self.token, Some(source)));
        if let Some(attempt) = record.previous_attempt() {
            self.trace.follows(&attempt);
        }
        webhook::concerns(&self.lines, &self.token, Some(source), Some(trace.trace_id));
        match payload {
            // The producer's next attempt repairs a lost half.
            None => Err(StepFailure::transient(
                "payload_missing",
                "the payload is not in the table",
            )),
            // The idempotency key is made from the record's attempt: it must be this execution's own.
            Some(_) if record.execution_name != self.execution_name => Err(StepFailure::superseded()),
            Some(payload) => Ok(Arc::new((record, payload))),
        }
    }

    /// Moves the record, and stops an execution that does not own it any more.
    async fn advance(&self, advance: &Advance) -> Result<(), StepFailure> {
        let record = match self.store.advance(&self.token, &self.execution_name, advance).await? {
            Advanced::Moved(record) => record,
            // An earlier try of this very step has done it.
            Advanced::Refused(Standing::Ahead, record) => Some(record),
            Advanced::Refused(Standing::Superseded, _) => return Err(StepFailure::superseded()),
            Advanced::Refused(Standing::Behind, _) => {
                return Err(StepFailure::permanent(
                    "record_behind",
                    "the record is not where this step expects it",
                ));
            }
            Advanced::Unknown => return Err(missing()),
        };
        if let Some(record) = record.filter(|record| record.status.is_terminal()) {
            let _ = self.written.set(*record);
        }
        Ok(())
    }
}

/// Reads of a record whose end is to be told; each is retried by the client.
const READS_OF_THE_END: u32 = 3;

fn missing() -> StepFailure {
    StepFailure::permanent("record_missing", "there is no record of this webhook")
}

fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}
