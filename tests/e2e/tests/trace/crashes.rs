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
    backend
        .until("validate", |spans| spans.named("step validate").count() > 0)
        .await;
    service.kill_function("tracehook-processor").await.unwrap();
    let story = backend.end_of(&token).await.story(&token);
    // The first invocation is gone with the process; `validate` was there before, and the next invocation reports the try.
    let tries: Vec<_> = story.named("step process").collect();
    let [interrupted, process] = tries[..] else {
        panic!("{story}")
    };
    assert!(interrupted.is("durable.attempt.outcome", "interrupted"), "{story}");
    assert!(interrupted.is("durable.attempt.number", "1") && interrupted.is("error.type", "interrupted"));
    assert!(
        interrupted.failure.is_some() && interrupted.is("webhook.execution_token", &token),
        "{story}"
    );
    assert!(
        interrupted.began < process.began && interrupted.ended <= process.began,
        "{story}"
    );
    assert_eq!(interrupted.parent, story.one("webhook github").id);
    assert!(
        process.is("durable.attempt.outcome", "succeeded") && process.is("durable.attempt.number", "2"),
        "{story}"
    );
    assert_eq!(
        process.link("previous_step").unwrap().span,
        story.one("step validate").id
    );
    assert!(story.one("tracehook-processor").is("durable.invocation.replay", "true"));
    story.one("step finalize");
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
        // Whether the last span before the kill was sent is a race; that none is there twice is not.
        for step in StepName::ALL {
            let tries = story.named(&format!("step {step}")).count();
            assert!(tries <= 3, "{skip} {phase}: {story}");
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
