//! Functions that are killed.

use tracehook_core::record::StepName;
use tracehook_test_support::Delivery;

use crate::backend::{Backend, service};

#[tokio::test]
async fn a_crash_in_a_handler_is_an_interrupted_try_and_repeats_nothing() {
    let (backend, endpoint) = Backend::start().await;
    let service = service(&endpoint, "").await;
    let delivery = Delivery::github("push", r#"{"script":{"hang_ms":1500}}"#);
    let token = service.send(&delivery).await.unwrap().token().unwrap();
    // The handler works.
    while service.status(&token).await.unwrap()["status"] != "processing" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    service.kill_function("tracehook-processor").await.unwrap();
    let story = backend.end_of(&token).await.story(&token);
    // The first invocation is gone with the process: the next one reports it, its finished step and its unfinished try.
    let mut invocations: Vec<_> = story.named("tracehook-processor").collect();
    invocations.sort_by_key(|span| span.began);
    let [killed, next] = invocations[..] else {
        panic!("{story}")
    };
    assert!(killed.is("durable.invocation.status", "RETRYING") && next.is("durable.invocation.status", "SUCCEEDED"));
    assert!(next.is("durable.invocation.first", "false"));
    let validate = story.one("validate attempt 1");
    assert!(validate.is("durable.attempt.outcome", "SUCCEEDED"));
    assert_eq!(validate.link("invocation").unwrap().span, killed.id, "{story}");
    let [interrupted, process] = story.attempts("process")[..] else {
        panic!("{story}")
    };
    assert!(interrupted.is("durable.attempt.outcome", "INTERRUPTED"), "{story}");
    assert!(interrupted.is("durable.attempt.number", "1") && interrupted.is("error.type", "interrupted"));
    assert!(interrupted.is("durable.span.truncated_at_invocation_boundary", "true"));
    assert!(
        interrupted.failure.is_some() && interrupted.is("webhook.execution_token", &token),
        "{story}"
    );
    assert!(
        interrupted.began < process.began && interrupted.ended <= process.began,
        "{story}"
    );
    assert_eq!(interrupted.parent, story.one("Workflow").id);
    assert!(
        process.is("durable.attempt.outcome", "SUCCEEDED") && process.is("durable.attempt.number", "2"),
        "{story}"
    );
    assert!(process.is("try.interrupted_before", "1"), "{story}");
    assert_eq!(process.link("invocation").unwrap().span, next.id);
    story.one("finalize");
}

#[tokio::test]
async fn a_crash_at_any_checkpoint_leaves_one_trace_with_one_root() {
    for (skip, phase) in (0..StepName::ALL.len()).flat_map(|skip| [(skip, "before"), (skip, "after")]) {
        let (backend, endpoint) = Backend::start().await;
        let service = service(&endpoint, "").await;
        service
            .kill_at("tracehook-processor", "lambda:CheckpointDurableExecution", skip, phase)
            .await
            .unwrap();
        let token = service
            .send(&Delivery::github("push", "{}"))
            .await
            .unwrap()
            .token()
            .unwrap();
        let story = backend.end_of(&token).await.story(&token);
        let case = format!("{skip} {phase}: {story}");
        for step in StepName::ALL {
            // The terminal write is done before the kill, and is not repeated.
            let is_interrupted = phase == "before" && skip == step as usize && step != StepName::Finalize;
            let outcomes: Vec<_> = story
                .attempts(step.as_str())
                .iter()
                .map(|span| &*span.attributes["durable.attempt.outcome"])
                .collect();
            let expected: &[&str] = if is_interrupted {
                &["INTERRUPTED", "SUCCEEDED"]
            } else {
                &["SUCCEEDED"]
            };
            assert_eq!(outcomes, expected, "{case}");
            story.one(step.as_str());
        }
        for span in &story.0 {
            for link in &span.links {
                assert!(story.0.iter().any(|other| other.id == link.span), "{span:?} of {case}");
            }
        }
        assert!(service.all_faults_happened().await.unwrap(), "{skip} {phase}");
    }
}

#[tokio::test]
async fn a_webhook_that_its_redelivery_starts_is_one_trace_too() {
    let (backend, endpoint) = Backend::start().await;
    let service = service(&endpoint, "").await;
    service
        .kill_at("tracehook-validator", "lambda:Invoke", 0, "before")
        .await
        .unwrap();
    let delivery = Delivery::github("push", "{}");
    assert_eq!(service.send(&delivery).await.unwrap().status, 502);
    let again = service.send(&delivery).await.unwrap();
    let token = again.token().unwrap();
    let all = backend.end_of(&token).await;
    let story = all.story(&token);
    assert_eq!(story.one("webhook github").trace, again.json["traceId"]);
    assert_eq!(
        story.named("POST /webhook/{source}").count(),
        0,
        "the first request died with its process"
    );
    let redelivery = all.of(&token).one("POST /webhook/{source}").clone();
    assert_eq!(redelivery.link("webhook").unwrap().span, story.one("webhook github").id);
}
