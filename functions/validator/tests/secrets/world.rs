//! Instances of the function over one account: a secrets service that rotates and fails, a table and an engine that succeed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tracehook_core::ConfigurationHash;
use tracehook_runtime::AfterAnswer;
use tracehook_runtime::aws::SdkConfig;
use tracehook_runtime::http::handle;
use tracehook_validator::Validator;
use tracehook_validator::config::Config;

/// The configuration of every instance.
const DOCUMENT: &str = r#"{"sources":{"github":{"preset":"github"},"shop":{"preset":"github"},"open":{"preset":"none"},
    "keyed":{"preset":"github","verify":[{"kind":"hmac","hash":"sha256","key":"hex","signed":"{body}",
        "signature":{"from":["header:X-Hub-Signature-256"],"encoding":"hex"}}]}}}"#;

/// An account.
#[derive(Debug, Clone, Default)]
pub(crate) struct Account(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The values of the secret, the current one first.
    versions: VecDeque<String>,
    puts: usize,
    failing: Vec<&'static str>,
    /// How long the services' answers take.
    delays: BTreeMap<Service, Duration>,
    reads: u64,
}

/// A service that the function calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    Configuration,
    Secrets,
    Table,
    Engine,
}

impl Account {
    /// From now on this service takes so long for each answer.
    pub(crate) fn delay(&self, service: Service, delay: Duration) {
        self.0.lock().unwrap().delays.insert(service, delay);
    }

    /// Puts the document: what was current becomes previous.
    pub(crate) fn put(&self, document: &str) {
        let mut state = self.0.lock().unwrap();
        state.puts += 1;
        state.versions.push_front(document.to_owned());
    }

    /// Puts a document with these secrets.
    pub(crate) fn put_sources(&self, sources: &Value) {
        self.put(&json!({"tokenKey": "0123456789abcdef", "sources": sources}).to_string());
    }

    /// Reads of these stages are throttled.
    pub(crate) fn throttle(&self, stages: &[&'static str]) {
        self.0.lock().unwrap().failing = stages.to_vec();
    }

    /// Calls of `GetSecretValue` since the last time.
    pub(crate) fn take_reads(&self) -> u64 {
        std::mem::take(&mut self.0.lock().unwrap().reads)
    }

    /// A new instance of the function.
    pub(crate) fn instance(&self) -> Validator {
        self.instance_with("2500")
    }

    /// A new instance of the function that has so many milliseconds for an answer.
    pub(crate) fn instance_with(&self, answer_budget_ms: &str) -> Validator {
        let config = Config::from_env(|name| {
            let value = match name {
                "TABLE_NAME" | "SECRET_ID" | "EXECUTION_NAME_PREFIX" => "tracehook",
                "CONFIGURATION_SHA256" => return Some(ConfigurationHash::of(DOCUMENT).to_string()),
                "PROCESSOR_FUNCTION" => "processor:live",
                "AWS_REGION" => "eu-west-1",
                "ALLOW_UNSIGNED" => "true",
                "ANSWER_BUDGET_MS" => answer_budget_ms,
                _ => return None,
            };
            Some(value.to_owned())
        });
        let account = self.clone();
        let aws = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-west-1"))
            // A wait between tries would move the clock.
            .retry_config(RetryConfig::disabled())
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "test", "test", None, None, "test",
            )))
            .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(account.clone())))
            .build();
        Validator::new(config.unwrap(), &aws, AfterAnswer::default())
    }

    fn secret(&self, stage: &str) -> (u16, Value) {
        let mut state = self.0.lock().unwrap();
        state.reads += 1;
        if state.failing.contains(&stage) {
            return (400, json!({"__type": "ThrottlingException"}));
        }
        let place = usize::from(stage == "AWSPREVIOUS");
        match state.versions.get(place) {
            Some(text) => {
                let version = format!("version-{}", state.puts - place);
                (200, json!({"SecretString": text, "VersionId": version}))
            }
            None => (400, json!({"__type": "ResourceNotFoundException"})),
        }
    }
}

impl HttpConnector for Account {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
        let (service, (status, answer)) = match request.headers().get("x-amz-target") {
            Some("secretsmanager.GetSecretValue") => {
                (Service::Secrets, self.secret(body["VersionStage"].as_str().unwrap()))
            }
            Some(_) if body["Key"]["executionToken"]["S"] == "configuration" => (
                Service::Configuration,
                (200, json!({"Item": {"document": {"S": DOCUMENT}}})),
            ),
            Some(_) => (Service::Table, (200, json!({}))),
            None => (Service::Engine, (202, json!({}))),
        };
        let response = HttpResponse::new(status.try_into().unwrap(), answer.to_string().into());
        match self.0.lock().unwrap().delays.get(&service).copied() {
            None => HttpConnectorFuture::ready(Ok(response)),
            Some(delay) => HttpConnectorFuture::new(async move {
                tokio::time::sleep(delay).await;
                Ok(response)
            }),
        }
    }
}

/// A signature's header for a body.
pub(crate) fn signed(secret: &str, body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    hex::encode(mac.chain_update(body).finalize().into_bytes())
}

/// Sends a body with that signature, or without one, and returns status and code of the answer.
pub(crate) async fn send(instance: &Validator, source: &str, body: &str, signature: Option<&str>) -> (u16, String) {
    let headers: BTreeMap<_, _> = signature
        .map(|value| ("X-Hub-Signature-256", value))
        .into_iter()
        .collect();
    let event = json!({
        "httpMethod": "POST", "resource": "/webhook/{source}", "path": format!("/webhook/{source}"),
        "pathParameters": {"source": source}, "headers": headers, "body": body, "isBase64Encoded": false,
        "requestContext": {"requestId": "r"},
    });
    let answer = handle(instance, &event.to_string(), "invocation").await;
    let json: Value = serde_json::from_str(answer.body()).unwrap_or_default();
    (answer.status(), json["code"].as_str().unwrap_or_default().to_owned())
}
