//! The table and the durable service, in memory: one webhook is there, and every checkpoint is accepted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const TOKEN: &str = "00112233445566778899aabbccddeeff";
pub(crate) const NAME: &str = "tracehook-00112233445566778899aabbccddeeff";
pub(crate) const BODY: &[u8] = br#"{"ref":"refs/heads/main"}"#;

#[derive(Debug, Clone, Default)]
pub(crate) struct Services {
    /// Updates of the record.
    pub moves: Arc<AtomicUsize>,
}

impl Services {
    pub(crate) fn table(&self) -> aws_sdk_dynamodb::Client {
        let services = self.clone();
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(services.clone())));
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    pub(crate) fn lambda(&self) -> aws_sdk_lambda::Client {
        let services = self.clone();
        let config = aws_sdk_lambda::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(services.clone())));
        aws_sdk_lambda::Client::from_conf(config.build())
    }
}

impl HttpConnector for Services {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
        let answer = match request.headers().get("x-amz-target") {
            Some("DynamoDB_20120810.Query") if asked.to_string().contains(TOKEN) => {
                json!({"Items": [state(), payload()]})
            }
            Some("DynamoDB_20120810.Query") => json!({"Items": []}),
            Some("DynamoDB_20120810.GetItem") if asked.to_string().contains(TOKEN) => json!({"Item": state()}),
            Some("DynamoDB_20120810.GetItem") => json!({}),
            Some("DynamoDB_20120810.UpdateItem") => {
                // The condition of the table: only its own execution updates the record.
                let values = &asked["ExpressionAttributeValues"];
                if asked["Key"]["executionToken"]["S"] != TOKEN || values[":name"]["S"] != NAME {
                    let refused = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
                    return answered(400, &json!({"__type": refused, "Item": state()}));
                }
                self.moves.fetch_add(1, Ordering::Relaxed);
                json!({"Attributes": state()})
            }
            Some(other) => panic!("{other} is not called by the processor"),
            None => json!({"CheckpointToken": "next", "NewExecutionState": {"Operations": []}}),
        };
        answered(200, &answer)
    }
}

fn answered(status: u16, body: &Value) -> HttpConnectorFuture {
    HttpConnectorFuture::ready(Ok(HttpResponse::new(
        status.try_into().unwrap(),
        body.to_string().into(),
    )))
}

fn digest() -> [u8; 32] {
    Sha256::digest(BODY).into()
}

fn state() -> Value {
    json!({
        "executionToken": {"S": TOKEN}, "item": {"S": "state"}, "source": {"S": "github"}, "status": {"S": "received"},
        "steps": {"M": {}}, "payloadSha256": {"B": STANDARD.encode(digest())}, "payloadBytes": {"N": BODY.len().to_string()},
        "webhookSummary": {"M": {"type": {"S": "push"}, "source": {"S": "octocat/hello-world"}, "keys": {"L": [{"S": "ref"}]}}},
        "executionName": {"S": NAME}, "attempt": {"N": "1"},
        "traceparent": {"S": "00-6553f100d7e21b8ed24b0a7d4b0a7d4b-00f067aa0ba902b7-01"},
        "createdAt": {"N": "1700000000123"}, "lastUpdated": {"N": "1700000000123"}, "ttl": {"N": "1700600000"},
    })
}

fn payload() -> Value {
    json!({
        "executionToken": {"S": TOKEN}, "item": {"S": format!("payload#{}", hex::encode(digest()))},
        "body": {"B": STANDARD.encode(BODY)}, "ttl": {"N": "1700600000"},
    })
}
