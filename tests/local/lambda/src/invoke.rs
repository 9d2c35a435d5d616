//! Invoking a function: who is meant, which kind of function it is, what the caller gets.

use std::sync::Arc;

use axum::body::Bytes;
use serde_json::json;

use crate::api_error::ApiError;
use crate::clock::now_ms;
use crate::executions::{Running, StartOutcome};
use crate::host::{Function, Task};
use crate::names::{self, FunctionReference, LATEST};
use crate::{Inner, function_arn};
use tracehook_local_durable::{Execution, ExecutionStatus, NewExecution};

/// The function and version that a caller means.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) function: Arc<Function>,
    pub(crate) qualifier: Option<String>,
    pub(crate) version: &'static str,
}

/// A call of Invoke.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The request, and every try of an asynchronous event.
    pub(crate) request_id: String,
    pub(crate) payload: Bytes,
    pub(crate) trace: Option<String>,
    /// Plain JSON.
    pub(crate) client_context: Option<String>,
    pub(crate) execution_name: Option<String>,
}

impl Call {
    /// A call of the host itself.
    pub(crate) fn of(payload: Bytes, trace: Option<String>) -> Self {
        Self {
            request_id: uuid::Uuid::new_v4().to_string(),
            payload,
            trace,
            client_context: None,
            execution_name: None,
        }
    }
}

/// How an execution is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// The caller waits for the end.
    Yes,
    /// It is an event.
    No,
}

/// The reply to a synchronous caller.
#[derive(Debug)]
pub(crate) struct InvokeReply {
    pub(crate) body: Bytes,
    /// The error's type when the function failed.
    pub(crate) error_kind: Option<String>,
    pub(crate) execution_arn: Option<String>,
}

impl Target {
    /// # Errors
    /// When a durable function is named without a version or alias: its executions stay on a version.
    pub(crate) fn check_qualified(&self) -> Result<(), ApiError> {
        let options = &self.function.options;
        if options.durable.is_some() && self.qualifier.is_none() {
            // The code and the text are unconfirmed.
            return Err(ApiError::invalid_parameter(format!(
                "The durable function {} can be invoked by a version, an alias or {LATEST} only.",
                options.name
            )));
        }
        Ok(())
    }
}

impl Inner {
    /// The target of `name`, with the qualifier in it or beside it.
    pub(crate) fn target(&self, name: &str, qualifier: Option<&str>) -> Result<Target, ApiError> {
        let parsed = FunctionReference::parse(name);
        if let (Some(inner), Some(outer)) = (parsed.qualifier, qualifier)
            && inner != outer
        {
            return Err(ApiError::invalid_parameter(
                "The derived qualifier from the function name does not match the specified qualifier.",
            ));
        }
        let qualifier = parsed.qualifier.or(qualifier);
        let arn = || function_arn(&self.region, &self.account_id, parsed.name, qualifier);
        let function = self.host.function(parsed.name).map(Arc::clone);
        match (function, names::version_of(qualifier)) {
            (Some(function), Some(version)) => Ok(Target {
                function,
                qualifier: qualifier.map(str::to_owned),
                version,
            }),
            _ => Err(ApiError::not_found(format!("Function not found: {}", arn()))),
        }
    }

    /// `RequestResponse`.
    pub(crate) async fn call(self: &Arc<Self>, target: &Target, call: Call) -> Result<InvokeReply, ApiError> {
        let options = &target.function.options;
        if options.durable.is_some() {
            let arn = self.start_apart(target.clone(), call, Waits::Yes).await?;
            if let Some(running) = self.executions.running(&arn) {
                tokio::select! {
                    () = running.wait_closed() => {}
                    () = self.stopping() => return Err(ApiError::service("the host is stopping")),
                }
            }
            let execution = self
                .executions
                .read(&arn)
                .await?
                .ok_or_else(|| ApiError::no_execution(&arn))?;
            return Ok(closed_reply(&execution));
        }
        let task = Task {
            request_id: call.request_id,
            payload: call.payload,
            function_arn: function_arn(
                &self.region,
                &self.account_id,
                &options.name,
                target.qualifier.as_deref(),
            ),
            trace: names::trace_header(call.trace.as_deref()),
            client_context: call.client_context,
            accepted_ms: None,
        };
        let outcome = self
            .host
            .invoke(&target.function, task)
            .await
            .ok_or_else(ApiError::throttled)?;
        Ok(if let Some((kind, body)) = outcome.error() {
            InvokeReply {
                body,
                error_kind: Some(kind),
                execution_arn: None,
            }
        } else {
            let crate::host::TaskOutcome::Answer(body) = outcome else {
                return Err(ApiError::service("no answer"));
            };
            InvokeReply {
                body,
                error_kind: None,
                execution_arn: None,
            }
        })
    }

