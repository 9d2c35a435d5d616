//! `/local/faults`: the plan over HTTP.

use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Json, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Faults, Plan, RuleReport};

/// The routes under `/local/faults`.
pub fn router(faults: Faults) -> Router {
    Router::new()
        .route("/local/faults", get(list).post(add).put(replace).delete(clear))
        .with_state(faults)
}

async fn list(State(faults): State<Faults>) -> Json<Vec<RuleReport>> {
    Json(faults.list())
}

async fn add(State(faults): State<Faults>, sent: Result<Json<Value>, JsonRejection>) -> Response {
    match plan(sent) {
        Ok(plan) => seed(faults.add(plan)),
        Err(problem) => refused(&problem),
    }
}

async fn replace(State(faults): State<Faults>, sent: Result<Json<Value>, JsonRejection>) -> Response {
    match plan(sent) {
        Ok(plan) => seed(faults.replace(plan)),
        Err(problem) => refused(&problem),
    }
}

async fn clear(State(faults): State<Faults>) -> StatusCode {
    faults.clear();
    StatusCode::NO_CONTENT
}

/// A plan, or one rule.
fn plan(sent: Result<Json<Value>, JsonRejection>) -> Result<Plan, String> {
    let Json(sent) = sent.map_err(|problem| problem.body_text())?;
    if sent.get("rules").is_some() {
        return serde_json::from_value(sent).map_err(|problem| problem.to_string());
    }
    let rule = serde_json::from_value(sent).map_err(|problem| problem.to_string())?;
    Ok(Plan {
        seed: None,
        rules: vec![rule],
    })
}

/// The seed that repeats the chances of a plan.
fn seed(seed: u64) -> Response {
    Json(json!({ "seed": seed })).into_response()
}

fn refused(problem: &str) -> Response {
    let error = json!({ "error": problem, "code": "fault_rule_invalid" });
    (StatusCode::BAD_REQUEST, Json(error)).into_response()
}
