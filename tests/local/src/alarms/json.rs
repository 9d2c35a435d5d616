//! The alarms as JSON for tests and tools.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::Alarms;

pub(super) fn router(alarms: Alarms) -> Router {
    Router::new().route("/local/alarms", get(list)).with_state(alarms)
}

async fn list(State(alarms): State<Alarms>) -> Json<Value> {
    let rows = alarms.rows().into_iter().map(|row| {
        json!({
            "name": row.name, "title": row.title, "severity": format!("{:?}", row.severity).to_lowercase(),
            "state": row.state.as_str(), "sinceMs": row.since_ms, "reason": row.reason, "runbook": row.runbook,
            "unmeasured": row.unmeasured, "suppressedBy": row.suppressor,
        })
    });
    let told = alarms.notifications().into_iter().map(|told| {
        let severity = format!("{:?}", told.severity).to_lowercase();
        json!({ "atMs": told.at_ms, "name": told.name, "severity": severity, "state": told.state.as_str() })
    });
    Json(json!({ "alarms": rows.collect::<Vec<_>>(), "told": told.collect::<Vec<_>>() }))
}
