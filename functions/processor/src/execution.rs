//! The durable execution of one webhook. Its control flow depends on the input and on checkpointed results only.

use std::sync::Arc;

use aws_durable_execution_sdk::{
    BoxError, DurableContext, OperationError, OperationErrorKind, RetryDecision, StepError, StepErrorKind, TypedError,
};
use serde_json::Value;
use tracehook_core::record::{ExecutionInput, StepName};
use tracehook_store::Store;
use tracehook_telemetry::durable::{Checkpointed, Nothing};
use tracing::Instrument;

use crate::failure::of_operation;
use crate::handler::Handler;
use crate::retry::RetryPolicy;
use crate::schema::SourceSchemas;
use crate::steps::{Processed, Run};

/// What every execution shares: the store, the retry policy, the sources' schemas, the handler.
#[derive(Debug)]
pub struct Processor<H> {
    store: Store,
    retry: RetryPolicy,
    schemas: Arc<SourceSchemas>,
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
            schemas: Arc::default(),
            handler: Arc::new(handler),
        }
    }

    /// With schemas that payloads are checked against in the `validate` step.
    #[must_use]
    pub fn with_schemas(mut self, schemas: Arc<SourceSchemas>) -> Self {
        self.schemas = schemas;
        self
    }

    /// Runs or continues an execution. Its result is the handler's.
    ///
    /// # Errors
    /// The failure of the step that was given up, after the record says so; the execution ends FAILED with the
    /// failure's code as its error type.
    pub async fn execute(&self, input: ExecutionInput, context: DurableContext) -> Result<Value, BoxError> {
        let run = Arc::new(Run::new(self.store.clone(), input.execution_token, &context));
        let lines = run.lines.clone();
        let work = async {
            if !context.is_replaying() {
                run.read_ahead().await;
            }
            let result = match self.steps(&run, &context).await {
                Ok(processed) => {
                    run.trace.completed();
                    Ok(processed.result)
                }
                Err(given_up) => self.close(&run, &context, given_up).await,
            };
            run.tell_end().await;
            result
        };
        work.instrument(lines).await
    }

    async fn steps(&self, run: &Arc<Run>, context: &DurableContext) -> Result<Processed, GivenUp> {
        let (validating, schemas) = (Arc::clone(run), Arc::clone(&self.schemas));
        let validated = context
            .step(move |step| async move {
                let body = validating.validate(step.attempt(), &schemas);
                validating
                    .attempt(StepName::Validate, step.attempt(), body)
                    .await
                    .map(Some)
            })
            .name(StepName::Validate.as_str())
            .retry_strategy(self.strategy())
            .await
            .map_err(|error| GivenUp {
                step: StepName::Validate,
                error,
            })?;
        run.passed_validate(validated);

        let (processing, handler) = (Arc::clone(run), Arc::clone(&self.handler));
        let processed = context
            .step(move |step| async move {
                let body = processing.process(step.attempt(), &*handler);
                processing.attempt(StepName::Process, step.attempt(), body).await
            })
            .name(StepName::Process.as_str())
            .retry_strategy(self.strategy())
            .await
            .map_err(|error| GivenUp {
                step: StepName::Process,
                error,
            })?;
        let processed = run.trace.passed(processed, |_| Vec::new());

        let (completing, result) = (Arc::clone(run), processed.clone());
        let _: Option<Checkpointed<Nothing>> = context
            .step(move |step| async move {
                let body = completing.complete(step.attempt(), &result);
                completing
                    .attempt(StepName::Finalize, step.attempt(), body)
                    .await
                    .map(Some)
            })
            .name(StepName::Finalize.as_str())
            .retry_strategy(self.strategy())
            .await
            .map_err(|error| GivenUp {
                step: StepName::Finalize,
                error,
            })?;
        run.has_ended();
        Ok(processed)
    }

    /// Closes the record as `failed` in a step of its own, and ends the execution with the failure.
    async fn close(&self, run: &Arc<Run>, context: &DurableContext, given_up: GivenUp) -> Result<Value, BoxError> {
        let GivenUp { step, error } = given_up;
        let failure = of_operation(&error);
        tracing::error!(token = %run.token, %step, code = failure.code, "step given up");
        run.trace.failed(&failure.code, &failure.message);
        // A `finalize` that was given up could not write the record; a second one could not either.
        if step != StepName::Finalize {
            let (closing, recorded, attempts) = (Arc::clone(run), failure.clone(), attempts(&error));
            let _: Option<Checkpointed<Nothing>> = context
                .step(move |close| async move {
                    let body = closing.fail(step, attempts, &recorded);
                    closing
                        .attempt(StepName::Finalize, close.attempt(), body)
                        .await
                        .map(Some)
                })
                .name(StepName::Finalize.as_str())
                .retry_strategy(self.strategy())
                .await?;
            run.has_ended();
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
