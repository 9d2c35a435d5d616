//! A redriven webhook: the actions of the reconciler and the next attempt are in the same trace.

use serde_json::json;
use tracehook_test_support::Delivery;

use crate::backend::{Backend, service};

#[tokio::test]
async fn a_redrive_is_in_the_trace_of_its_webhook_and_the_next_attempt_is_linked_to_the_failed_one() {
    let (backend, endpoint) = Backend::start().await;
    let service = service(&endpoint, "").await;
    let delivery = Delivery::github("push", r#"{"script":{"then":"permanent"}}"#);
    let token = service.send(&delivery).await.unwrap().token().unwrap();
    service.end_of(&token).await.unwrap();
    backend.end_of(&token).await;
    service
        .reconcile(json!({"action": "redrive", "token": token}))
        .await
        .unwrap();
    assert_eq!(service.end_of(&token).await.unwrap()["attempt"], 2);
    let all = backend
        .until("the redrive and the end of both attempts", |spans| {
            spans.named("reconcile redrive").count() == 1 && spans.roots().count() == 2
        })
        .await;
    // The end of each attempt ends the webhook: the same root, as it stood then.
    let root = all.roots().next().unwrap().clone();
    assert!(all.roots().all(|other| other.id == root.id));
    let (failed, redrive) = (all.one("attempt 1"), all.one("reconcile redrive"));
    for span in [failed, redrive] {
        assert_eq!((&span.trace, &span.parent), (&root.trace, &root.id));
        assert_eq!(span.service, "tracehook-reconciler");
        assert!(span.is("webhook.execution_token", &token) && span.is("webhook.source", "github"));
    }
    assert_eq!(failed.failure.as_deref(), Some("the script says so"));
    assert!(failed.is("error.type", "scripted_end"));
    assert!(redrive.is("reconciler.outcome", "redriven") && redrive.is("webhook.attempt", "2"));
    // Reads come before the decision, and are in no trace.
    assert_eq!(
        all.under(redrive),
        ["DynamoDB.GetItem", "DynamoDB.PutItem", "Lambda.Invoke"]
    );
    let linked = |name: &str| -> Vec<bool> {
        let mut found: Vec<_> = all.named(name).collect();
        found.sort_by_key(|span| span.began);
        let to = |span: &&crate::spans::Span| Some(span.link("previous_attempt")?.span == failed.id);
        found.iter().map(|span| to(span).unwrap_or(false)).collect()
    };
    assert_eq!(redrive.link("previous_attempt").unwrap().span, failed.id);
    for name in ["tracehook-processor", "step validate"] {
        assert_eq!(linked(name), [false, true], "{name}: {all}");
    }
    assert_eq!(
        linked("step process"),
        [false, false],
        "it is linked to the step before it"
    );
}

#[tokio::test]
async fn what_the_sweep_starts_is_a_span_under_the_root_and_a_sweep_over_nothing_has_none() {
    let (backend, endpoint) = Backend::start().await;
    let service = service(&endpoint, "[triggers]\nsweep_seconds = 0\n").await;
    service.reconcile(json!({"action": "sweep"})).await.unwrap();
    let fails = json!({"operation": "lambda:Invoke", "function": "tracehook-validator", "count": 100, "phase": "before",
        "effect": {"status": 500, "code": "ServiceException"}});
    service.fault(fails).await.unwrap();
    let token = service
        .send(&Delivery::github("push", "{}"))
        .await
        .unwrap()
        .token()
        .unwrap();
    loop {
        let swept = service.reconcile(json!({"action": "sweep"})).await.unwrap();
        if swept["outcomes"]["started"] == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    service.end_of(&token).await.unwrap();
    let story = backend.end_of(&token).await.story(&token);
    let start = story.one("reconcile start");
    assert_eq!(start.parent, story.one("webhook github").id);
    assert!(start.is("reconciler.trigger", "sweep") && start.is("reconciler.outcome", "started"));
    assert_eq!(story.under(start), ["Lambda.Invoke", "DynamoDB.UpdateItem"]);
    let of_the_reconciler = backend.received().0.into_iter();
    let names: Vec<_> = of_the_reconciler
        .filter(|span| span.service == "tracehook-reconciler")
        .map(|span| span.name)
        .collect();
    assert_eq!(
        names.len(),
        3,
        "the start, its call and its note, and nothing of looking: {names:?}"
    );
}
