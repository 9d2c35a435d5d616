//! The spans of executions: one per invocation and per try that ran, none on replay, one root at the end.

use std::fmt::Write as _;

use aws_durable_execution_sdk::test_util::LocalRunner;
use sha2::{Digest, Sha256};
use tracehook_core::Status;
use tracehook_core::record::StepName;
use tracehook_processor::HandlerError;
use tracehook_telemetry::testing::{Recorded, Recording};
use tracehook_test_support::table::Fault;

use crate::world::{CHECKPOINTS, Outcome, World, succeed};

fn named<'a>(spans: &'a [Recorded], name: &str) -> Vec<&'a Recorded> {
    spans.iter().filter(|span| span.name == name).collect()
}

/// The numbers of tries by step.
type Tries = [usize; StepName::ALL.len()];

/// One try of each step, and `more` tries of one of them.
fn once_and(step: StepName, more: usize) -> Tries {
    StepName::ALL.map(|other| if other == step { 1 + more } else { 1 })
}

const ONCE: Tries = [1; StepName::ALL.len()];

fn is_attempt(span: &Recorded) -> bool {
    span.attribute("durable.attempt.outcome").is_some()
}

/// The attempts of a step, in the order of their ends.
fn attempts<'a>(spans: &'a [Recorded], step: &str) -> Vec<&'a Recorded> {
    let of_step = |span: &&Recorded| span.attribute("durable.operation.name") == Some(step);
    spans.iter().filter(|span| is_attempt(span)).filter(of_step).collect()
}

/// Checks the spans as those of any execution, and counts the tries of each step that ended. Spans of invocations that came
/// to no end are beside the webhook's trace.
fn tries(spans: &[Recorded], outcome: &Outcome, case: &str) -> Tries {
    let home = outcome.record.traceparent;
    for span in spans {
        let token = outcome.record.token.to_string();
        assert_eq!(
            span.attribute("webhook.execution_token"),
            Some(&*token),
            "{case}: {span:?}"
        );
    }
    let (spans, beside): (Vec<_>, Vec<_>) = spans.iter().cloned().partition(|span| span.trace_id == home.trace_id);
    for top in beside.iter().filter(|span| span.parent.is_none()) {
        if top.name == "failed webhook github" {
            assert_eq!(top.link("webhook"), Some(home.span_id), "{case}: {top:?}");
            assert!(
                top.failure.is_some() && outcome.record.status == Status::Failed,
                "{case}"
            );
            continue;
        }
        assert_eq!(top.link("execution"), Some(home.span_id), "{case}: {top:?}");
        assert_eq!(top.attribute("durable.invocation.status"), Some("RETRYING"), "{case}");
    }
    let mut ids: Vec<_> = spans.iter().map(|span| span.span_id.to_string()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), spans.len(), "{case}: a span is there twice: {spans:#?}");
    let one = |name: &str| {
        let found = named(&spans, name);
        assert_eq!(found.len(), 1, "{case}: {name} in {spans:#?}");
        found[0].clone()
    };
    let (root, workflow) = (one("webhook github"), one("Workflow"));
    assert_eq!((root.span_id, root.parent), (home.span_id, None), "{case}");
    assert_eq!(workflow.parent, Some(root.span_id), "{case}");
    for span in &spans {
        let parent = spans.iter().find(|other| Some(other.span_id) == span.parent);
        assert_eq!(parent.is_none(), span.span_id == root.span_id, "{case}: {span:?}");
        assert!(
            parent.is_none_or(|parent| parent.began <= span.began && span.ended <= parent.ended),
            "{case}: {span:?} is not within {parent:?}"
        );
        for (relation, to) in &span.links {
            assert!(
                spans.iter().any(|other| other.span_id == *to),
                "{case}: {relation} of {span:?} in {spans:#?} beside {beside:#?}"
            );
        }
    }
    for step in StepName::ALL {
        let tried = attempts(&spans, step.as_str());
        let operation = named(&spans, step.as_str());
        assert_eq!(
            operation.len(),
            usize::from(!tried.is_empty()),
            "{case}: {step} in {spans:#?}"
        );
        for span in &operation {
            assert_eq!(span.parent, Some(workflow.span_id), "{case}");
            let first = tried.iter().map(|span| span.began).min().unwrap();
            assert!(span.began <= first, "{case}: {span:?}");
        }
    }
    StepName::ALL.map(|step| {
        let (interrupted, found): (Vec<_>, Vec<_>) = attempts(&spans, step.as_str())
            .into_iter()
            .partition(|span| span.attribute("durable.attempt.outcome") == Some("INTERRUPTED"));
        let entry = outcome.record.steps.get(&step);
        assert_eq!(
            interrupted.len(),
            entry.map_or(0, |entry| entry.interrupted) as usize,
            "{case}"
        );
        for span in interrupted {
            assert_eq!(span.attribute("error.type"), Some("interrupted"), "{case}");
            assert!(span.failure.is_some(), "{case}");
        }
        for span in &found {
            let invocation = span.link("invocation").unwrap();
            assert!(spans.iter().any(|span| span.span_id == invocation), "{case}");
        }
        for span in attempts(&spans, step.as_str()) {
            assert_eq!(span.parent, Some(workflow.span_id), "{case}");
        }
        found.len()
    })
}

