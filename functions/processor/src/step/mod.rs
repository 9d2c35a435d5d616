//! One durable step: its name, its retries, its span, its metrics, and its result from now or from the checkpoint.

mod finished;
mod one_try;

use std::sync::{Arc, OnceLock};

use aws_durable_execution_sdk::{DurableContext, OperationError, OperationErrorKind, StepErrorKind};
use tracehook_core::record::{StepName, StepRecord};
use tracehook_telemetry::durable::{Checkpointed, Operation, TryNumber};

use crate::failure::StepFailure;
use crate::retry::RetryPolicy;
use crate::run::{Begun, Run, TRY_INTERRUPTED};

pub(crate) use finished::{Finished, Output};
pub(crate) use one_try::{Try, now};

/// Runs the steps of one execution.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Steps<'a> {
    pub(crate) run: &'a Arc<Run>,
    pub(crate) context: &'a DurableContext,
    pub(crate) retry: RetryPolicy,
}

/// A step that the engine has given up.
#[derive(Debug)]
pub(crate) struct GivenUp {
    pub(crate) step: StepName,
    pub(crate) operation: Operation,
    pub(crate) error: OperationError,
    /// The number of its last try, when that was in this invocation.
    last_try: Option<u32>,
}

impl Steps<'_> {
    /// Runs a step until a try succeeds, or takes its result from the checkpoint. `body` is one try: it may run more than
    /// once, and its effects must allow for that.
    pub(crate) async fn run<T, F, Fut>(&self, step: StepName, body: F) -> Result<T, GivenUp>
    where
        T: Output,
        F: FnOnce(Arc<Run>, Try) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Finished<T>, StepFailure>> + Send + 'static,
    {
        let (run, retry) = (Arc::clone(self.run), self.retry);
        let operation = run.report.trace.next_operation(step.as_str());
        let of_try = operation.clone();
        let last_try = Arc::new(OnceLock::new());
        let ran = Arc::clone(&last_try);
        let checkpointed: Option<Checkpointed<Finished<T>>> = self
            .context
            .step(move |context| async move {
                let number = context.attempt();
                let begun = run.begin((step, &of_try), number, &retry).await;
                if let Err(failure) = &begun
                    && failure.failure.code == TRY_INTERRUPTED
                {
                    // Nothing of the step ran.
                    return Err(failure.clone().into_error());
                }
                let shown = begun
                    .as_ref()
                    .map_or(TryNumber { number, interrupted: 0 }, |begun| begun.this.shown());
                let _ = ran.set(shown.number);
                let one_try = async {
                    let Begun { this, open_in } = match begun {
                        Ok(begun) => begun,
                        Err(failure) => return Err(run.plan_next(step, number, failure, &retry)),
                    };
                    let done = async {
                        run.open(this, open_in).await?;
                        body(Arc::clone(&run), this).await
                    };
                    match done.await {
                        Err(failure) if failure.transient => Err(run.wait_for_next(this, failure, &retry).await),
                        done => done,
                    }
                };
                run.report.run_try((step, &of_try), shown, one_try).await.map(Some)
            })
            .name(step.as_str())
            .retry_strategy(move |error, number| retry.decide(error, number))
            .await
            .map_err(|error| GivenUp {
                step,
                operation: operation.clone(),
                error,
                last_try: last_try.get().copied(),
            })?;
        // Steps of an earlier version checkpointed `null`.
        let Some(checkpointed) = checkpointed else {
            return Ok(T::default());
        };
        let finished = self
            .run
            .report
            .restore(&operation, checkpointed, |finished| finished.value.source());
        if let Some(entry) = finished.entry() {
            self.run.add_unrecorded(step, entry);
        }
        Ok(finished.value)
    }
}

impl GivenUp {
    /// The number of tries of the step; `recorded` is its entry in the record. A replayed failure does not tell it well: the
    /// engine does not know of the interrupted ones, and whether it counts the last one is not documented.
    pub(crate) fn tries(&self, recorded: Option<&StepRecord>) -> u32 {
        let recorded = recorded.map(|entry| entry.tries);
        self.last_try.max(recorded).unwrap_or_else(|| self.engine_tries())
    }

    fn engine_tries(&self) -> u32 {
        match self.error.kind() {
            OperationErrorKind::Step(step) => match step.kind() {
                StepErrorKind::RetriesExhausted(exhausted) => exhausted.attempts(),
                _ => 1,
            },
            _ => 1,
        }
    }
}
