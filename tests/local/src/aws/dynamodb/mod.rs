//! `DynamoDB`: dynoxide in this process.
//!
//! Contract: what was answered is on disk (or in memory, where the state is). Its statements block, so they run on
//! threads that nothing else waits for. It listens nowhere: its own server takes every caller and every page.

mod operations;
mod table;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use axum::body::{Body, Bytes};
use axum::response::Response;
use dynoxide::Database;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::error;
use tracehook_local_lambda::clock;

/// The prefix of the sort keys of payloads.
const PAYLOAD: &str = "payload#";

/// The interval at which expired items are deleted. `DynamoDB` itself takes hours to days.
const SWEEP_EVERY: Duration = Duration::from_mins(10);

/// The threads for statements, which wait for each other in the database.
const THREADS: usize = 4;

/// The type of requests and answers, where a request does not say another.
const JSON: &str = "application/x-amz-json-1.0";

/// The cost of a call, from its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cost {
    /// The capacity that the call consumed, when the request has `ReturnConsumedCapacity`.
    pub(super) capacity_units: f64,
    /// Items with a payload that it read.
    pub(super) payload_items: u64,
}

/// A `DynamoDB`. Cheap to clone; ends with the last clone.
#[derive(Clone)]
pub struct DynamoDb {
    database: Database,
    runtime: Arc<BlockingRuntime>,
}

/// A runtime that can be dropped anywhere.
struct BlockingRuntime(Option<Runtime>);

impl std::fmt::Debug for DynamoDb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DynamoDb").finish_non_exhaustive()
    }
}

impl DynamoDb {
    /// Opens `dynamodb.db` in the directory, or memory without one, and makes the table where there is none.
    ///
    /// # Errors
    /// When the file cannot be opened or the table not be made.
    pub fn start(directory: Option<&Path>) -> anyhow::Result<Self> {
        let database = match directory {
            Some(directory) => {
                let path = directory.join("dynamodb.db");
                let text = path.to_str().context("the state directory's path is not UTF-8")?;
                Database::new(text).map_err(|error| anyhow!("open {}: {error}", path.display()))?
            }
            None => Database::memory().map_err(|error| anyhow!("open a database: {error}"))?,
        };
        table::create(&database)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(THREADS)
            .thread_name("dynamodb")
            .enable_all()
            .build()?;
        let swept = database.clone();
        runtime.spawn(async move {
            loop {
                clock::sleep(SWEEP_EVERY).await;
                // The next sweep deletes what this one cannot.
                let _ = table::sweep(&swept, clock::true_ms() / 1000);
            }
        });
        Ok(Self {
            database,
            runtime: Arc::new(BlockingRuntime(Some(runtime))),
        })
    }

    /// `BatchGetItem`, as the API takes and gives it. Blocks.
    pub(crate) fn batch_get_item(&self, request: Value) -> anyhow::Result<Value> {
        let answer = self.database.batch_get_item(serde_json::from_value(request)?);
        Ok(serde_json::to_value(answer.map_err(|error| anyhow!("{error}"))?)?)
    }

    /// `PutItem`, as the API takes it. Blocks.
    pub(crate) fn put_item(&self, request: Value) -> anyhow::Result<()> {
        let answer = self.database.put_item(serde_json::from_value(request)?);
        answer.map(|_| ()).map_err(|error| anyhow!("{error}"))
    }

    /// `DeleteItem`, as the API takes it. Blocks.
    pub(crate) fn delete_item(&self, request: Value) -> anyhow::Result<()> {
        let answer = self.database.delete_item(serde_json::from_value(request)?);
        answer.map(|_| ()).map_err(|error| anyhow!("{error}"))
    }

    /// Scan, as the API takes and gives it. Blocks.
    pub(crate) fn scan(&self, request: Value) -> anyhow::Result<Value> {
        let answer = self.database.scan(serde_json::from_value(request)?);
        Ok(serde_json::to_value(answer.map_err(|error| anyhow!("{error}"))?)?)
    }

    /// The answer to a call. It is done to its end, also when nobody waits for the answer any more.
    pub(super) async fn answer(&self, operation: &str, headers: &HeaderMap, body: Bytes) -> Response {
        let (database, operation) = (self.database.clone(), operation.to_owned());
        let run = move || operations::run(&database, &operation, &body);
        let done = match &self.runtime.0 {
            Some(runtime) => runtime.spawn_blocking(run).await.ok(),
            None => None,
        };
        let (status, body) = match done {
            Some(Ok(body)) => (StatusCode::OK, body),
            Some(Err(refusal)) => {
                let status = StatusCode::from_u16(refusal.status_code());
                (status.unwrap_or(StatusCode::BAD_REQUEST), refusal.to_json())
            }
            None => {
                return error(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "InternalServerError",
                    "the database did not answer",
                );
            }
        };
        let cost = Cost::of(body.as_bytes());
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let json = HeaderValue::from_static(JSON);
        let content_type = headers.get(header::CONTENT_TYPE).cloned().unwrap_or(json);
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
        if let Ok(id) = uuid::Uuid::new_v4().to_string().parse() {
            response.headers_mut().insert("x-amzn-requestid", id);
        }
        response.extensions_mut().insert(cost);
        response
    }
}

impl Drop for BlockingRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // Dropping a runtime waits for its threads, which an asynchronous context must not do.
            runtime.shutdown_background();
        }
    }
}

impl Cost {
    fn of(body: &[u8]) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "PascalCase", default)]
        struct Answer {
            consumed_capacity: Option<Consumed>,
            item: Option<Value>,
            items: Vec<Value>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Consumed {
            capacity_units: f64,
        }
        // An error says nothing of all that.
        let answer: Answer = serde_json::from_slice(body).unwrap_or_default();
        let is_payload = |item: &&Value| {
            let key = item.pointer("/item/S").and_then(Value::as_str);
            key.is_some_and(|key| key.starts_with(PAYLOAD))
        };
        let read = answer.items.iter().chain(&answer.item);
        Self {
            capacity_units: answer.consumed_capacity.map_or(0.0, |consumed| consumed.capacity_units),
            payload_items: read.filter(is_payload).count() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_tells_what_it_cost_and_whether_it_read_a_payload() {
        let item = |key: &str| json!({"executionToken": {"S": "t"}, "item": {"S": key}});
        let cost = |answer: Value| {
            let cost = Cost::of(answer.to_string().as_bytes());
            (cost.capacity_units, cost.payload_items)
        };
        let consumed = json!({"CapacityUnits": 0.5});
        assert_eq!(
            cost(json!({"Item": item("state"), "ConsumedCapacity": consumed})),
            (0.5, 0)
        );
        assert_eq!(cost(json!({"Item": item("payload#abc")})), (0.0, 1));
        assert_eq!(cost(json!({"Items": [item("payload#abc"), item("state")]})), (0.0, 1));
        assert_eq!(cost(json!({"__type": "InternalServerError"})), (0.0, 0));
    }
}
