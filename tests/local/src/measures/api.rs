//! What API Gateway, Lambda and the durable service would measure of this machine.

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::PREFIX;
use crate::durable::ExecutionStatus;
use crate::lambda::{InvokeOutcome, StatusEvent};
use crate::metrics::{MetricId, Metrics, now_ms};

fn id<'a>(namespace: &str, name: &str, dimensions: impl IntoIterator<Item = (&'a str, &'a str)>) -> MetricId {
    let dimensions = dimensions
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    MetricId {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        dimensions: dimensions.collect(),
    }
}

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
                Some("") => Some("/webhook"),
                Some(rest) if rest.starts_with('/') => Some("/webhook/{source}"),
                _ => None,
            };
            let status = answer.status();
            let stage = vec![("ApiName", PREFIX), ("Stage", "v1")];
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
                    metrics.observe(id("AWS/ApiGateway", name, set.iter().copied()), unit, value, now_ms());
                }
            }
            answer
        }
    }))
}

/// Counts an invocation by the API as Lambda does: one that is throttled is none.
pub fn count_invocation(metrics: &Metrics, function: &str, outcome: &InvokeOutcome, elapsed: Duration) {
    let put = |name: &str, unit: &str, value: f64| {
        metrics.observe(
            id("AWS/Lambda", name, [("FunctionName", function)]),
            unit,
            value,
            now_ms(),
        );
    };
    match outcome {
        InvokeOutcome::Unknown => {}
        InvokeOutcome::Throttled => put("Throttles", "Count", 1.0),
        InvokeOutcome::Answer(_) | InvokeOutcome::FunctionError { .. } | InvokeOutcome::TimedOut => {
            put("Invocations", "Count", 1.0);
            put(
                "Errors",
                "Count",
                f64::from(u8::from(!matches!(outcome, InvokeOutcome::Answer(_)))),
            );
            put("Duration", "Milliseconds", elapsed.as_secs_f64() * 1000.0);
        }
    }
}

/// Counts durable executions as they start and end, until the channel closes.
pub async fn follow_executions(metrics: Metrics, mut events: broadcast::Receiver<StatusEvent>) {
    loop {
        match events.recv().await {
            Ok(event) => count(&metrics, &event),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

fn count(metrics: &Metrics, event: &StatusEvent) {
    let function = format!("{PREFIX}-processor");
    let put = |name: &str, unit: &str, value: f64, at_ms: i64| {
        let name = format!("DurableExecution{name}");
        metrics.observe(
            id("AWS/Lambda", &name, [("FunctionName", function.as_str())]),
            unit,
            value,
            at_ms,
        );
    };
    let name = match event.status {
        ExecutionStatus::Running => return put("Started", "Count", 1.0, event.start_ms),
        ExecutionStatus::Succeeded => "Succeeded",
        ExecutionStatus::Failed => "Failed",
        ExecutionStatus::TimedOut => "TimedOut",
        ExecutionStatus::Stopped => "Stopped",
    };
    let end_ms = event.end_ms.unwrap_or(event.start_ms);
    put(name, "Count", 1.0, end_ms);
    put("Duration", "Milliseconds", (end_ms - event.start_ms) as f64, end_ms);
}
