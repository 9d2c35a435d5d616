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
            spans.named("reconcile redrive").count() == 1 && spans.named("redrive 2").count() == 1
        })
        .await;
    let all = all.story(&token);
    let (first, second) = (all.one("webhook github"), all.one("redrive 2"));
    assert_eq!((&*second.parent, &second.trace), ("", &first.trace));
    assert_eq!(second.link("webhook").unwrap().span, first.id);
    for root in [first, second] {
        assert_eq!(root.service, "tracehook-validator", "whoever ends the attempt");
        assert_eq!(root.failure.as_deref(), Some("the script says so"));
        assert!(root.is("error.type", "scripted_end") && root.is("webhook.status", "failed"));
    }
    assert!(first.ended <= second.began);
    let redrive = all.one("reconcile redrive");
    assert_eq!(
        (&redrive.parent, &*redrive.service),
        (&second.id, "tracehook-reconciler")
    );
    assert!(redrive.is("reconciler.outcome", "redriven") && redrive.is("webhook.attempt", "2"));
    // Reads come before the decision, and are in no trace.
    assert_eq!(
        all.under(redrive),
        ["DynamoDB.GetItem", "DynamoDB.PutItem", "Lambda.Invoke"]
    );
    assert_eq!(redrive.link("previous_attempt").unwrap().span, first.id);
    let mut invocations: Vec<_> = all.named("tracehook-processor").collect();
    invocations.sort_by_key(|span| span.began);
    let linked: Vec<_> = invocations
        .iter()
        .map(|span| span.link("previous_attempt").map(|to| &to.span))
        .collect();
    assert_eq!(linked, [None, Some(&first.id)], "{all}");
    let parents: Vec<_> = invocations.iter().map(|span| &span.parent).collect();
    assert_eq!(parents, [&first.id, &second.id], "{all}");
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
