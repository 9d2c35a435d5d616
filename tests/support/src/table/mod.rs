//! A real table (embedded DynamoDB over HTTP on a free port) behind a client that can lose calls and answers.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail the test"
)]

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use dynoxide::Database;
use tracehook_core::record::{New, Record};
use tracehook_core::signature::Description;
use tracehook_core::trace::{SpanId, TraceId, TraceParent};
use tracehook_core::{ExecutionToken, Timestamp, WebhookSummary};
use tracehook_store::{Payload, Store};

/// What happens to the next call whose body contains a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// The call does not reach the table.
    CallLost,
    /// The call is done, and its answer does not come back.
    AnswerLost,
    /// The table answers with 500.
    ServerError,
    /// The table throttles.
    Throttled,
}

#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Vec<(&'static str, Fault)>>>);

impl Faults {
    pub fn next(&self, containing: &'static str, fault: Fault) {
        self.0.lock().unwrap().push((containing, fault));
    }

    fn take(&self, body: &str) -> Option<Fault> {
        let mut planned = self.0.lock().unwrap();
        let at = planned.iter().position(|(text, _)| body.contains(text))?;
        Some(planned.remove(at).1)
    }

    pub fn all_happened(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }
}

#[derive(Debug)]
struct Faulty {
    inner: SharedHttpConnector,
    faults: Faults,
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

#[derive(Debug)]
pub struct Table {
    pub store: Store,
    pub client: Client,
    pub faults: Faults,
}

/// A table whose client tries every call so often.
pub async fn table(tries: u32) -> Table {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let database = Database::memory().unwrap();
    tokio::spawn(dynoxide::server::serve_with_shutdown(
        listener,
        database,
        std::future::pending(),
    ));
    let faults = Faults::default();
    let client = client(&endpoint, &faults, tries);
    let key = |name: &str, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
            .unwrap()
    };
    let attribute = |name: &str, kind| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(kind)
            .build()
            .unwrap()
    };
    let open = GlobalSecondaryIndex::builder()
        .index_name("open")
        .key_schema(key("openShard", KeyType::Hash))
        .key_schema(key("openSince", KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
        .build()
        .unwrap();
    client
        .create_table()
        .table_name("tracehook")
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("executionToken", KeyType::Hash))
        .key_schema(key("item", KeyType::Range))
        .attribute_definitions(attribute("executionToken", ScalarAttributeType::S))
        .attribute_definitions(attribute("item", ScalarAttributeType::S))
        .attribute_definitions(attribute("openShard", ScalarAttributeType::S))
        .attribute_definitions(attribute("openSince", ScalarAttributeType::N))
        .global_secondary_indexes(open)
        .send()
        .await
        .unwrap();
    Table {
        store: Store::new(client.clone(), "tracehook"),
        client,
        faults,
    }
}

fn client(endpoint: &str, faults: &Faults, tries: u32) -> Client {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .build_https();
    let faults = faults.clone();
    let http = http_client_fn(move |settings, components| {
        SharedHttpConnector::new(Faulty {
            inner: http.http_connector(settings, components),
            faults: faults.clone(),
        })
    });
    let retry = RetryConfig::standard()
        .with_max_attempts(tries)
        .with_initial_backoff(std::time::Duration::from_millis(1));
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(endpoint)
        .retry_config(retry)
        .http_client(http)
        .build();
    Client::from_conf(config)
}

pub const NOW: Timestamp = Timestamp::from_epoch_ms(1_700_000_000_123);

/// A webhook as the validator makes it; `request` is what makes one request differ from another for the same delivery.
pub fn webhook(delivery: u8, body: &[u8], request: u8) -> (Record, Payload) {
    let token = ExecutionToken::from_random([delivery; 16]);
    let source: tracehook_core::SourceName = "github".parse().unwrap();
    let mut digest = [0; 32];
    digest[..body.len().min(32)].copy_from_slice(&body[..body.len().min(32)]);
    let record = Record::received(New {
        token,
        delivery_id: Some(format!("d-{delivery}")),
        summary: WebhookSummary::new(&source, Description::default(), &Default::default()),
        source,
        payload_sha256: digest,
        payload_bytes: body.len() as u64,
        prefix: &"t".parse().unwrap(),
        traceparent: TraceParent {
            trace_id: TraceId::derive(NOW, &token),
            span_id: SpanId::from_random([request; 8]),
            sampled: true,
        },
        received_at: NOW,
        retention_days: 7,
    });
    // The table keeps whole seconds.
    let record = Record {
        expires_at: Timestamp::from_epoch_ms(1_700_600_000_000),
        ..record
    };
    (
        record,
        Payload {
            body: body.to_vec(),
            content_type: Some("application/json".into()),
        },
    )
}
