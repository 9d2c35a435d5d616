//! The durable execution of one webhook. Its control flow depends on the input and on checkpointed results only.

use std::sync::Arc;

use aws_durable_execution_sdk::{
    BoxError, DurableContext, OperationError, OperationErrorKind, RetryDecision, StepError, StepErrorKind, TypedError,
};
use serde_json::Value;
use tracehook_core::record::{ExecutionInput, StepName, name_in_arn};
use tracehook_store::Store;

use crate::failure::{StepFailure, of_operation};
use crate::handler::Handler;
use crate::retry::RetryPolicy;
use crate::steps::{Processed, Run};

/// What every execution shares: the store, the retry policy, the handler.
#[derive(Debug)]
pub struct Processor<H> {
    store: Store,
    retry: RetryPolicy,
    handler: Arc<H>,
}

/// A step that the engine has given up.
struct GivenUp {
    step: StepName,
    error: OperationError,
}

impl<H: Handler> Processor<H> {
    /// A processor with a handler.
    #[must_use]
    pub fn new(store: Store, retry: RetryPolicy, handler: H) -> Self {
        Self {
            store,
            retry,
            handler: Arc::new(handler),
        }
    }

    /// Runs or continues an execution. Its result is the handler's.
    ///
    /// # Errors
    /// The failure of the step that was given up, after the record says so; the execution ends FAILED with the
    /// failure's code as its error type.
    pub async fn execute(&self, input: ExecutionInput, context: DurableContext) -> Result<Value, BoxError> {
        let arn = context.execution_arn().to_owned();
        // An ARN of another form is nobody's execution name, and moves no record.
        let name = name_in_arn(&arn).unwrap_or(&arn).to_owned();
        let run = Arc::new(Run::new(self.store.clone(), input.execution_token, name, arn));
        match self.steps(&run, &context).await {
            Ok(processed) => Ok(processed.result),
            Err(given_up) => self.close(&run, &context, given_up).await,
        }
    }

    async fn steps(&self, run: &Arc<Run>, context: &DurableContext) -> Result<Processed, GivenUp> {
        let validating = Arc::clone(run);
        context
            .step(move |step| async move {
                validating
                    .validate(step.attempt())
                    .await
                    .map_err(StepFailure::into_error)
            })
            .name(StepName::Validate.as_str())
            .retry_strategy(self.strategy())
            .await
            .map_err(|error| GivenUp {
                step: StepName::Validate,
                error,
            })?;

        let (processing, handler) = (Arc::clone(run), Arc::clone(&self.handler));
        let processed = context
            .step(move |step| async move {
                processing
                    .process(step.attempt(), &*handler)
                    .await
                    .map_err(StepFailure::into_error)
            })
            .name(StepName::Process.as_str())
            .retry_strategy(self.strategy())
            .await
            .map_err(|error| GivenUp {
                step: StepName::Process,
                error,
            })?;

        let (completing, result) = (Arc::clone(run), processed.clone());
        context
            .step(move |step| async move {
                completing
                    .complete(step.attempt(), &result)
                    .await
                    .map_err(StepFailure::into_error)
            })
            .name(StepName::Finalize.as_str())
            .retry_strategy(self.strategy())
            .await
            .map_err(|error| GivenUp {
                step: StepName::Finalize,
                error,
            })?;
        Ok(processed)
    }

    /// Closes the record as `failed` in a step of its own, and ends the execution with the failure.
    async fn close(&self, run: &Arc<Run>, context: &DurableContext, given_up: GivenUp) -> Result<Value, BoxError> {
        let GivenUp { step, error } = given_up;
        let failure = of_operation(&error);
        tracing::error!(token = %run.token, %step, code = failure.code, "step given up");
        // A `finalize` that was given up could not write the record; a second one could not either.
        if step != StepName::Finalize {
            let (closing, recorded, attempts) = (Arc::clone(run), failure.clone(), attempts(&error));
            context
                .step(move |_| async move {
                    closing
                        .fail(step, attempts, &recorded)
                        .await
                        .map_err(StepFailure::into_error)
                })
                .name(StepName::Finalize.as_str())
                .retry_strategy(self.strategy())
                .await?;
        }
        Err(Box::new(TypedError::with_type(failure.code, failure.message)))
    }

    fn strategy(&self) -> impl Fn(&StepError, u32) -> RetryDecision + Send + Sync + 'static {
        let retry = self.retry;
        move |error, attempt| retry.decide(error, attempt)
    }
}

/// How often a step was tried that the engine has given up.
fn attempts(error: &OperationError) -> u32 {
    match error.kind() {
        OperationErrorKind::Step(step) => match step.kind() {
            StepErrorKind::RetriesExhausted(exhausted) => exhausted.attempts(),
            _ => 1,
        },
        _ => 1,
    }
}
