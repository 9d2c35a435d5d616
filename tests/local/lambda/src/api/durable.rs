//! The durable execution calls.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, RawQuery, State};
use serde_json::{Map, Value, json};

use super::query::Query;
use crate::Inner;
use crate::api_error::ApiError;
use crate::clock::{self, now_ms};
use crate::store::{ListFilter, Store};
use tracehook_local_durable::CheckpointRequest;
use tracehook_local_durable::{ErrorObject, Event, ExecutionStatus, Fault, TimeForm};

const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;

type Answer = Result<Json<Value>, ApiError>;

pub(super) async fn checkpoint(State(lambda): State<Arc<Inner>>, Path(arn): Path<String>, body: Body) -> Answer {
    let request: CheckpointRequest =
        serde_json::from_slice(&read(body).await?).map_err(|error| ApiError::invalid_parameter(error.to_string()))?;
    // On a task of its own: a function that dies in the middle must not leave memory and store apart.
    let applied = tokio::spawn(async move { lambda.checkpoint(&arn, &request).await }).await;
    applied.map_err(|error| ApiError::service(error.to_string()))?.map(Json)
}

pub(super) async fn state(
    State(lambda): State<Arc<Inner>>,
    Path(arn): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Query::parse(query.as_deref());
    let execution = lambda
        .executions
        .read(&arn)
        .await?
        .ok_or_else(|| ApiError::no_execution(&arn))?;
    let max_items = query.number("MaxItems")?.filter(|items| *items > 0);
    let page = execution.state_page(
        query.get("CheckpointToken").unwrap_or_default(),
        query.get("Marker"),
        max_items,
    )?;
    let operations = page
        .operations
        .iter()
        .map(|operation| operation.render(TimeForm::Seconds))
        .collect();
    Ok(listing("Operations", operations, page.next_marker))
}

pub(super) async fn get(
    State(lambda): State<Arc<Inner>>,
    Path(arn): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let include_data = Query::parse(query.as_deref()).flag("IncludeExecutionData", true);
    let execution = lambda
        .executions
        .read(&arn)
        .await?
        .ok_or_else(|| ApiError::no_execution(&arn))?;
    Ok(Json(execution.render(include_data)))
}

pub(super) async fn history(
    State(lambda): State<Arc<Inner>>,
    Path(arn): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Query::parse(query.as_deref());
    let include_data = query.flag("IncludeExecutionData", true);
    let reverse = query.flag("ReverseOrder", false);
    let max_items = query.max_items()?;
    let marker = query
        .number("Marker")?
        .map(|number| u64::try_from(number).unwrap_or(u64::MAX));
    let mut events = {
        let arn = arn.clone();
        lambda
            .executions
            .store
            .run(move |connection| Store::events(connection, &arn))
            .await?
    };
    if events.is_empty() {
        // Every execution has its start; no event means no execution.
        return Err(ApiError::no_execution(&arn));
    }
    if reverse {
        events.reverse();
    }
    // The marker is the number of the last event that was given.
    events.retain(|(number, _)| marker.is_none_or(|marker| if reverse { *number < marker } else { *number > marker }));
    let more = events.len() > max_items;
    events.truncate(max_items);
    let next_marker = events.last().filter(|_| more).map(|(number, _)| number.to_string());
    let events = events
        .into_iter()
        .map(|(number, body)| Event::render(number, body, include_data))
        .collect();
    Ok(listing("Events", events, next_marker))
}

pub(super) async fn stop(State(lambda): State<Arc<Inner>>, Path(arn): Path<String>, body: Body) -> Answer {
    let body = read(body).await?;
    // The body is the error object itself, or nothing.
    let error: Option<ErrorObject> = if body.is_empty() {
        None
    } else {
        let error: ErrorObject =
            serde_json::from_slice(&body).map_err(|error| ApiError::invalid_parameter(error.to_string()))?;
        Some(error).filter(|error| *error != ErrorObject::default())
    };
    let stopped = tokio::spawn(async move { lambda.stop(&arn, error).await }).await;
    let stop_ms = stopped.map_err(|error| ApiError::service(error.to_string()))??;
    Ok(Json(json!({ "StopTimestamp": TimeForm::Seconds.render(stop_ms) })))
}

