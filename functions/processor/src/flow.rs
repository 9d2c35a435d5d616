//! The durable execution of one webhook.
//!
//! Contract: the control flow depends on the input and on checkpointed results only, so that a replay takes the same way.

use std::sync::Arc;

use aws_durable_execution_sdk::{BoxError, DurableContext, TypedError};
use serde_json::Value;
use tracehook_core::record::{ExecutionInput, StepName};
use tracehook_store::Store;
use tracehook_telemetry::durable::{Cause, Nothing};
use tracing::Instrument;

use crate::failure::of_operation;
use crate::handler::Handler;
use crate::retry::RetryPolicy;
use crate::run::{Run, Running};
use crate::schema::SourceSchemas;
use crate::step::{GivenUp, Steps};
use crate::steps::{Processed, Validated};

/// The dependencies that all executions share.
#[derive(Debug)]
pub struct Processor<H> {
    store: Store,
    retry: RetryPolicy,
    schemas: Arc<SourceSchemas>,
    handler: Arc<H>,
}

impl<H: Handler> Processor<H> {
    /// A processor without schemas.
    #[must_use]
    pub fn new(store: Store, retry: RetryPolicy, handler: H) -> Self {
        Self {
            store,
            retry,
            schemas: Arc::default(),
            handler: Arc::new(handler),
        }
    }

    /// Checks payloads against these schemas in the `validate` step.
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
        Running::note(&run);
        let steps = Steps {
            run: &run,
            context: &context,
            retry: self.retry,
        };
        let work = async {
            if !context.is_replaying() {
                run.read_ahead().await;
            }
            let result = match self.process(&steps).await {
                Ok(result) => {
                    run.report.trace.completed();
                    Ok(result)
                }
                Err(given_up) => self.close(&steps, given_up).await,
            };
            run.report.record_end(&run.identity).await;
            result
        };
        work.instrument(run.report.log_context.clone()).await
    }

    /// Checks the payload, runs the handler, and completes the record.
    async fn process(&self, steps: &Steps<'_>) -> Result<Value, GivenUp> {
        let schemas = Arc::clone(&self.schemas);
        let _: Validated = steps
            .run(StepName::Validate, |run, this| async move {
                run.validate(this, &schemas).await
            })
            .await?;
        let handler = Arc::clone(&self.handler);
        let Processed { result } = steps
            .run(StepName::Process, |run, this| async move {
                run.process(this, &*handler).await
            })
            .await?;
        let Nothing {} = steps
            .run(StepName::Finalize, |run, this| async move { run.complete(this).await })
            .await?;
        steps.run.report.mark_ended();
        Ok(result)
    }

    /// Closes the record as `failed` in the step `finalize`, and ends the execution with the failure.
    async fn close(&self, steps: &Steps<'_>, given_up: GivenUp) -> Result<Value, BoxError> {
        let step = given_up.step;
        let failure = of_operation(&given_up.error);
        let report = &steps.run.report;
        tracing::error!(token = %steps.run.identity.token, %step, code = failure.code, "step given up");
        let cause = Cause {
            error_type: failure.code.clone(),
            message: failure.message.clone(),
        };
        report
            .trace
            .given_up(&given_up.operation, given_up.tries(None), cause.clone());
        // A `finalize` that was given up could not write the record; a second one could not either.
        if step != StepName::Finalize {
            let recorded = failure.clone();
            let Nothing {} = steps
                .run(StepName::Finalize, move |run, _| async move {
                    run.fail(&given_up, recorded).await
                })
                .await
                .map_err(|given_up| given_up.error)?;
            report.mark_ended();
        }
        // A try makes the end open again.
        report.trace.failed(&cause);
        steps.run.note_end_elsewhere().await;
        Err(Box::new(TypedError::with_type(failure.code, failure.message)))
    }
}
