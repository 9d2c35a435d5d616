//! The HTTP API of Lambda: Invoke and the durable execution calls, as the AWS SDKs speak them.

mod durable;
mod invoke;
mod query;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};

use super::Inner;

/// All paths under `/2015-03-31/` and `/2025-12-01/`. Paths hold ARNs as one percent-encoded segment: the router splits
/// before it decodes.
pub(super) fn router(lambda: Arc<Inner>) -> Router {
    Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(invoke::invoke))
        .route("/2025-12-01/durable-executions/{arn}", get(durable::get))
        .route(
            "/2025-12-01/durable-executions/{arn}/checkpoint",
            post(durable::checkpoint),
        )
        .route("/2025-12-01/durable-executions/{arn}/state", get(durable::state))
        .route("/2025-12-01/durable-executions/{arn}/history", get(durable::history))
        .route("/2025-12-01/durable-executions/{arn}/stop", post(durable::stop))
        .route("/2025-12-01/functions/{name}/durable-executions", get(durable::list))
        .route(
            "/2025-12-01/durable-execution-callbacks/{id}/{action}",
            post(durable::callback),
        )
        // The handlers have limits of their own, with Lambda's errors.
        .layer(DefaultBodyLimit::disable())
        .layer(map_response(identified))
        .with_state(lambda)
}

const REQUEST_ID: &str = "x-amzn-requestid";

/// Every answer of AWS names its request.
async fn identified(mut answer: Response) -> Response {
    if !answer.headers().contains_key(REQUEST_ID)
        && let Ok(id) = HeaderValue::from_str(&uuid::Uuid::new_v4().to_string())
    {
        answer.headers_mut().insert(REQUEST_ID, id);
    }
    answer
}
