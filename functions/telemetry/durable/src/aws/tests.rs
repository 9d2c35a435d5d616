//! The spans of `DynamoDB`'s operations, over a connection with fixed answers.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::error::{DisplayErrorContext, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::SpanData;
use tracing::Instrument;
use tracing_subscriber::layer::SubscriberExt;

use super::*;
use crate::buffer::Take;
use crate::drops::OnDropped;
use crate::export::{Exporter, ExporterConfig};
use crate::pipeline::{Instrumentation, layers};
use crate::sampler::Sampler;

/// Answers every request with a status and a body.
#[derive(Debug, Clone, Copy)]
struct Fixed(u16, &'static str);

impl HttpConnector for Fixed {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let status = aws_smithy_runtime_api::http::StatusCode::try_from(self.0).unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, self.1.into())))
    }
}

fn client(answer: Fixed) -> Client {
    let http = http_client_fn(move |_: &HttpConnectorSettings, _| SharedHttpConnector::new(answer));
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("AKID", "secret", None, None, "test"))
        .http_client(http)
        .interceptor(ClientSpans);
    Client::from_conf(config.build())
}

/// The client span of one call.
async fn span_of<T, E: std::error::Error + 'static>(
    call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
) -> (SpanData, bool) {
    let config = ExporterConfig {
        endpoint: "http://127.0.0.1:9".parse().unwrap(),
        headers: http::HeaderMap::new(),
        sign_for: None,
        timeout: Duration::from_secs(1),
        gzip: false,
        sampler: Sampler::default(),
        resource: Vec::new(),
        other: None,
    };
    let exporter = Arc::new(Exporter::new(&config, OnDropped::new(|_, _| {})).unwrap());
    let instrumentation = Instrumentation {
        scope: "test",
        version: "1",
        hidden: &[],
        lead: || Duration::ZERO,
    };
    let subscriber = tracing_subscriber::registry().with(layers(Arc::clone(&exporter), instrumentation));
    let _current = tracing::subscriber::set_default(subscriber);
    let result = call.instrument(info_span!("work")).await;
    if let Err(error) = &result {
        eprintln!("{}", DisplayErrorContext(error));
    }
    let mut spans = exporter.buffer().take(usize::MAX, Take::All);
    (spans.remove(0), result.is_ok())
}

fn attribute(span: &SpanData, name: &str) -> Option<String> {
    let found = span
        .attributes
        .iter()
        .find(|attribute| attribute.key.as_str() == name)?;
    Some(found.value.to_string())
}

const ANSWER: Fixed = Fixed(
    200,
    r#"{"ConsumedCapacity":{"TableName":"orders","CapacityUnits":2.5}}"#,
);

#[tokio::test]
async fn every_operation_has_its_table_and_its_consumed_capacity() {
    let client = client(ANSWER);
    let key = || AttributeValue::S("1".into());
    let table = "orders";
    let spans = [
        span_of(client.get_item().table_name(table).key("id", key()).send()).await,
        span_of(client.put_item().table_name(table).item("id", key()).send()).await,
        span_of(client.update_item().table_name(table).key("id", key()).send()).await,
        span_of(client.delete_item().table_name(table).key("id", key()).send()).await,
        span_of(client.query().table_name(table).send()).await,
        span_of(client.scan().table_name(table).send()).await,
    ];
    let names = ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"];
    for ((span, succeeded), name) in spans.into_iter().zip(names) {
        assert!(succeeded, "{name}");
        assert_eq!(span.name, format!("DynamoDB.{name}"));
        let expected = [
            ("db.collection.name", "orders"),
            ("aws.dynamodb.table_names", r#"["orders"]"#),
            (
                "aws.dynamodb.consumed_capacity",
                r#"["{"CapacityUnits":2.5,"TableName":"orders"}"]"#,
            ),
        ];
        for (attribute_name, value) in expected {
            assert_eq!(
                attribute(&span, attribute_name).as_deref(),
                Some(value),
                "{name} {attribute_name}"
            );
        }
    }
}

#[tokio::test]
async fn a_call_of_several_tables_has_the_capacity_of_each() {
    let answer = r#"{"Responses":{},"ConsumedCapacity":[{"TableName":"a","CapacityUnits":1},{"TableName":"b","CapacityUnits":0.5}]}"#;
    let keys = aws_sdk_dynamodb::types::KeysAndAttributes::builder()
        .keys([("id".to_owned(), AttributeValue::S("1".into()))].into())
        .build()
        .unwrap();
    let call = client(Fixed(200, answer))
        .batch_get_item()
        .request_items("a", keys)
        .send();
    let (span, succeeded) = span_of(call).await;
    assert!(succeeded);
    assert_eq!(attribute(&span, "aws.dynamodb.table_names"), None);
    let capacity = attribute(&span, "aws.dynamodb.consumed_capacity").unwrap();
    assert!(
        capacity.contains(r#"{"CapacityUnits":1.0,"TableName":"a"}"#)
            && capacity.contains(r#"{"CapacityUnits":0.5,"TableName":"b"}"#),
        "{capacity}"
    );
}

#[tokio::test]
async fn an_answer_without_capacity_and_an_expected_error_leave_the_span_as_it_is() {
    let get = |answer| client(answer).get_item().table_name("orders").send();
    let (span, succeeded) = span_of(get(Fixed(200, "{}"))).await;
    assert!(succeeded);
    assert_eq!(attribute(&span, "aws.dynamodb.consumed_capacity"), None);

    for (code, failed, body) in [
        (
            "ConditionalCheckFailedException",
            false,
            r#"{"__type":"com.amazonaws#ConditionalCheckFailedException"}"#,
        ),
        (
            "AccessDeniedException",
            true,
            r#"{"__type":"com.amazonaws#AccessDeniedException"}"#,
        ),
        // As S3 writes it.
        (
            "AccessDenied",
            true,
            "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>",
        ),
    ] {
        let (span, succeeded) = span_of(get(Fixed(400, body))).await;
        assert!(!succeeded);
        assert_eq!(attribute(&span, "rpc.response.status_code").as_deref(), Some(code));
        assert_eq!(attribute(&span, "db.collection.name").as_deref(), Some("orders"));
        assert_eq!(matches!(span.status, Status::Error { .. }), failed, "{code}");
    }
}
