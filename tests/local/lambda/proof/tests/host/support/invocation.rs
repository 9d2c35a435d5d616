//! Invoking through the SDK.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use serde_json::Value;

use super::{Served, soon};

/// The reply to a synchronous caller.
#[derive(Debug)]
pub(crate) struct Invoked {
    pub(crate) body: Value,
    pub(crate) function_error: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) execution_arn: Option<String>,
}

impl Invoked {
    pub(crate) fn pid(&self) -> u32 {
        u32::try_from(self.body["pid"].as_u64().unwrap()).unwrap()
    }

    pub(crate) fn error_type(&self) -> &str {
        assert!(self.function_error.is_some(), "no error: {}", self.body);
        self.body["errorType"].as_str().unwrap()
    }

    pub(crate) fn error_message(&self) -> &str {
        self.body["errorMessage"].as_str().unwrap()
    }
}

/// A start of a durable execution.
pub(crate) struct Start<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) input: Value,
}

impl Served {
    pub(crate) async fn invoke(&self, function: &str, payload: Value) -> Invoked {
        call(&self.client, function, payload).await.unwrap()
    }

    /// The code of the error that a synchronous call is refused with.
    pub(crate) async fn refused(&self, function: &str, payload: Value) -> String {
        call(&self.client, function, payload).await.unwrap_err()
    }

    /// Event.
    pub(crate) async fn send(&self, function: &str, payload: Value) -> Result<(), String> {
        let sent = self
            .client
            .invoke()
            .function_name(function)
            .invocation_type(InvocationType::Event);
        let sent = sent
            .payload(Blob::new(payload.to_string()))
            .send()
            .await
            .map_err(|error| code(&error))?;
        assert_eq!(sent.status_code(), 202);
        Ok(())
    }

    /// Starts an execution of `durable:live` and returns its ARN, or the code of the error.
    pub(crate) async fn begin(&self, start: Start<'_>) -> Result<String, String> {
        Ok(self.begin_or_wait(start).await?.unwrap())
    }

    /// The same; none when the start waits for the quota.
    pub(crate) async fn begin_or_wait(&self, start: Start<'_>) -> Result<Option<String>, String> {
        let sent = self
            .client
            .invoke()
            .function_name("durable:live")
            .invocation_type(InvocationType::Event)
            .set_durable_execution_name(start.name.map(str::to_owned))
            .payload(Blob::new(start.input.to_string()))
            .send()
            .await
            .map_err(|error| code(&error))?;
        assert_eq!(sent.status_code(), 202);
        Ok(sent.durable_execution_arn().map(str::to_owned))
    }

    /// Waits for the end of an execution and returns its status, and its result or error.
    pub(crate) async fn end_of(&self, arn: &str) -> (String, Value) {
        let closed = async {
            loop {
                let shown = self
                    .client
                    .get_durable_execution()
                    .durable_execution_arn(arn)
                    .send()
                    .await
                    .unwrap();
                if shown.end_timestamp().is_some() {
                    return shown;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        let shown = soon(&format!("the end of {arn}"), closed).await;
        let outcome = match (shown.result(), shown.error()) {
            (Some(result), _) => serde_json::from_str(result).unwrap(),
            (None, error) => Value::from(error.and_then(|error| error.error_type())),
        };
        (shown.status().as_str().to_owned(), outcome)
    }
}

async fn call(client: &Client, function: &str, payload: Value) -> Result<Invoked, String> {
    let sent = client
        .invoke()
        .function_name(function)
        .payload(Blob::new(payload.to_string()))
        .send();
    let answer = soon("the answer of an invocation", sent)
        .await
        .map_err(|error| code(&error))?;
    assert_eq!(answer.status_code(), 200);
    Ok(Invoked {
        body: serde_json::from_slice(answer.payload().unwrap().as_ref()).unwrap(),
        function_error: answer.function_error().map(str::to_owned),
        version: answer.executed_version().map(str::to_owned),
        execution_arn: answer.durable_execution_arn().map(str::to_owned),
    })
}

/// The error code that the SDK found; the whole error if it found none.
pub(crate) fn code<E: ProvideErrorMetadata + std::fmt::Debug, R: std::fmt::Debug>(error: &SdkError<E, R>) -> String {
    error.code().map_or_else(|| format!("{error:?}"), str::to_owned)
}
