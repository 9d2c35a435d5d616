//! Telemetry of the reconciler: a span for each action in the webhook's trace, and metrics.

use std::collections::BTreeMap;

use serde_json::json;
use tracehook_core::{Record, Status, Timestamp};
use tracehook_telemetry::testing::{Counting, Recorded, Recording};
use tracehook_test_support::table::{Fault, table};

use crate::world::{World, ago, dead_letters, start_payload, status_event};

/// The counted metrics, without those of every sweep.
fn counted(counting: &Counting) -> BTreeMap<String, f64> {
    let of_sweeps = ["Sweeps", "WebhooksOpen", "WebhooksStuck", "OldestOpenAge"];
    let all = counting.taken().into_iter();
    all.filter(|(name, _)| !of_sweeps.iter().any(|of| name.starts_with(of)))
        .map(|(name, values)| (name, values.iter().sum()))
        .collect()
}

fn expected<'a>(values: impl IntoIterator<Item = (&'a str, f64)>) -> BTreeMap<String, f64> {
    values
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Checks that a span is in the webhook's trace, under the root, with the action and its reason.
fn assert_action(span: &Recorded, record: &Record, name: &str, trigger: &str, outcome: &str) {
    assert_eq!(span.name, name);
    let attempt = record.attempt_root();
    assert_eq!(
        (span.trace_id, span.parent),
        (attempt.trace_id, Some(attempt.span_id)),
        "{span:?}"
    );
    assert_of(span, record, trigger, outcome);
}

/// An action that comes after the attempt: it has a trace of its own, which leads to the webhook.
fn assert_beside(span: &Recorded, record: &Record, name: &str, trigger: &str, outcome: &str) {
    assert_eq!((&*span.name, span.parent), (name, None));
    assert_ne!(span.trace_id, record.traceparent.trace_id);
    assert_eq!(span.link("webhook"), Some(record.traceparent.span_id));
    assert_of(span, record, trigger, outcome);
}

fn assert_of(span: &Recorded, record: &Record, trigger: &str, outcome: &str) {
    let (token, source) = (record.token.to_string(), record.source.to_string());
    for (attribute, value) in [
        ("reconciler.trigger", trigger),
        ("reconciler.outcome", outcome),
        ("webhook.execution_token", &token),
        ("webhook.source", &source),
    ] {
        assert_eq!(span.attribute(attribute), Some(value), "{span:?}");
    }
}

fn named<'a>(spans: &'a [Recorded], name: &str) -> &'a Recorded {
    let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
    assert_eq!(found.len(), 1, "{name} in {spans:#?}");
    found[0]
}

#[tokio::test]
async fn a_sweep_tells_what_it_found_nothing_included_and_makes_no_span_of_looking() {
    let world = World::new().await;
    let (recording, counting) = (Recording::start().unwrap(), Counting::start());
    let running = world.at(1, Status::Processing, 200).await;
    world.handle(json!({"action": "sweep"})).await;
    let counts = counting.taken();
    for (name, value) in [
        ("Sweeps outcome=complete", 1.0),
        ("WebhooksOpen", 1.0),
        ("WebhooksStuck reason=not_started", 0.0),
        ("WebhooksStuck reason=open_too_long", 0.0),
    ] {
        assert_eq!(counts[name], [value], "{name}");
    }
    let oldest = counts["OldestOpenAge"][0];
    assert!((200_000.0..260_000.0).contains(&oldest), "{oldest}");
    assert_eq!(counts.len(), 5);
    world.handle(status_event(&running.execution_name, "FAILED")).await;
    let (_, _) = (counting.taken(), recording.ended());
    world.handle(json!({"action": "sweep"})).await;
    assert_eq!(
        (counting.taken()["OldestOpenAge"].clone(), recording.ended()),
        (vec![0.0], vec![])
    );
}

#[tokio::test]
async fn what_is_stuck_is_counted_by_the_way_in_which_it_is() {
    let world = World::new().await;
    let counting = Counting::start();
    // One waits longer for its start than a start takes, one runs longer than it may, and both are young enough.
    world.received(1, 301).await;
    let long = world.at(2, Status::Processing, 7300).await;
    world.deferred(3, 100).await;
    world.engine.reports(&long.execution_name, "RUNNING");
    let swept = world.handle(json!({"action": "sweep"})).await;
    assert_eq!(
        (&swept["open"], &swept["notStarted"], &swept["openTooLong"]),
        (&3.into(), &1.into(), &1.into())
    );
    let counts = counting.taken();
    assert_eq!(counts["WebhooksStuck reason=not_started"], [1.0]);
    assert_eq!(counts["WebhooksStuck reason=open_too_long"], [1.0]);
    assert!(counts["OldestOpenAge"][0] >= 7_300_000.0);
}

