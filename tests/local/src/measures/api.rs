//! API Gateway's metrics of this machine.

use std::time::Instant;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};

use super::put;
use crate::deployment::{PREFIX, STAGE};
use crate::metrics::Metrics;

/// The API with `Count`, `4XXError`, `5XXError` and `Latency` of each request, for the whole stage and for the paths of
/// webhooks.
pub fn measured(api: Router, metrics: Metrics) -> Router {
    api.layer(from_fn(move |request: Request, next: Next| {
        let metrics = metrics.clone();
        async move {
            let path = request.uri().path().to_owned();
            let is_post = request.method() == http::Method::POST;
            let began = Instant::now();
            let answer = next.run(request).await;
            let elapsed_ms = began.elapsed().as_secs_f64() * 1000.0;
            let resource = match path.strip_prefix("/webhook") {
                Some("" | "/") => Some("/webhook"),
                Some(rest) if rest.starts_with('/') => Some("/webhook/{source}"),
                _ => None,
            };
            let status = answer.status();
            let stage = vec![("ApiName", PREFIX), ("Stage", STAGE)];
            let mut sets = vec![stage.clone()];
            if let (Some(resource), true) = (resource, is_post) {
                sets.push([stage, vec![("Method", "POST"), ("Resource", resource)]].concat());
            }
            for set in sets {
                for (name, unit, value) in [
                    ("Count", "Count", 1.0),
                    ("4XXError", "Count", f64::from(u8::from(status.is_client_error()))),
                    ("5XXError", "Count", f64::from(u8::from(status.is_server_error()))),
                    ("Latency", "Milliseconds", elapsed_ms),
                ] {
                    put(&metrics, "AWS/ApiGateway", name, unit, value, set.iter().copied());
                }
            }
            answer
        }
    }))
}
