//! A real table (embedded `DynamoDB` over HTTP on a free port), and a bucket where a test asks for one, behind clients that
//! can lose calls and answers.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod bucket;
mod faults;
mod webhook;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpClient, SharedHttpClient, SharedHttpConnector, http_client_fn};
use dynoxide::Database;
use tracehook_store::Store;

pub use bucket::Bucket;
use faults::Faulty;
pub use faults::{Fault, Faults};
pub use webhook::{NOW, large_webhook, path_to, webhook};

/// A table with its store.
#[derive(Debug)]
pub struct Table {
    /// The store under test.
    pub store: Store,
    /// The client of the store, for what the store does not do.
    pub client: Client,
    /// The faults of the client's calls.
    pub faults: Faults,
}

/// Starts an empty table. Its client tries every call `tries` times.
///
/// # Panics
/// When the table cannot be made.
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

/// The HTTP client to which the faults happen.
fn http_client(faults: &Faults) -> SharedHttpClient {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .build_https();
    let faults = faults.clone();
    http_client_fn(move |settings, components| {
        SharedHttpConnector::new(Faulty {
            inner: http.http_connector(settings, components),
            faults: faults.clone(),
        })
    })
}

fn retries(tries: u32) -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(tries)
        .with_initial_backoff(std::time::Duration::from_millis(1))
}

fn client(endpoint: &str, faults: &Faults, tries: u32) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(endpoint)
        .retry_config(retries(tries))
        .http_client(http_client(faults))
        .build();
    Client::from_conf(config)
}
