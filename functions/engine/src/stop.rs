//! Stops executions.

use aws_sdk_lambda::operation::stop_durable_execution::StopDurableExecutionError;
use aws_sdk_lambda::types::ErrorObject;

use crate::{Engine, EngineError};

impl Engine {
    /// Stops an execution. One that has ended, or that the service does not know any more, is as good as stopped. The reason is
    /// shown in the execution's history.
    ///
    /// # Errors
    /// When the service does not answer or refuses the call.
    pub async fn stop(&self, arn: &str, reason: &str) -> Result<(), EngineError> {
        let error = ErrorObject::builder()
            .error_type("Stopped")
            .error_message(reason)
            .build();
        let sent = self
            .client
            .stop_durable_execution()
            .durable_execution_arn(arn)
            .error(error)
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(StopDurableExecutionError::ResourceNotFoundException(_)) => Ok(()),
                _ => Err(EngineError::unavailable(&error)),
            },
        }
    }
}
