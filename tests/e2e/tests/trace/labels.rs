//! Ids of one's own lead to a webhook.

use serde_json::json;
use tracehook_test_support::Delivery;

use crate::backend::{Backend, service};

#[tokio::test]
async fn a_label_is_in_status_log_and_trace() {
    let (backend, endpoint) = Backend::start().await;
    let service = service(&endpoint, "").await;
    let labelled = Delivery::github("push", r#"{"after":"c-1"}"#);
    let token = service.send(&labelled).await.unwrap().token().unwrap();
    assert_eq!(
        service.end_of(&token).await.unwrap()["labels"],
        json!({"commit": "c-1"})
    );

    let story = backend.end_of(&token).await.story(&token);
    for name in ["webhook github", "POST /webhook/{source}"] {
        assert!(story.one(name).is("webhook.label.commit", "c-1"), "{story}");
    }
    let found = |log: &str| {
        let mut accepted = log.lines().filter(|line| line.contains(r#""message":"accepted""#));
        accepted.any(|line| line.contains(r#""labels":{"commit":"c-1"}"#) && line.contains(&token))
    };
    service.output_with(found).await.unwrap();

    let plain = Delivery::github("push", r#"{"after":{"id":"c-1"}}"#);
    let token = service.send(&plain).await.unwrap().token().unwrap();
    assert_eq!(service.end_of(&token).await.unwrap().get("labels"), None);
}
