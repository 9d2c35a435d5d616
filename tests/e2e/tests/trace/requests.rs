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
