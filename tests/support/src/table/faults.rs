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
    /// The table throttles.
    Throttled,
}

/// The faults that are still to come. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Vec<(&'static str, Fault)>>>);

impl Faults {
    /// The next call whose body contains the text fails so.
    ///
    /// # Panics
    /// When another user of the faults has panicked.
    pub fn next(&self, containing: &'static str, fault: Fault) {
        self.0.lock().unwrap().push((containing, fault));
    }

    fn take(&self, body: &str) -> Option<Fault> {
        let mut planned = self.0.lock().unwrap();
        let at = planned.iter().position(|(text, _)| body.contains(text))?;
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
        let body = String::from_utf8(request.body().bytes().unwrap_or_default().to_vec()).unwrap();
        let error = |status: u16, code: &str| {
            let body = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"planned"}}"#);
            HttpResponse::new(status.try_into().unwrap(), body.into())
        };
        let lost = || ConnectorError::io("planned".into());
        match self.faults.take(&body) {
            None => self.inner.call(request),
            Some(Fault::CallLost) => HttpConnectorFuture::ready(Err(lost())),
            Some(Fault::ServerError) => HttpConnectorFuture::ready(Ok(error(500, "InternalServerError"))),
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
