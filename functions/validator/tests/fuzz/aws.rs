//! The services that the function calls, in memory: they succeed, and keep what was stored.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use serde_json::{Value, json};
use tracehook_runtime::aws::SdkConfig;

/// Every live secret, current ones first.
pub(crate) const LIVE: [(&str, [&str; 2]); 3] = [
    ("github", ["current-github-secret", "previous-github-secret"]),
    ("shop", ["current-shop-secret", "previous-shop-secret"]),
    ("default", ["current-default-secret", "previous-default-secret"]),
];

#[derive(Debug, Clone)]
pub(crate) struct Aws {
    /// The configuration.
    document: &'static str,
    items: Arc<Mutex<Vec<Value>>>,
    /// Status and error code of the answer to each start; accepted when there is none.
    start_error: Option<(u16, &'static str)>,
}

impl Aws {
    /// Services with this configuration.
    pub(crate) fn of(document: &'static str) -> Self {
        Self {
            document,
            items: Arc::default(),
            start_error: None,
        }
    }

    /// These services, where every start fails with this status and error code.
    pub(crate) fn failing_starts(self, status: u16, code: &'static str) -> Self {
        Self {
            start_error: Some((status, code)),
            ..self
        }
    }

    pub(crate) fn config(&self) -> SdkConfig {
        let aws = self.clone();
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "test", "test", None, None, "test",
            )))
            .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(aws.clone())))
            .build()
    }

    /// The items that were stored since the last time.
    pub(crate) fn take_stored(&self) -> Vec<Value> {
        std::mem::take(&mut self.items.lock().unwrap())
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
        let (status, answer) = match request.headers().get("x-amz-target") {
            Some("DynamoDB_20120810.PutItem") => {
                self.items.lock().unwrap().push(body["Item"].clone());
                (200, json!({}))
            }
            Some("DynamoDB_20120810.GetItem") if body["Key"]["executionToken"]["S"] == "configuration" => {
                (200, json!({"Item": {"document": {"S": self.document}}}))
            }
            // No delivery came before.
            Some("DynamoDB_20120810.GetItem") => (200, json!({})),
            // The note of a start that failed.
            Some("DynamoDB_20120810.UpdateItem") => (200, json!({})),
            Some("secretsmanager.GetSecretValue") => {
                let version = usize::from(body["VersionStage"] == "AWSPREVIOUS");
                let sources: BTreeMap<_, _> = LIVE
                    .iter()
                    .map(|(source, secrets)| (source, secrets[version]))
                    .collect();
                let document = json!({"tokenKey": "0123456789abcdef", "sources": sources}).to_string();
                (200, json!({"SecretString": document}))
            }
            None if request.uri().contains("/2015-03-31/functions/") => match self.start_error {
                Some((status, code)) => {
                    let mut response = HttpResponse::new(status.try_into().unwrap(), "{}".into());
                    response.headers_mut().insert("x-amzn-errortype", code);
                    return HttpConnectorFuture::ready(Ok(response));
                }
                None => (202, json!({})),
            },
            other => panic!("{other:?} is not called by the validator"),
        };
        let body = if status == 202 {
            String::new()
        } else {
            answer.to_string()
        };
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), body.into())))
    }
}
