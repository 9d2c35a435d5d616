//! A connector that loses calls and answers, as a test plans it.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;

/// The failure of one call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// The call does not reach the table.
    CallLost,
    /// The table does the call, and its answer does not come back.
    AnswerLost,
    /// The table answers with 500.
    ServerError,
    /// The table, or the bucket, throttles.
    Throttled,
}

/// The faults that are still to come. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Vec<(&'static str, Fault)>>>);

impl Faults {
    /// The next call fails so whose method, URL and body, a line each, contain the text.
    ///
    /// # Panics
    /// When another user of the faults has panicked.
    pub fn next(&self, containing: &'static str, fault: Fault) {
        self.0.lock().unwrap().push((containing, fault));
    }

    fn take(&self, call: &str) -> Option<Fault> {
        let mut planned = self.0.lock().unwrap();
        let at = planned.iter().position(|(text, _)| call.contains(text))?;
        Some(planned.remove(at).1)
    }

    /// True once no fault is left.
    ///
    /// # Panics
    /// When another user of the faults has panicked.
    #[must_use]
    pub fn all_happened(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }
}

/// The connector that lets the faults happen.
#[derive(Debug)]
pub(super) struct Faulty {
    pub(super) inner: SharedHttpConnector,
    pub(super) faults: Faults,
}

impl HttpConnector for Faulty {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default());
        let call = format!("{}\n{}\n{body}", request.method(), request.uri());
        let error = |status: u16, code: &str| {
            let body = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"planned"}}"#);
            HttpResponse::new(status.try_into().unwrap(), body.into())
        };
        let slow_down = || HttpResponse::new(503.try_into().unwrap(), "<Error><Code>SlowDown</Code></Error>".into());
        let lost = || ConnectorError::io("planned".into());
        let is_of_s3 = request.headers().contains_key("x-amz-content-sha256");
        match self.faults.take(&call) {
            None => self.inner.call(request),
            Some(Fault::CallLost) => HttpConnectorFuture::ready(Err(lost())),
            Some(Fault::ServerError) => HttpConnectorFuture::ready(Ok(error(500, "InternalServerError"))),
            Some(Fault::Throttled) if is_of_s3 => HttpConnectorFuture::ready(Ok(slow_down())),
            Some(Fault::Throttled) => HttpConnectorFuture::ready(Ok(error(400, "ThrottlingException"))),
            Some(Fault::AnswerLost) => {
                let done = self.inner.call(request);
                HttpConnectorFuture::new(async move {
                    done.await?;
                    Err(ConnectorError::io("planned".into()))
                })
            }
        }
    }
}
