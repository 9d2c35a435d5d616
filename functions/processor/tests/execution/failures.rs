//! Executions that fail end in a record with the reason.

use aws_durable_execution_sdk::test_util::LocalRunner;
use aws_sdk_dynamodb::types::AttributeValue;
use tracehook_core::Status;
use tracehook_core::record::{StepName, StepStatus};
use tracehook_processor::HandlerError;

use crate::world::{Outcome, World, succeed};

fn assert_failed(outcome: &Outcome, step: StepName, code: &str, tries: u32) {
    let error = outcome.record.error.as_ref().unwrap();
    assert_eq!((outcome.record.status, error.code.as_str()), (Status::Failed, code));
    assert_eq!(outcome.result.error_type(), Some(code));
    assert_eq!(outcome.record.current_step, Some(step));
    let failed = outcome.record.steps[&step].clone();
    assert_eq!((failed.status, failed.tries), (StepStatus::Failed, tries));
    assert!(!error.message.contains(code), "{}", error.message);
}

#[tokio::test]
async fn a_handler_that_fails_twice_and_then_succeeds_completes_at_the_third_try() {
    let outcome = World::new()
        .await
        .run(LocalRunner::new(), |try_number| match try_number {
            1 | 2 => Err(HandlerError::transient("shop_away", "the shop does not answer")),
            _ => succeed(try_number),
        })
        .await;
    assert_eq!(outcome.record.status, Status::Completed);
    assert_eq!(outcome.record.steps[&StepName::Process].tries, 3);
    assert_eq!((outcome.calls, outcome.record.error), (3, None));
}

#[tokio::test]
async fn a_handler_that_always_fails_ends_the_webhook_with_its_code_after_the_last_try() {
    let outcome = World::new()
        .await
        .run(LocalRunner::new(), |_| {
            Err(HandlerError::transient("shop_away", "the shop does not answer"))
        })
        .await;
    assert_failed(&outcome, StepName::Process, "shop_away", 3);
    assert_eq!(outcome.record.error.unwrap().message, "the shop does not answer");
    assert_eq!(outcome.calls, 3);
}

#[tokio::test]
async fn a_permanent_failure_stops_at_once() {
    let outcome = World::new()
        .await
        .run(LocalRunner::new(), |_| {
            Err(HandlerError::permanent("order_unknown", "no such order"))
        })
        .await;
    assert_failed(&outcome, StepName::Process, "order_unknown", 1);
    assert_eq!(outcome.calls, 1);
}

#[tokio::test]
async fn a_handler_that_panics_ends_the_webhook_and_not_the_function() {
    let outcome = World::new()
        .await
        .run(LocalRunner::new(), |_| panic!("with a payload in its message"))
        .await;
    assert_failed(&outcome, StepName::Process, "handler_panicked", 1);
    assert_eq!(outcome.calls, 1);
    assert_eq!(outcome.record.error.unwrap().message, "the handler panicked");
}

#[tokio::test]
async fn a_result_over_the_limit_is_refused_before_the_engine_refuses_it() {
    let outcome = World::new()
        .await
        .run(LocalRunner::new(), |_| {
            Ok(serde_json::Value::String("x".repeat(300_000)))
        })
        .await;
    assert_failed(&outcome, StepName::Process, "result_too_large", 1);
}

#[tokio::test]
async fn an_expired_payload_ends_the_webhook_at_once() {
    let world = World::new().await;
    delete_payload(&world).await;
    let outcome = world.run(LocalRunner::new(), succeed).await;
    assert_failed(&outcome, StepName::Validate, "payload_expired", 1);
    assert_eq!(outcome.calls, 0);
}

#[tokio::test]
async fn a_payload_that_is_not_the_one_received_is_never_handled() {
    let world = World::new().await;
    let key = delete_payload(&world).await;
    let damaged = world.table.client.put_item().table_name("tracehook");
    damaged
        .item("executionToken", AttributeValue::S(world.record.token.to_string()))
        .item("item", key)
        .item("body", AttributeValue::B(b"{}".to_vec().into()))
        .send()
        .await
        .unwrap();
    let outcome = world.run(LocalRunner::new(), succeed).await;
    assert_failed(&outcome, StepName::Validate, "payload_damaged", 1);
    assert_eq!(outcome.calls, 0);
}

#[tokio::test]
async fn a_payload_that_violates_its_schema_ends_the_webhook_before_it_is_handled() {
    let mut world = World::new().await;
    world.schema = Some(r#"{"required": ["after"], "properties": {"ref": {"maxLength": 3}}}"#);
    let outcome = world.run(LocalRunner::new(), succeed).await;
    assert_failed(&outcome, StepName::Validate, "schema_violation", 1);
    assert_eq!(outcome.calls, 0);
    let message = outcome.record.error.unwrap().message;
    assert!(
        message.ends_with(": the whole (required), /ref (maxLength)"),
        "{message}"
    );
}

#[tokio::test]
async fn a_payload_that_is_as_its_schema_says_is_handled() {
    let mut world = World::new().await;
    world.schema = Some(r#"{"required": ["ref"]}"#);
    let outcome = world.run(LocalRunner::new(), succeed).await;
    assert_eq!((outcome.record.status, outcome.calls), (Status::Completed, 1));
}

#[tokio::test]
async fn an_execution_that_was_replaced_runs_nothing_and_changes_nothing() {
    let world = World::new().await;
    let update = world.table.client.update_item().table_name("tracehook");
    update
        .key("executionToken", AttributeValue::S(world.record.token.to_string()))
        .key("item", AttributeValue::S("state".into()))
        .update_expression("SET executionName = :newer")
        .expression_attribute_values(":newer", AttributeValue::S("newer".into()))
        .send()
        .await
        .unwrap();
    let outcome = world.run(LocalRunner::new(), succeed).await;
    assert_eq!(outcome.result.error_type(), Some("superseded"));
    assert_eq!((outcome.record.status, outcome.calls), (Status::Received, 0));
}

async fn delete_payload(world: &World) -> AttributeValue {
    let items = world
        .table
        .client
        .scan()
        .table_name("tracehook")
        .send()
        .await
        .unwrap()
        .items
        .unwrap();
    let payload = items.into_iter().find(|item| item.contains_key("body")).unwrap();
    let key = payload["item"].clone();
    let delete = world.table.client.delete_item().table_name("tracehook");
    delete
        .key("executionToken", payload["executionToken"].clone())
        .key("item", key.clone())
        .send()
        .await
        .unwrap();
    key
}
