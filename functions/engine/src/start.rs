//! Starts executions, once per name.

use aws_sdk_lambda::error::SdkError;
use aws_sdk_lambda::operation::invoke::{InvokeError, InvokeOutput};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use tracehook_core::Record;
use tracehook_core::record::{ExecutionInput, Start};

use crate::Engine;
use crate::error::code;

/// Too many requests: the only client error that passes by itself.
const THROTTLED: u16 = 429;

impl Engine {
    /// Starts the execution that the record names. Every start of one attempt sends the same name and the same input,
    /// so starting twice starts once.
    pub async fn start(&self, record: &Record) -> Start {
        let input = ExecutionInput {
            execution_token: record.token,
        };
        let sent = self
            .client
            .invoke()
            .function_name(&self.function)
            .invocation_type(InvocationType::Event)
            .durable_execution_name(&record.execution_name)
            .payload(Blob::new(serde_json::to_vec(&input).unwrap_or_default()))
            .send()
            .await;
        outcome(sent)
    }
}

fn outcome(sent: Result<InvokeOutput, SdkError<InvokeError>>) -> Start {
    let Err(error) = sent else {
        return Start::Started;
    };
    if let Some(InvokeError::DurableExecutionAlreadyStartedException(_)) = error.as_service_error() {
        return Start::AlreadyRunning;
    }
    let code = code(&error);
    let refused = error.raw_response().is_some_and(|answer| {
        let status = answer.status();
        status.is_client_error() && status.as_u16() != THROTTLED
    });
    if refused {
        Start::Refused { code }
    } else {
        Start::Deferred { code }
    }
}
