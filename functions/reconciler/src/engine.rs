//! The durable service: what it says of an execution, and the start of one.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::get_durable_execution::GetDurableExecutionError;
use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use tracehook_core::Record;
use tracehook_core::record::{ExecutionId, ExecutionInput, ExecutionState};
use tracehook_telemetry::metrics;

use crate::pace::Pace;

/// The service did not say. The same call may succeed later. Holds a code only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the durable service is unavailable ({0})")]
pub struct EngineError(String);

impl EngineError {
    fn of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Self {
        Self(error.code().unwrap_or("no answer").to_owned())
    }
}

/// An execution that the service knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Execution {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) state: ExecutionState,
}

impl Execution {
    pub(crate) fn id(&self) -> ExecutionId<'_> {
        ExecutionId {
            name: &self.name,
            arn: &self.arn,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Engine {
    client: Client,
    /// With its version or alias: what is started.
    processor: String,
    /// Keeps the reads within what the account may do.
    reads: Pace,
}

impl Engine {
    pub(crate) fn new(client: Client, processor: String, reads_per_second: u32) -> Self {
        Self {
            client,
            processor,
            reads: Pace::new(reads_per_second),
        }
    }

    /// Starts the execution that the record names. Starting twice starts once: the name and the payload are the same
    /// for every start of one attempt, whoever makes it.
    pub(crate) async fn start(&self, record: &Record) -> Result<(), EngineError> {
        let input = ExecutionInput {
            execution_token: record.token,
        };
        let sent = self
            .client
            .invoke()
            .function_name(&self.processor)
            .invocation_type(InvocationType::Event)
            .durable_execution_name(&record.execution_name)
            .payload(Blob::new(serde_json::to_vec(&input).unwrap_or_default()))
            .send()
            .await;
        match sent {
            Ok(_) => {
                metrics::start(&record.source, metrics::Started::Started);
                Ok(())
            }
            Err(error) => match error.as_service_error() {
                Some(InvokeError::DurableExecutionAlreadyStartedException(_)) => Ok(()),
                _ => {
                    metrics::start(&record.source, metrics::Started::Deferred);
                    Err(EngineError::of(&error))
                }
            },
        }
    }

    /// The execution of a record's current attempt; none when the service does not know it.
    pub(crate) async fn execution_of(&self, record: &Record) -> Result<Option<Execution>, EngineError> {
        match &record.execution_arn {
            Some(arn) => self.by_arn(arn).await,
            None => self.by_name(&record.execution_name).await,
        }
    }

    async fn by_arn(&self, arn: &str) -> Result<Option<Execution>, EngineError> {
        self.reads.turn().await;
        let sent = self
            .client
            .get_durable_execution()
            .durable_execution_arn(arn)
            .include_execution_data(false)
            .send()
            .await;
        match sent {
            Ok(found) => Ok(Some(Execution {
                state: state(found.status.as_str())?,
                name: found.durable_execution_name,
                arn: found.durable_execution_arn,
            })),
            Err(error) => match error.as_service_error() {
                Some(GetDurableExecutionError::ResourceNotFoundException(_)) => Ok(None),
                _ => Err(EngineError::of(&error)),
            },
        }
    }

    async fn by_name(&self, name: &str) -> Result<Option<Execution>, EngineError> {
        self.reads.turn().await;
        let found = self
            .client
            .list_durable_executions_by_function()
            // Of every version: an execution stays with the version that it was started with.
            .function_name(unqualified(&self.processor))
            .durable_execution_name(name)
            .send()
            .await
            .map_err(|error| EngineError::of(&error))?;
        // Whether the service takes the name for a prefix is not documented. Newest first.
        let same = found
            .durable_executions()
            .iter()
            .find(|one| one.durable_execution_name == name);
        same.map(|one| {
            Ok(Execution {
                state: state(one.status.as_str())?,
                name: one.durable_execution_name.clone(),
                arn: one.durable_execution_arn.clone(),
            })
        })
        .transpose()
    }
}

/// A state that this version does not know is no reason to end anything.
fn state(text: &str) -> Result<ExecutionState, EngineError> {
    ExecutionState::parse(text).ok_or_else(|| EngineError("unknown state".to_owned()))
}

/// A function's name or ARN without its version or alias.
fn unqualified(function: &str) -> &str {
    let before_name = function.find("function:").map_or(0, |at| at + "function:".len());
    let name = function.get(before_name..).unwrap_or_default();
    match name.find(':') {
        Some(at) => function.get(..before_name + at).unwrap_or(function),
        None => function,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_found_without_its_version() {
        for (function, expected) in [
            ("p", "p"),
            ("p:live", "p"),
            ("arn:aws:lambda:r:1:function:p", "arn:aws:lambda:r:1:function:p"),
            ("arn:aws:lambda:r:1:function:p:7", "arn:aws:lambda:r:1:function:p"),
        ] {
            assert_eq!(unqualified(function), expected);
        }
    }
}
