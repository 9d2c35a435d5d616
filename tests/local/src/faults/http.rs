//! `/local/faults`: the plan over HTTP.

use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Json, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::StatusCode;
use serde_json::json;

use super::{Faults, Rule};

pub(super) fn router(faults: Faults) -> Router {
    Router::new()
        .route("/local/faults", get(list).post(add).delete(clear))
        .with_state(faults)
}

async fn list(State(faults): State<Faults>) -> Json<Vec<Rule>> {
    Json(faults.list())
}

async fn add(State(faults): State<Faults>, rule: Result<Json<Rule>, JsonRejection>) -> Response {
    match rule {
        Ok(Json(rule)) => {
            faults.add(rule);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(problem) => {
            let error = json!({ "error": problem.body_text(), "code": "fault_rule_invalid" });
            (StatusCode::BAD_REQUEST, Json(error)).into_response()
        }
    }
}

async fn clear(State(faults): State<Faults>) -> StatusCode {
    faults.clear();
    StatusCode::NO_CONTENT
}
