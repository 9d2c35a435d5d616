//! Answers to a checkpoint that end the invocation, in the form that the durable SDK 0.1.0 understands.
//!
//! The service refuses a token that is not the current one by 400 `InvalidParameterValueException`, with a message that begins
//! `Invalid checkpoint token`. The SDK compares with `Invalid Checkpoint Token`, takes the refusal for a permanent one and fails
//! the execution, although only the invocation has to end: the service invokes again with a new token. An answer without
//! a token means the same: its updates are stored, and this invocation may checkpoint no more.
//!
//! This file can go when a release of the SDK compares without the case of letters and takes an answer without a token.

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::byte_stream::ByteStream;
use serde::Deserialize;

/// The beginning of the service's message, in lower case.
const SPENT: &str = "invalid checkpoint token";
/// The message that the SDK looks for.
const EXPECTED: &str = "Invalid Checkpoint Token";

/// Hands every request on, and translates the two answers.
#[derive(Debug)]
pub(crate) struct EndInvocation(pub(crate) SharedHttpConnector);

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "CheckpointToken")]
    token: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(alias = "Message")]
    message: Option<String>,
}

impl HttpConnector for EndInvocation {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let is_checkpoint = request.method() == "POST" && request.uri().ends_with("/checkpoint");
        let answer = self.0.call(request);
        if !is_checkpoint {
            return answer;
        }
        HttpConnectorFuture::new(async move { translate(answer.await?).await })
    }
}

async fn translate(mut answer: HttpResponse) -> Result<HttpResponse, ConnectorError> {
    if !matches!(answer.status().as_u16(), 200 | 400) {
        return Ok(answer);
    }
    let body = ByteStream::new(answer.take_body()).collect().await;
    let body = body.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
    if ends_invocation(answer.status().as_u16(), &body) {
        return refusal();
    }
    *answer.body_mut() = body.into();
    Ok(answer)
}

fn ends_invocation(status: u16, body: &[u8]) -> bool {
    if status == 200 {
        // What is no answer at all is the SDK's to judge.
        serde_json::from_slice(body).is_ok_and(|answer: Answer| answer.token.is_none_or(|token| token.is_empty()))
    } else {
        serde_json::from_slice(body).is_ok_and(|refusal: Refusal| {
            let message = refusal.message.unwrap_or_default();
            message
                .get(..SPENT.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(SPENT))
        })
    }
}

fn refusal() -> Result<HttpResponse, ConnectorError> {
    let body = serde_json::json!({ "message": EXPECTED }).to_string();
    let status = StatusCode::try_from(400).map_err(|error| ConnectorError::user(error.into()))?;
    let mut answer = HttpResponse::new(status, body.into());
    answer
        .headers_mut()
        .insert("x-amzn-errortype", "InvalidParameterValueException");
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spent_token_and_an_answer_without_one_end_the_invocation_and_nothing_else_does() {
        for (status, body, expected) in [
            (400, r#"{"message":"Invalid checkpoint token"}"#, true),
            (400, r#"{"Message":"INVALID CHECKPOINT TOKEN: it is another's"}"#, true),
            (400, r#"{"message":"Invalid Checkpoint Token"}"#, true),
            (400, r#"{"message":"Invalid parameter"}"#, false),
            (400, r#"{"message":"Invalid checkpoint t"}"#, false),
            (400, r#"{"message":"Invalid checkpoint tokén"}"#, false),
            (400, "{}", false),
            (400, "no json", false),
            (200, r#"{"NewExecutionState":{"Operations":[]}}"#, true),
            (200, r#"{"CheckpointToken":null}"#, true),
            (200, r#"{"CheckpointToken":""}"#, true),
            (200, r#"{"CheckpointToken":"t"}"#, false),
            (200, "no json", false),
        ] {
            assert_eq!(ends_invocation(status, body.as_bytes()), expected, "{status} {body}");
        }
    }
}
