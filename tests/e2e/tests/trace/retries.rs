//! Steps that fail.

use tracehook_test_support::Delivery;

use crate::backend::{Backend, service};

#[tokio::test]
async fn a_step_that_fails_twice_has_three_tries_in_three_invocations_of_one_trace() {
    let (backend, endpoint) = Backend::start().await;
    let service = service(&endpoint, "").await;
    let delivery = Delivery::github("push", r#"{"script":{"failures":2}}"#);
    let token = service.send(&delivery).await.unwrap().token().unwrap();
    let story = backend.end_of(&token).await.story(&token);
    assert_eq!(story.one("webhook github").failure, None);

    let tries = story.attempts("process");
    let mut invocations: Vec<_> = story.named("tracehook-processor").collect();
    invocations.sort_by_key(|span| span.began);
    assert_eq!((tries.len(), invocations.len()), (3, 3), "{story}");
    let outcomes: Vec<_> = invocations
        .iter()
        .map(|span| &*span.attributes["durable.invocation.status"])
        .collect();
    assert_eq!(outcomes, ["PENDING", "PENDING", "SUCCEEDED"]);
    for (n, (try_span, invocation)) in tries.iter().zip(&invocations).enumerate() {
        assert!(try_span.is("durable.attempt.number", &(n + 1).to_string()), "{story}");
        assert_eq!(try_span.link("invocation").unwrap().span, invocation.id);
        assert!(invocation.is("durable.invocation.first", if n == 0 { "true" } else { "false" }));
        assert_eq!(invocation.failure, None, "a suspension is no error");
        let failed = n < 2;
        assert!(try_span.is("durable.attempt.outcome", if failed { "FAILED" } else { "SUCCEEDED" }));
        assert_eq!(try_span.failure.as_deref(), failed.then_some("the script says so"));
        assert_eq!(try_span.is("error.type", "scripted_failure"), failed);
    }
    let process = story.one("process");
    assert!(process.is("durable.operation.status", "SUCCEEDED") && process.is("durable.attempt.number", "3"));
    assert!(process.began <= tries[0].began && tries[2].ended <= process.ended.saturating_add(1_000_000));
    assert_eq!(process.link("invocation").unwrap().span, invocations[2].id);
}

#[tokio::test]
async fn a_webhook_that_fails_has_a_root_that_says_why() {
    let (backend, endpoint) = Backend::start().await;
    let service = service(&endpoint, "").await;
    let delivery = Delivery::github("push", r#"{"script":{"then":"permanent"}}"#);
    let token = service.send(&delivery).await.unwrap().token().unwrap();
    let story = backend.end_of(&token).await.story(&token);
    let root = story.one("webhook github");
    assert_eq!(root.failure.as_deref(), Some("the script says so"));
    assert!(root.is("error.type", "scripted_end") && root.is("webhook.status", "failed"));
    let invocation = story.one("tracehook-processor");
    assert!(invocation.is("durable.invocation.status", "FAILED") && invocation.is("error.type", "scripted_end"));
    for name in ["Workflow", "process", "process attempt 1"] {
        assert_eq!(story.one(name).failure, root.failure, "{name}");
    }
    assert!(story.one("finalize").failure.is_none());
}
