//! Spans that link to a webhook without being part of its trace.

use tracehook_test_support::Delivery;

use crate::backend::{Backend, service};

#[tokio::test]
async fn a_redelivery_in_the_same_second_has_a_trace_of_its_own_that_leads_to_the_webhook_s() {
    let (backend, endpoint) = Backend::start().await;
    let service = service(&endpoint, "").await;
    let delivery = Delivery::github("push", "{}");
    let first = service.send(&delivery).await.unwrap();
    let second = service.send(&delivery).await.unwrap();
    let token = first.token().unwrap();
    assert_eq!(second.json["traceId"], first.json["traceId"]);
    backend.end_of(&token).await;
    let all = backend
        .until("the duplicate", |spans| {
            spans.0.iter().any(|span| span.is("webhook.duplicate", "true"))
        })
        .await;
    let story = all.story(&token);
    let root = story.one("webhook github");
    story.one("POST /webhook/{source}");
    let duplicate = all.0.iter().find(|span| span.is("webhook.duplicate", "true")).unwrap();
    assert_ne!(duplicate.trace, root.trace);
    assert_eq!(
        second.header("traceresponse"),
        format!("00-{}-{}-01", duplicate.trace, duplicate.id)
    );
    let to = duplicate.link("webhook").unwrap();
    assert_eq!((&to.trace, &to.span), (&root.trace, &root.id));
    for span in all.in_trace(&duplicate.trace).0 {
        assert!(span.is("webhook.execution_token", &token), "{span:?}");
        assert_eq!(span.failure, None, "that the webhook is known is no error");
    }
}

#[tokio::test]
async fn a_status_query_leads_to_the_webhook_it_asks_for() {
    let (backend, endpoint) = Backend::start().await;
    let service = service(&endpoint, "").await;
    let token = service
        .send(&Delivery::github("push", "{}"))
        .await
        .unwrap()
        .token()
        .unwrap();
    service.end_of(&token).await.unwrap();
    backend.end_of(&token).await;
    let route = "GET /status/{executionToken}";
    let all = backend.until("a query", |spans| spans.named(route).count() > 0).await;
    let story = all.story(&token);
    let query = all.named(route).next().unwrap();
    assert!(query.is("webhook.execution_token", &token) && query.is("http.response.status_code", "200"));
    assert_ne!(query.trace, story.one("webhook github").trace);
    assert_eq!(query.link("webhook").unwrap().span, story.one("webhook github").id);
    assert_eq!(all.under(query), ["DynamoDB.GetItem"]);
}

#[tokio::test]
async fn the_trace_of_a_producer_is_linked_and_neither_joined_nor_obeyed() {
    let (backend, endpoint) = Backend::start().await;
    let service = service(&endpoint, "").await;
    let (trace, span) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let delivery = Delivery::github("push", "{}").with("traceparent", format!("00-{trace}-{span}-00"));
    let token = service.send(&delivery).await.unwrap().token().unwrap();
    let story = backend.end_of(&token).await.story(&token);
    let request = story.one("POST /webhook/{source}");
    let to = request.link("producer").unwrap();
    assert_eq!((&*to.trace, &*to.span), (trace, span));
    assert_ne!(request.trace, trace);
}
