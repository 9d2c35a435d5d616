//! Requests that are refused or not sampled.

use tracehook_test_support::Delivery;

use crate::backend::{Backend, service};

#[tokio::test]
async fn a_refused_request_has_a_trace_of_its_own_without_a_token() {
    let (backend, endpoint) = Backend::start().await;
    let service = service(&endpoint, "").await;
    for (delivery, status, code, source) in [
        (
            Delivery::github("push", "{}").without("X-Hub-Signature-256"),
            401,
            "signature_missing",
            Some("github"),
        ),
        (
            Delivery::github("push", "no json"),
            400,
            "body_not_json",
            Some("github"),
        ),
        (Delivery::new("/webhook/nobody", "{}"), 404, "unknown_source", None),
    ] {
        let answer = service.send(&delivery).await.unwrap();
        assert_eq!(answer.status, status);
        let all = backend
            .until(code, |spans| {
                spans.0.iter().any(|span| span.is("webhook.rejection_code", code))
            })
            .await;
        let request = all
            .0
            .iter()
            .find(|span| span.is("webhook.rejection_code", code))
            .unwrap();
        assert_eq!(
            (&*request.parent, request.failure.as_ref()),
            ("", None),
            "{code}: a client's error is not ours"
        );
        assert!(request.is("http.response.status_code", &status.to_string()));
        assert_eq!(request.attributes.get("webhook.source").map(String::as_str), source);
        assert_eq!(
            answer.header("traceresponse"),
            format!("00-{}-{}-01", request.trace, request.id)
        );
        for span in &all.in_trace(&request.trace).0 {
            assert!(!span.attributes.contains_key("webhook.execution_token"), "{span:?}");
        }
        assert_eq!(all.roots().count(), 0);
    }
}

#[tokio::test]
async fn requests_without_a_good_signature_are_exported_only_at_their_own_ratio() {
    let (backend, endpoint) = Backend::start().await;
    let service = service(&endpoint, r#"REJECTED_TRACES_RATIO = "0""#).await;
    let push = || Delivery::github("push", "{}");
    for (strange, code) in [
        (push().without("X-Hub-Signature-256"), "signature_missing"),
        (push().with("X-Hub-Signature-256", "sha256=zz"), "signature_malformed"),
        (push().with("X-Hub-Signature-256", "0".repeat(64)), "signature_mismatch"),
        (Delivery::new("/webhook/nobody", "{}"), "unknown_source"),
        (Delivery::github("push", "x".repeat(5_000_000)), "payload_too_large"),
    ] {
        let answer = service.send(&strange).await.unwrap();
        assert_eq!(
            (&answer.json["code"], answer.header("traceresponse")),
            (&code.into(), "")
        );
    }
    // What the producer itself does wrong, and what we do wrong, is exported.
    let fault = serde_json::json!({"operation": "dynamodb:GetItem", "count": 1, "phase": "before",
        "effect": {"status": 400, "code": "AccessDeniedException"}});
    service.fault(fault).await.unwrap();
    for (signed, code) in [
        (push(), "store_unavailable"),
        (Delivery::github("push", "no json"), "body_not_json"),
    ] {
        let answer = service.send(&signed).await.unwrap();
        assert_eq!(answer.json["code"], code);
        assert_ne!(answer.header("traceresponse"), "");
    }
    let all = backend
        .until("the last request", |spans| {
            let has = |code| spans.0.iter().any(|span| span.is("webhook.rejection_code", code));
            has("store_unavailable") && has("body_not_json")
        })
        .await;
    let codes: std::collections::BTreeSet<_> = all
        .0
        .iter()
        .filter_map(|span| span.attributes.get("webhook.rejection_code"))
        .map(String::as_str)
        .collect();
    assert_eq!(codes, ["body_not_json", "store_unavailable"].into(), "{all}");
}

#[tokio::test]
async fn what_the_validator_does_not_sample_is_exported_by_nobody() {
    let (backend, endpoint) = Backend::start().await;
    let service = service(&endpoint, r#"OTEL_TRACES_SAMPLER = "parentbased_always_off""#).await;
    let answer = service.send(&Delivery::github("push", "{}")).await.unwrap();
    assert_eq!(answer.header("traceresponse"), "");
    let token = answer.token().unwrap();
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed");
    let all = backend.until("a query", |spans| !spans.0.is_empty()).await;
    // The status function samples for itself; its spans alone are there.
    assert!(all.0.iter().all(|span| span.service == "tracehook-status"), "{all}");
}