#[tokio::test]
async fn an_undisturbed_execution_has_one_span_per_step_and_one_per_attempt_in_aws_s_words() {
    let recording = Recording::start().unwrap();
    let outcome = World::new().await.run(LocalRunner::new(), succeed).await;
    let spans = recording.ended();
    assert_eq!(tries(&spans, &outcome, "undisturbed"), ONCE);
    let invocation = named(&spans, "invocation")[0];
    assert_eq!(invocation.attribute("durable.invocation.status"), Some("SUCCEEDED"));
    assert_eq!(invocation.attribute("durable.invocation.first"), Some("true"));
    let workflow = named(&spans, "Workflow")[0];
    assert_eq!(workflow.attribute("durable.execution.status"), Some("SUCCEEDED"));
    assert!(workflow.attribute("durable.execution.arn").is_some());
    for (position, step) in StepName::ALL.into_iter().enumerate() {
        let (operation, attempt) = (named(&spans, step.as_str())[0], attempts(&spans, step.as_str())[0]);
        assert_eq!(attempt.name, format!("{step} attempt 1"));
        // The engine's own id of the operation: the digest of its position.
        let id = hex(&Sha256::digest((position + 1).to_string()));
        for span in [operation, attempt] {
            for (key, value) in [
                ("durable.operation.id", &*id),
                ("durable.operation.name", step.as_str()),
                ("durable.operation.type", "STEP"),
                ("durable.operation.subtype", "Step"),
                ("durable.attempt.number", "1"),
            ] {
                assert_eq!(span.attribute(key), Some(value), "{key} of {step}");
            }
            assert_eq!(span.links, [("invocation".to_owned(), invocation.span_id)], "{step}");
        }
        assert_eq!(attempt.attribute("durable.attempt.outcome"), Some("SUCCEEDED"));
        assert_eq!(operation.attribute("durable.operation.status"), Some("SUCCEEDED"));
    }
    let well = |span: &&Recorded| !span.is_ok && span.attribute("rpc.system").is_none();
    assert_eq!(spans.iter().filter(well).count(), 0, "{spans:#?}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

#[tokio::test]
async fn a_handler_is_given_the_span_of_its_own_try() {
    let recording = Recording::start().unwrap();
    let world = World::new().await;
    let outcome = world
        .run(LocalRunner::new(), |try_number| match try_number {
            1 => Err(HandlerError::transient("shop_away", "the shop does not answer")),
            _ => succeed(try_number),
        })
        .await;
    let spans = recording.ended();
    let tries: Vec<_> = attempts(&spans, "process")
        .iter()
        .map(|span| (span.trace_id, span.span_id))
        .collect();
    let given: Vec<_> = outcome
        .given
        .iter()
        .map(|given| (given.trace_id, given.span_id))
        .collect();
    assert_eq!((tries.len(), given), (2, tries));
    assert!(outcome.given.iter().all(|given| given.sampled));
}

#[tokio::test]
async fn without_traces_a_handler_is_given_the_place_of_the_webhook() {
    let outcome = World::new().await.run(LocalRunner::new(), succeed).await;
    assert_eq!(outcome.given, [outcome.record.traceparent]);
}

#[tokio::test]
async fn every_try_has_a_span_and_only_those_that_failed_are_errors() {
    let recording = Recording::start().unwrap();
    let outcome = World::new()
        .await
        .run(LocalRunner::new(), |try_number| match try_number {
            1 | 2 => Err(HandlerError::transient("shop_away", "the shop does not answer")),
            _ => succeed(try_number),
        })
        .await;
    let spans = recording.ended();
    assert_eq!(tries(&spans, &outcome, "fails twice"), once_and(StepName::Process, 2));
    let tries = attempts(&spans, "process");
    let failures: Vec<_> = tries.iter().map(|span| span.failure.as_deref()).collect();
    let message = "the shop does not answer";
    assert_eq!(failures, [Some(message), Some(message), None]);
    for (span, number) in tries.iter().zip(["1", "2", "3"]) {
        assert_eq!(span.attribute("durable.attempt.number"), Some(number));
        assert_eq!(span.name, format!("process attempt {number}"));
    }
    let process = named(&spans, "process")[0];
    assert_eq!(
        (process.attribute("durable.attempt.number"), &process.failure),
        (Some("3"), &None)
    );
    assert_eq!(tries[0].attribute("error.type"), Some("shop_away"));
    for invocation in named(&spans, "invocation") {
        assert!(invocation.is_ok, "a suspension is no error");
    }
}

#[tokio::test]
async fn a_checkpoint_that_is_lost_anywhere_repeats_no_span_and_leaves_one_root() {
    for skip in 0..CHECKPOINTS {
        let world = World::new().await;
        let recording = Recording::start().unwrap();
        let runner = LocalRunner::new().fail_checkpoints_after_retryable(skip, 1);
        let outcome = world.run(runner, succeed).await;
        assert_eq!(outcome.record.status, Status::Completed, "checkpoint {skip}");
        let spans = recording.ended();
        assert_eq!(
            tries(&spans, &outcome, &format!("checkpoint {skip}")),
            ONCE,
            "checkpoint {skip}: what the invocation without an end has done is told once"
        );
    }
}

#[tokio::test]
async fn an_answer_of_the_last_write_that_is_lost_leaves_one_root_with_the_time_of_that_write() {
    let world = World::new().await;
    world.table.faults.next("REMOVE", Fault::AnswerLost);
    let recording = Recording::start().unwrap();
    let outcome = world.run(LocalRunner::new(), succeed).await;
    let spans = recording.ended();
    assert_eq!(tries(&spans, &outcome, "answer lost"), once_and(StepName::Finalize, 1));
    assert_eq!(
        named(&spans, "webhook github")[0].attribute("webhook.status"),
        Some("completed")
    );
}

#[tokio::test]
async fn the_root_and_the_invocation_of_a_failed_webhook_say_why() {
    let recording = Recording::start().unwrap();
    let outcome = World::new()
        .await
        .run(LocalRunner::new(), |_| {
            Err(HandlerError::permanent("order_unknown", "no such order"))
        })
        .await;
    let spans = recording.ended();
    // The steps between the failed one and `finalize` do not run.
    let ran = StepName::ALL.map(|step| usize::from(step <= StepName::Process || step == StepName::Finalize));
    assert_eq!(tries(&spans, &outcome, "permanent"), ran);
    for name in [
        "webhook github",
        "Workflow",
        "process",
        "process attempt 1",
        "invocation",
    ] {
        let span = named(&spans, name)[0];
        assert_eq!(span.failure.as_deref(), Some("no such order"), "{name}");
        assert_eq!(span.attribute("error.type"), Some("order_unknown"), "{name}");
    }
    assert!(named(&spans, "finalize attempt 1")[0].is_ok);
    let failure = named(&spans, "failed webhook github")[0];
    assert_ne!(failure.trace_id, outcome.record.traceparent.trace_id);
    assert_eq!(failure.attribute("error.type"), Some("order_unknown"));
    let workflow = named(&spans, "Workflow")[0];
    assert_eq!(workflow.attribute("durable.execution.status"), Some("FAILED"));
}

#[tokio::test]
async fn a_replaced_execution_exports_no_root_span() {
    let world = World::new().await;
    let newer = aws_sdk_dynamodb::types::AttributeValue::S("newer".into());
    let key = |text: String| aws_sdk_dynamodb::types::AttributeValue::S(text);
    world
        .table
        .client
        .update_item()
        .table_name("tracehook")
        .key("executionToken", key(world.record.token.to_string()))
        .key("item", key("state".into()))
        .update_expression("SET executionName = :newer")
        .expression_attribute_values(":newer", newer)
        .send()
        .await
        .unwrap();
    let recording = Recording::start().unwrap();
    let outcome = world.run(LocalRunner::new(), succeed).await;
    assert_eq!(outcome.result.error_type(), Some("superseded"));
    let spans = recording.ended();
    assert!(named(&spans, "webhook github").is_empty() && named(&spans, "Workflow").is_empty());
}