    /// Starts on a task of its own: a caller that hangs up must not leave behind an execution that is stored and that
    /// nobody drives.
    pub(crate) async fn start_apart(
        self: &Arc<Self>,
        target: Target,
        call: Call,
        waits: Waits,
    ) -> Result<String, ApiError> {
        let lambda = Arc::clone(self);
        let started = tokio::spawn(async move { lambda.start_execution(&target, call, waits).await }).await;
        started.map_err(|error| ApiError::service(error.to_string()))?
    }

    /// Starts a durable execution, or finds the one of that name and input.
    ///
    /// The one of that name may be closed: what the service does then is unconfirmed. Here it is the existing execution
    /// all the same, and nothing is started again.
    pub(crate) async fn start_execution(
        self: &Arc<Self>,
        target: &Target,
        call: Call,
        waits: Waits,
    ) -> Result<String, ApiError> {
        let name = call.execution_name.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        if !names::is_execution_name(&name) {
            return Err(ApiError::invalid_parameter(
                "Invalid durable execution name: it must match [a-zA-Z0-9-_]{1,64}",
            ));
        }
        let input = String::from_utf8(call.payload.to_vec())
            .map_err(|_| ApiError::invalid_content("the payload is not UTF-8"))?;
        target.check_qualified()?;
        let options = &target.function.options;
        let durable = options.durable.clone().unwrap_or_default();
        let new = NewExecution {
            function_arn: function_arn(&self.region, &self.account_id, &options.name, Some(target.version)),
            function: options.name.clone(),
            qualifier: target.qualifier.clone().unwrap_or_default(),
            version: target.version.to_owned(),
            name: name.clone(),
            id: uuid::Uuid::new_v4().to_string(),
            input,
            trace: names::trace_header(call.trace.as_deref()),
            request_id: (waits == Waits::No).then_some(call.request_id),
            execution_timeout_seconds: durable.execution_timeout_seconds,
            retention_days: durable.retention_days,
        };
        match self.executions.start(new, now_ms()).await? {
            StartOutcome::New(running) => {
                let arn = running.arn.clone();
                self.drive(running);
                Ok(arn)
            }
            StartOutcome::Existing(arn) => {
                // After a restart it may not have been resumed yet.
                if let Some(running) = self.executions.bring_back(&arn).await? {
                    self.drive(running);
                }
                Ok(arn)
            }
            StartOutcome::Conflict => Err(ApiError::new(
                409,
                "DurableExecutionAlreadyStartedException",
                format!("A durable execution named {name} was already started with another payload."),
            )),
        }
    }

    pub(crate) fn drive(&self, running: Arc<Running>) {
        self.tasks.spawn(self.driver.clone().drive(running));
    }
}

/// Inferred: the body of a synchronous durable start is the execution's result.
fn closed_reply(execution: &Execution) -> InvokeReply {
    let execution_arn = Some(execution.arn().to_owned());
    if execution.status() == ExecutionStatus::Succeeded {
        let body = execution.result().unwrap_or("null").to_owned().into();
        return InvokeReply {
            body,
            error_kind: None,
            execution_arn,
        };
    }
    let error = execution.error().cloned().unwrap_or_default();
    let kind = error.error_type.clone().unwrap_or_else(|| "Unhandled".to_owned());
    let body =
        json!({ "errorType": error.error_type, "errorMessage": error.error_message, "stackTrace": error.stack_trace });
    InvokeReply {
        body: body.to_string().into(),
        error_kind: Some(kind),
        execution_arn,
    }
}