#[tokio::test]
async fn a_sweep_that_is_bounded_one_that_fails_and_a_record_that_it_cannot_handle_are_counted() {
    let world = World::with(&[("SWEEP_MAX_RECORDS", "1")]).await;
    for delivery in 1..=3 {
        world.deferred(delivery, 100).await;
    }
    let counting = Counting::start();
    world.engine.away(true);
    world.handle(json!({"action": "sweep"})).await;
    let counts = counting.taken();
    assert_eq!(counts["Sweeps outcome=bounded"], [1.0]);
    assert!(counts["SweepErrors"][0] >= 1.0);
    world.table.faults.next("sweep", Fault::ServerError);
    world.try_handle(json!({"action": "sweep"})).await.unwrap_err();
    assert_eq!(
        counting.taken(),
        BTreeMap::from([("Sweeps outcome=failed".to_owned(), vec![1.0])])
    );
}

#[tokio::test]
async fn a_start_by_the_sweep_is_a_span_and_one_that_fails_says_so() {
    let world = World::new().await;
    let record = world.deferred(1, 100).await;
    let (recording, counting) = (Recording::start().unwrap(), Counting::start());
    world.engine.away(true);
    world.handle(json!({"action": "sweep"})).await;
    let [span] = &recording.ended()[..] else { panic!() };
    assert_action(span, &record, "reconcile start", "sweep", "error");
    assert!(span.failure.as_ref().unwrap().contains("ServiceException"));
    assert_eq!(
        counted(&counting),
        expected([("StartsDeferred source=github", 1.0), ("SweepErrors", 1.0)])
    );
    world.engine.away(false);
    world.handle(json!({"action": "sweep"})).await;
    let [span] = &recording.ended()[..] else { panic!() };
    assert_action(span, &record, "reconcile start", "sweep", "started");
    assert_eq!((&span.failure, &span.links), (&None, &vec![]));
    assert_eq!(counted(&counting), expected([("Starts source=github", 1.0)]));
}

#[tokio::test]
async fn a_refused_start_is_counted_by_its_reason_whatever_made_it() {
    let world = World::new().await;
    let waiting = world.deferred(1, 100).await;
    let dropped = world.received(2, 10).await;
    let failed = world.at(3, Status::Failed, 10).await;
    world.engine.refuses_starts(true);
    let redrive = json!({"action": "redrive", "token": failed.token});
    for event in [
        json!({"action": "sweep"}),
        dead_letters(&[start_payload(&dropped)], ago(1)),
        redrive,
    ] {
        let (recording, counting) = (Recording::start().unwrap(), Counting::start());
        let answer = world.handle(event.clone()).await;
        let counts = counted(&counting);
        for name in [
            "StartsDeferred source=github",
            "StartFailures source=github reason=AccessDeniedException",
        ] {
            assert_eq!(counts.get(name), Some(&1.0), "{event}: {counts:?}");
        }
        if event["action"] == "sweep" {
            assert_eq!(answer["outcomes"]["error"], 1);
            let [span] = &recording.ended()[..] else { panic!() };
            assert_action(span, &waiting, "reconcile start", "sweep", "error");
        }
    }
    assert_eq!(world.engine.starts(), [""; 0]);
}

#[tokio::test]
async fn a_close_is_a_span_beside_the_root_and_counted_once_however_often_it_is_told() {
    let world = World::on(table(2).await, &[]);
    for (delivery, event, status, code, answer_is_lost) in [
        (1, "FAILED", "failed", "execution_failed", false),
        (2, "TIMED_OUT", "timed_out", "execution_timed_out", false),
        (3, "STOPPED", "stopped", "execution_stopped", false),
        // Its second try meets the write of the first one.
        (4, "FAILED", "failed", "execution_failed", true),
    ] {
        let record = world.working(delivery).await;
        if answer_is_lost {
            world.table.faults.next("REMOVE", Fault::AnswerLost);
        }
        let (recording, counting) = (Recording::start().unwrap(), Counting::start());
        let event = status_event(&record.execution_name, event);
        world.handle(event.clone()).await;
        world.handle(event).await;
        assert!(world.table.faults.all_happened());
        let spans = recording.ended();
        assert_action(
            named(&spans, "reconcile close"),
            &record,
            "reconcile close",
            "status_change",
            "closed",
        );
        let root = named(&spans, "webhook github");
        assert_eq!((root.span_id, root.parent), (record.traceparent.span_id, None));
        let workflow = named(&spans, "Workflow");
        assert_eq!(workflow.parent, Some(root.span_id));
        assert_eq!(workflow.attribute("durable.execution.status"), Some("FAILED"));
        // A try had begun; nobody else tells it.
        let interrupted = named(&spans, "process attempt 1");
        assert_eq!(interrupted.parent, Some(workflow.span_id));
        assert_eq!(interrupted.attribute("durable.attempt.outcome"), Some("INTERRUPTED"));
        let failure = named(&spans, "failed webhook github");
        assert_eq!((failure.parent, failure.link("webhook")), (None, Some(root.span_id)));
        assert_eq!(spans.len(), 5, "{spans:#?}");
        for span in &spans {
            let parent = spans.iter().find(|other| Some(other.span_id) == span.parent);
            assert!(
                parent.is_none_or(|parent| span.ended <= parent.ended),
                "{span:?} and {parent:?}"
            );
        }
        assert_eq!(
            counted(&counting),
            expected([
                (format!("RecordsClosed outcome={status}").as_str(), 1.0),
                (format!("ExecutionsFailed source=github reason={code}").as_str(), 1.0),
                ("WebhooksFailed source=github", 1.0),
            ])
        );
    }
}

