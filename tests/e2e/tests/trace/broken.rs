//! Backends that are down, hang or fail.

use std::time::Duration;

use futures_util::future::join_all;
use tracehook_test_support::Delivery;

use crate::backend::service_that_waits;

/// A backend that accepts connections and never answers.
async fn hanging() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            held.push(connection);
        }
    });
    url
}

/// A backend that answers with a status after a while.
async fn answering(status: u16, after: Duration) -> String {
    let status = axum::http::StatusCode::from_u16(status).unwrap();
    let router = axum::Router::new().fallback(move || async move {
        tokio::time::sleep(after).await;
        status
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test]
async fn a_broken_backend_fails_no_webhook_and_its_losses_are_counted() {
    for (endpoint, reason) in [
        ("http://127.0.0.1:9".to_owned(), None),
        (hanging().await, Some("export_failed")),
        (answering(500, Duration::ZERO).await, Some("refused")),
        (answering(200, Duration::from_secs(10)).await, Some("export_failed")),
    ] {
        let service = service_that_waits(500, &endpoint, "").await;
        // As many as there are sandboxes: the service throttles requests that wait long for one.
        let deliveries: Vec<_> = (0..8).map(|_| Delivery::github("push", "{}")).collect();
        let answers = join_all(deliveries.iter().map(|delivery| service.send(delivery))).await;
        for answer in answers {
            let token = answer.unwrap().token().unwrap();
            assert_eq!(
                service.end_of(&token).await.unwrap()["status"],
                "completed",
                "{endpoint}"
            );
        }
        let dropped = |output: &str| {
            let of_reason = |line: &str| reason.is_none_or(|reason| line.contains(reason));
            output
                .lines()
                .any(|line| line.contains("TelemetryDropped") && of_reason(line))
        };
        let logged = |output: &str| output.contains("spans were not exported") && (reason.is_none() || dropped(output));
        let output = service.output_with(logged).await.unwrap();
        assert!(
            reason.is_some() || !dropped(&output),
            "what did not arrive is kept: {output}"
        );
    }
}
