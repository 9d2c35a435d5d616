//! Reads the state of executions.

use aws_sdk_lambda::operation::get_durable_execution::GetDurableExecutionError;
use aws_sdk_lambda::primitives::DateTime;
use tracehook_core::record::{ExecutionId, ExecutionState};
use tracehook_core::{Record, Timestamp};

use crate::{Engine, EngineError};

/// An execution that the service knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// The name that it was started with.
    pub name: String,
    /// The ARN that the service gave it.
    pub arn: String,
    /// The state that it is in.
    pub state: ExecutionState,
    /// When it began.
    pub started_at: Option<Timestamp>,
}

impl Execution {
    /// Name, ARN and begin.
    #[must_use]
    pub fn id(&self) -> ExecutionId<'_> {
        ExecutionId {
            name: &self.name,
            arn: &self.arn,
            started_at: self.started_at,
        }
    }
}

impl Engine {
    /// Reads the execution of a record's current attempt: by its ARN where the record has it, else by its name. `None`
    /// when the service does not know it.
    ///
    /// # Errors
    /// When the service does not answer, or answers with a state that this version does not know.
    pub async fn execution_of(&self, record: &Record) -> Result<Option<Execution>, EngineError> {
        self.reads.turn().await;
        match &record.execution_arn {
            Some(arn) => self.by_arn(arn).await,
            None => self.by_name(&record.execution_name).await,
        }
    }

    async fn by_arn(&self, arn: &str) -> Result<Option<Execution>, EngineError> {
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
                started_at: time(&found.start_timestamp),
                arn: found.durable_execution_arn,
            })),
            Err(error) => match error.as_service_error() {
                Some(GetDurableExecutionError::ResourceNotFoundException(_)) => Ok(None),
                _ => Err(EngineError::unavailable(&error)),
            },
        }
    }

    async fn by_name(&self, name: &str) -> Result<Option<Execution>, EngineError> {
        let found = self
            .client
            .list_durable_executions_by_function()
            // Of every version: an execution stays with the version that it was started with.
            .function_name(unqualified(&self.function))
            .durable_execution_name(name)
            .send()
            .await
            .map_err(|error| EngineError::unavailable(&error))?;
        // The service does not document whether it matches the name as a prefix. Newest first.
        let same = found
            .durable_executions()
            .iter()
            .find(|one| one.durable_execution_name == name);
        same.map(|one| {
            Ok(Execution {
                state: state(one.status.as_str())?,
                name: one.durable_execution_name.clone(),
                arn: one.durable_execution_arn.clone(),
                started_at: time(&one.start_timestamp),
            })
        })
        .transpose()
    }
}

/// Fails for a state that this version does not know: such a state is no reason to end a record.
fn state(text: &str) -> Result<ExecutionState, EngineError> {
    ExecutionState::parse(text).ok_or_else(|| EngineError::Unavailable("unknown state".to_owned()))
}

/// A time of the service; none for the epoch, which the client puts in the place of an absent one.
fn time(at: &DateTime) -> Option<Timestamp> {
    at.to_millis().ok().filter(|ms| *ms > 0).map(Timestamp::from_epoch_ms)
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