#[tokio::test]
async fn a_contradiction_is_an_error_in_the_trace_and_counted() {
    let world = World::new().await;
    let record = world.at(1, Status::Completed, 5).await;
    let (recording, counting) = (Recording::start().unwrap(), Counting::start());
    world.handle(status_event(&record.execution_name, "FAILED")).await;
    let [span] = &recording.ended()[..] else { panic!() };
    assert_beside(span, &record, "reconcile compare", "status_change", "contradicts");
    assert!(span.failure.is_some());
    assert_eq!(counted(&counting), expected([("Contradictions", 1.0)]));
}

#[tokio::test]
async fn a_redrive_is_under_the_attempt_that_it_opens_and_is_linked_to_the_one_before() {
    let world = World::new().await;
    let first = world.at(1, Status::Failed, 100).await;
    let (recording, counting) = (Recording::start().unwrap(), Counting::start());
    world.handle(json!({"action": "redrive", "token": first.token})).await;
    let spans = recording.ended();
    let [redrive] = &spans[..] else { panic!("{spans:#?}") };
    let second = world.state(&first.token).await;
    assert_action(redrive, &second, "reconcile redrive", "redrive", "redriven");
    assert_eq!(redrive.attribute("webhook.attempt"), Some("2"));
    assert_eq!(redrive.link("previous_attempt"), Some(first.traceparent.span_id));
    assert_eq!(
        counted(&counting),
        expected([("Redrives outcome=redriven", 1.0), ("Starts source=github", 1.0)])
    );
    // A repeated event and an event of an unknown webhook do nothing, and that is counted.
    world.engine.away(true);
    world.handle(json!({"action": "redrive", "token": first.token})).await;
    let [span] = &recording.ended()[..] else { panic!() };
    assert_action(span, &second, "reconcile start", "redrive", "start_deferred");
    assert_eq!(span.link("previous_attempt"), Some(first.traceparent.span_id));
    world
        .handle(json!({"action": "redrive", "token": "0".repeat(32)}))
        .await;
    assert_eq!(recording.ended(), []);
    let counts = counted(&counting);
    assert_eq!(
        (
            counts["Redrives outcome=started_again"],
            counts["Redrives outcome=token_unknown"]
        ),
        (1.0, 1.0)
    );
}

#[tokio::test]
async fn a_dead_letter_tells_the_attempt_that_was_dropped_and_the_one_that_follows() {
    let world = World::with(&[("MAX_ATTEMPTS", "2")]).await;
    let first = world.received(1, 100).await;
    let (recording, counting) = (Recording::start().unwrap(), Counting::start());
    world.handle(dead_letters(&[start_payload(&first)], ago(1))).await;
    let spans = recording.ended();
    let (dropped, next) = (named(&spans, "webhook github"), named(&spans, "reconcile redrive"));
    let second = world.state(&first.token).await;
    assert_action(next, &second, "reconcile redrive", "dead_letter", "started");
    assert_eq!(next.link("previous_attempt"), Some(dropped.span_id));
    assert_eq!((dropped.span_id, dropped.parent), (first.traceparent.span_id, None));
    assert_eq!(dropped.attribute("error.type"), Some("start_dropped"));
    assert_eq!(
        counted(&counting),
        expected([("DeadLetters outcome=started", 1.0), ("Starts source=github", 1.0)])
    );
    // The second execution is unknown, too, and there is no third.
    world.engine.forget();
    let later = Timestamp::from_epoch_ms(ago(0).epoch_ms() + 1000);
    world
        .handle(dead_letters(&[start_payload(&first), json!("not ours")], later))
        .await;
    let spans = recording.ended();
    assert_action(
        named(&spans, "reconcile close"),
        &second,
        "reconcile close",
        "dead_letter",
        "attempts_used_up",
    );
    let last = named(&spans, "redrive 2");
    assert_eq!((last.span_id, last.parent), (second.attempt_root().span_id, None));
    assert_eq!(last.link("webhook"), Some(first.traceparent.span_id));
    assert!(last.failure.is_some(), "{last:?}");
    let counts = counted(&counting);
    for name in [
        "DeadLetters outcome=attempts_used_up",
        "DeadLetters outcome=unreadable",
        "RecordsClosed outcome=failed",
        "WebhooksFailed source=github",
    ] {
        assert_eq!(counts.get(name), Some(&1.0), "{counts:?}");
    }
}
