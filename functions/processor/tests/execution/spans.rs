//! The spans of executions: one per invocation and per try that ran, none on replay, one root at the end.

use aws_durable_execution_sdk::test_util::LocalRunner;
use tracehook_core::Status;
use tracehook_core::record::StepName;
use tracehook_processor::HandlerError;
use tracehook_telemetry::testing::{Recorded, Recording};
use tracehook_test_support::table::Fault;

use crate::world::{CHECKPOINTS, Outcome, World, outcome_of, succeed};

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

/// Checks the spans as those of any execution, and counts the tries of each step.
fn tries(spans: &[Recorded], outcome: &Outcome, case: &str) -> Tries {
    let home = outcome.record.traceparent;
    let mut ids: Vec<_> = spans.iter().map(|span| span.span_id.to_string()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), spans.len(), "{case}: a span is there twice");
    for span in spans {
        assert_eq!(span.trace_id, home.trace_id, "{case}: {span:?}");
        let token = outcome.record.token.to_string();
        assert_eq!(
            span.attribute("webhook.execution_token"),
            Some(&*token),
            "{case}: {span:?}"
        );
    }
    let roots = named(spans, "webhook github");
    assert_eq!(roots.len(), 1, "{case}");
    assert_eq!((roots[0].span_id, roots[0].parent), (home.span_id, None), "{case}");
    assert_eq!(
        named(spans, "invocation").len(),
        outcome.result.invocation_count(),
        "{case}: {spans:?}"
    );
    StepName::ALL.map(|step| {
        let (interrupted, found): (Vec<_>, Vec<_>) = named(spans, &format!("step {step}"))
            .into_iter()
            .partition(|span| span.attribute("durable.attempt.outcome") == Some("interrupted"));
        let entry = outcome.record.steps.get(&step);
        assert_eq!(
            interrupted.len(),
            entry.map_or(0, |entry| entry.interrupted) as usize,
            "{case}"
        );
        for span in interrupted {
            assert_eq!(
                (span.parent, span.attribute("error.type")),
                (Some(home.span_id), Some("interrupted")),
                "{case}"
            );
            assert!(span.failure.is_some(), "{case}");
        }
        for span in &found {
            assert_eq!(span.parent, Some(home.span_id), "{case}");
            let invocation = span.link("invocation").unwrap();
            assert!(
                named(spans, "invocation").iter().any(|span| span.span_id == invocation),
                "{case}"
            );
        }
        found.len()
    })
}

#[tokio::test]
async fn an_undisturbed_execution_has_one_span_per_step_and_each_leads_to_the_one_before() {
    let recording = Recording::start().unwrap();
    let outcome = World::new().await.run(LocalRunner::new(), succeed).await;
    let spans = recording.ended();
    assert_eq!(tries(&spans, &outcome, "undisturbed"), ONCE);
    let mut previous = None;
    for step in StepName::ALL {
        let span = named(&spans, &format!("step {step}"))[0];
        assert_eq!(span.link("previous_step"), previous, "{step}");
        previous = Some(span.span_id);
    }
    let invocation = named(&spans, "invocation")[0];
    assert_eq!(invocation.attribute("durable.invocation.outcome"), Some("completed"));
    assert_eq!(invocation.attribute("durable.invocation.replay"), Some("false"));
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
    let tries: Vec<_> = named(&spans, "step process")
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
    let tries = named(&spans, "step process");
    let failures: Vec<_> = tries.iter().map(|span| span.failure.as_deref()).collect();
    let message = "the shop does not answer";
    assert_eq!(failures, [Some(message), Some(message), None]);
    for (span, number) in tries.iter().zip(["1", "2", "3"]) {
        assert_eq!(span.attribute("durable.attempt.number"), Some(number));
    }
    assert_eq!(tries[0].attribute("error.type"), Some("shop_away"));
    for invocation in named(&spans, "invocation") {
        assert_eq!(invocation.failure, None, "a suspension is no error");
    }
}

#[tokio::test]
async fn a_checkpoint_that_is_lost_anywhere_repeats_no_span_and_leaves_one_root() {
    for skip in 0..CHECKPOINTS {
        // Only where a step's outcome is lost, its body is done and runs again.
        let lost = StepName::ALL.into_iter().find(|step| skip == outcome_of(*step));
        let expected = lost.map_or(ONCE, |step| once_and(step, 1));
        let world = World::new().await;
        let recording = Recording::start().unwrap();
        let runner = LocalRunner::new().fail_checkpoints_after_retryable(skip, 1);
        let outcome = world.run(runner, succeed).await;
        assert_eq!(outcome.record.status, Status::Completed, "checkpoint {skip}");
        let spans = recording.ended();
        assert_eq!(
            tries(&spans, &outcome, &format!("checkpoint {skip}")),
            expected,
            "checkpoint {skip}"
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
    for name in ["webhook github", "step process", "invocation"] {
        let span = named(&spans, name)[0];
        assert_eq!(span.failure.as_deref(), Some("no such order"), "{name}");
        assert_eq!(span.attribute("error.type"), Some("order_unknown"), "{name}");
    }
    assert_eq!(named(&spans, "step finalize")[0].failure, None);
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
    assert!(named(&recording.ended(), "webhook github").is_empty());
}