pub(super) async fn list(
    State(lambda): State<Arc<Inner>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Query::parse(query.as_deref());
    let target = lambda.target(&name, query.get("Qualifier"))?;
    let statuses = query
        .all("Statuses")
        .map(|status| {
            ExecutionStatus::parse(status)
                .ok_or_else(|| ApiError::invalid_parameter(format!("Statuses: there is no status {status:?}")))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let max_items = query.max_items()?;
    let filter = ListFilter {
        function: Some(target.function.options.name.clone()),
        // Without a qualifier every version's executions are meant.
        version: target.qualifier.as_ref().map(|_| target.version.to_owned()),
        name: query.get("DurableExecutionName").map(str::to_owned),
        statuses,
        started_after_ms: query.time_ms("StartedAfter")?,
        started_before_ms: query.time_ms("StartedBefore")?,
        newest_first: query.flag("ReverseOrder", false),
        after_row: query
            .number("Marker")?
            .map(|row| i64::try_from(row).unwrap_or(i64::MAX)),
        limit: max_items + 1,
    };
    let mut rows = lambda
        .executions
        .store
        .run(move |connection| Store::list(connection, &filter))
        .await?;
    let more = rows.len() > max_items;
    rows.truncate(max_items);
    let next_marker = rows.last().filter(|_| more).map(|(row, _)| row.to_string());
    Ok(listing(
        "DurableExecutions",
        rows.iter().map(|(_, summary)| summary.render()).collect(),
        next_marker,
    ))
}

/// CALLBACK operations are not run here, so no callback id can be known.
pub(super) async fn callback(Path((id, _action)): Path<(String, String)>) -> ApiError {
    ApiError::not_found(format!(
        "Callback {id} not found: this host runs no CALLBACK operations."
    ))
}

impl Inner {
    async fn checkpoint(&self, arn: &str, request: &CheckpointRequest) -> Result<Value, ApiError> {
        let Some(running) = self.executions.running(arn) else {
            if let Some(closed) = self.executions.find_closed_from_within(arn)
                && let Some(answer) = closed.state.lock().await.replayed(request, now_ms())
            {
                return Ok(answer.render());
            }
            // Closed, or from before a restart: its invocations are void either way.
            let known = self.executions.store.load(arn).await?.is_some();
            return Err(if known {
                Fault::StaleToken.into()
            } else {
                ApiError::no_execution(arn)
            });
        };
        let replayed = running.state.lock().await.replayed(request, now_ms());
        let answer = if let Some(answer) = replayed {
            answer
        } else {
            let apply = |execution: &mut tracehook_local_durable::Execution| {
                // Looked up again: the first call may have been waiting for the store a moment ago.
                match execution.replayed(request, now_ms()) {
                    Some(answer) => Ok(answer),
                    None => execution.checkpoint(request, now_ms()).map_err(ApiError::from),
                }
            };
            self.executions.change(&running, apply).await?
        };
        if answer.token.is_none() {
            running.closed_by_other.notify_one();
        }
        Ok(answer.render())
    }

    pub(crate) async fn stop(&self, arn: &str, error: Option<ErrorObject>) -> Result<i64, ApiError> {
        if let Some(running) = self.executions.bring_back(arn).await? {
            self.drive(running);
        }
        if let Some(running) = self.executions.running(arn) {
            let stop =
                |execution: &mut tracehook_local_durable::Execution| Ok::<_, ApiError>(execution.stop(error, now_ms()));
            let stop_ms = self.executions.change(&running, stop).await?;
            running.closed_by_other.notify_one();
            Ok(stop_ms)
        } else {
            let execution = self
                .executions
                .read(arn)
                .await?
                .ok_or_else(|| ApiError::no_execution(arn))?;
            Ok(execution.summary().end_ms.unwrap_or_else(clock::now_ms))
        }
    }
}

async fn read(body: Body) -> Result<Bytes, ApiError> {
    to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| {
        ApiError::new(
            413,
            "RequestTooLargeException",
            format!("Request must be smaller than {MAX_BODY_BYTES} bytes"),
        )
    })
}

fn listing(key: &str, items: Vec<Value>, next_marker: Option<String>) -> Json<Value> {
    let mut json = Map::new();
    json.insert(key.to_owned(), Value::Array(items));
    if let Some(marker) = next_marker {
        json.insert("NextMarker".to_owned(), Value::String(marker));
    }
    Json(Value::Object(json))
}
