//! The answers of S3: a body that is still to be read, or an error with its code.

use aws_smithy_runtime_api::client::interceptors::context::{Error, Output};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::ser_de::DeserializeResponse;
use aws_smithy_types::body::SdkBody;

use super::error::{S3Error, code};

/// An object on its way.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) body: SdkBody,
}

/// Reads answers. The body of an object is left to the caller, every other one is read first.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) of_an_object: bool,
}

impl DeserializeResponse for Answers {
    fn deserialize_streaming(&self, response: &mut HttpResponse) -> Option<Result<Output, OrchestratorError<Error>>> {
        if !(self.of_an_object && response.status().is_success()) {
            return None;
        }
        let body = std::mem::replace(response.body_mut(), SdkBody::taken());
        Some(Ok(Output::erase(Answer { body })))
    }

    fn deserialize_nonstreaming(&self, response: &HttpResponse) -> Result<Output, OrchestratorError<Error>> {
        let code = response.body().bytes().and_then(code);
        // A copy is answered with 200 before it is done, and with an error in the body when it fails after that.
        if response.status().is_success() && code.is_none() {
            return Ok(Output::erase(Answer { body: SdkBody::empty() }));
        }
        let error = S3Error::new(code.unwrap_or("unknown"));
        Err(OrchestratorError::operation(Error::erase(error)))
    }
}
