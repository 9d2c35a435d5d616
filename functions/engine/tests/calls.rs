//! The calls of the engine against a service in memory: their outcomes, and the IAM actions that they need.

#![cfg(test)]

use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_lambda::{Client, Config};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use tracehook_core::record::{ExecutionState, New, Start};
use tracehook_core::trace::{SpanId, TraceId, TraceParent};
use tracehook_core::{ExecutionToken, Labels, Record, SourceName, Timestamp, WebhookSummary};
use tracehook_engine::{Engine, EngineError, actions};
use tracehook_test_support::calls::Sent;

/// Answers every call alike: with a status, an error code and a body, or not at all.
#[derive(Debug, Clone, Copy)]
struct Answer(Option<(u16, &'static str, &'static str)>);

impl HttpConnector for Answer {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let Some((status, code, body)) = self.0 else {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("reset".into())));
        };
        let mut response = HttpResponse::new(status.try_into().unwrap(), body.into());
        response.headers_mut().insert("x-amzn-errortype", code);
        HttpConnectorFuture::ready(Ok(response))
    }
}

fn engine(answer: Answer) -> (Engine, Sent) {
    let sent = Sent::default();
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .interceptor(sent.clone())
        .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(answer)))
        .build();
    (Engine::new(Client::from_conf(config), "p:live"), sent)
}

fn record() -> Record {
    let token = ExecutionToken::from_random([7; 16]);
    let source: SourceName = "github".parse().unwrap();
    let at = Timestamp::from_epoch_ms(1_700_000_000_000);
    Record::received(New {
        token,
        summary: WebhookSummary::new(&source, None, None, &[]),
        labels: Labels::new(),
        source,
        delivery_id: None,
        payload_sha256: [0; 32],
        payload_bytes: 2,
        prefix: &"t".parse().unwrap(),
        traceparent: TraceParent {
            trace_id: TraceId::derive(at, &token),
            span_id: SpanId::from_random([1; 8]),
            sampled: true,
        },
        received_at: at,
        deduplication_days: 7,
    })
}

#[tokio::test]
async fn a_start_is_refused_by_a_client_error_other_than_throttling_and_deferred_by_everything_else_that_fails() {
    let deferred = |code: &str| Start::Deferred { code: code.to_owned() };
    let refused = |code: &str| Start::Refused { code: code.to_owned() };
    for (answer, expected) in [
        (Some((202, "", "")), Start::Started),
        (
            Some((409, "DurableExecutionAlreadyStartedException", "{}")),
            Start::AlreadyRunning,
        ),
        (
            Some((400, "InvalidParameterValueException", "{}")),
            refused("InvalidParameterValueException"),
        ),
        (
            Some((403, "AccessDeniedException", "{}")),
            refused("AccessDeniedException"),
        ),
        (
            Some((404, "ResourceNotFoundException", "{}")),
            refused("ResourceNotFoundException"),
        ),
        (
            Some((429, "TooManyRequestsException", "{}")),
            deferred("TooManyRequestsException"),
        ),
        (Some((500, "ServiceException", "{}")), deferred("ServiceException")),
        (None, deferred("no answer")),
    ] {
        let (engine, _) = engine(Answer(answer));
        assert_eq!(engine.start(&record()).await, expected, "{answer:?}");
    }
}

#[tokio::test]
async fn a_state_that_is_not_known_and_an_error_say_nothing_about_an_execution() {
    const PAUSED: &str = r#"{"DurableExecutionArn":"arn","DurableExecutionName":"n","FunctionArn":"f",
        "Status":"PAUSED","StartTimestamp":1.5}"#;
    let with_arn = Record {
        execution_arn: Some("arn".to_owned()),
        ..record()
    };
    let unavailable = |code: &str| Err(EngineError::Unavailable(code.to_owned()));
    for (answer, expected) in [
        (Some((404, "ResourceNotFoundException", "{}")), Ok(None)),
        (
            Some((403, "AccessDeniedException", "{}")),
            unavailable("AccessDeniedException"),
        ),
        (Some((200, "", PAUSED)), unavailable("unknown state")),
        (None, unavailable("no answer")),
    ] {
        let (engine, _) = engine(Answer(answer));
        assert_eq!(engine.execution_of(&with_arn).await, expected, "{answer:?}");
    }
}

#[tokio::test]
async fn an_execution_of_another_name_is_not_that_of_the_record() {
    let other = format!("{}-2", record().execution_name);
    let listed = |name: &str| {
        let body = format!(
            r#"{{"DurableExecutions":[{{"DurableExecutionArn":"arn","DurableExecutionName":"{name}",
            "FunctionArn":"f","Status":"STOPPED","StartTimestamp":1.5}}]}}"#
        );
        Answer(Some((200, "", body.leak())))
    };
    let (engine_of_other, _) = engine(listed(&other));
    assert_eq!(engine_of_other.execution_of(&record()).await, Ok(None));
    let (engine_of_same, _) = engine(listed(&record().execution_name));
    let found = engine_of_same.execution_of(&record()).await.unwrap().unwrap();
    assert_eq!((found.arn.as_str(), found.state), ("arn", ExecutionState::Stopped));
    assert_eq!(found.started_at, Some(Timestamp::from_epoch_ms(1500)));
}

#[tokio::test]
async fn an_execution_that_is_unknown_is_as_good_as_stopped() {
    for (answer, is_stopped) in [
        (Some((200, "", r#"{"StopTimestamp":1.5}"#)), true),
        (Some((404, "ResourceNotFoundException", "{}")), true),
        (Some((403, "AccessDeniedException", "{}")), false),
        (Some((429, "TooManyRequestsException", "{}")), false),
        (None, false),
    ] {
        let (engine, _) = engine(Answer(answer));
        assert_eq!(engine.stop("arn", "a reason").await.is_ok(), is_stopped, "{answer:?}");
    }
}

#[tokio::test]
async fn each_list_of_actions_is_what_its_method_sends() {
    let (engine, sent) = engine(Answer(None));
    engine.start(&record()).await;
    assert_eq!(sent.take(), actions::START);
    let _ = engine.stop("arn", "a reason").await;
    assert_eq!(sent.take(), actions::STOP);
    let with_arn = Record {
        execution_arn: Some("arn".to_owned()),
        ..record()
    };
    for record in [record(), with_arn] {
        engine.execution_of(&record).await.unwrap_err();
    }
    assert_eq!(sent.take(), actions::READ);
}
