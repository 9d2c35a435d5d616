//! `DynamoDB`: dynoxide in this process, on a runtime and an address of its own.
//!
//! Contract: what was answered is on disk (or in memory, where the state is). Its statements block, so they run on
//! threads that nothing else waits for.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use axum::body::{Body, Bytes};
use axum::response::Response;
use dynoxide::Database;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::error;
use crate::deployment::TABLE;
use tracehook_local_lambda::clock;

/// The prefix of the sort keys of payloads.
const PAYLOAD: &str = "payload#";

/// The interval at which expired items are deleted. `DynamoDB` itself takes hours to days.
const SWEEP_EVERY: Duration = Duration::from_mins(10);

/// Items that are looked at in one go, for which other calls wait.
const SWEEP_PAGE: u32 = 100;

/// The cost of a call, from its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cost {
    /// The capacity that the call consumed, when the request has `ReturnConsumedCapacity`.
    pub(super) capacity_units: f64,
    /// Items with a payload that it read.
    pub(super) payload_items: u64,
}

/// A running `DynamoDB`. Cheap to clone; ends with the last clone.
#[derive(Clone)]
pub struct DynamoDb {
    url: String,
    client: reqwest::Client,
    database: Database,
    _runtime: Arc<BlockingRuntime>,
}

/// A runtime that can be dropped anywhere.
struct BlockingRuntime(Option<Runtime>);

impl std::fmt::Debug for DynamoDb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DynamoDb")
            .field("url", &self.url)
            .finish_non_exhaustive()
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
        create_table(&database)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("dynamodb")
            .enable_all()
            .build()?;
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}/", listener.local_addr()?);
        let served = database.clone();
        runtime.spawn(async move {
            if let Ok(listener) = TcpListener::from_std(listener) {
                let _ = dynoxide::server::serve_with_shutdown(listener, served, std::future::pending()).await;
            }
        });
        let swept = database.clone();
        runtime.spawn(async move {
            loop {
                clock::sleep(SWEEP_EVERY).await;
                // The next sweep deletes what this one cannot.
                let _ = sweep(&swept, clock::true_ms() / 1000);
            }
        });
        let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?;
        Ok(Self {
            url,
            client,
            database,
            _runtime: Arc::new(BlockingRuntime(Some(runtime))),
        })
    }

    /// `BatchGetItem`, as the API takes and gives it. Blocks.
    pub(crate) fn batch_get_item(&self, request: Value) -> anyhow::Result<Value> {
        let answer = self.database.batch_get_item(serde_json::from_value(request)?);
        Ok(serde_json::to_value(answer.map_err(|error| anyhow!("{error}"))?)?)
    }

    /// Scan, as the API takes and gives it. Blocks.
    pub(crate) fn scan(&self, request: Value) -> anyhow::Result<Value> {
        let answer = self.database.scan(serde_json::from_value(request)?);
        Ok(serde_json::to_value(answer.map_err(|error| anyhow!("{error}"))?)?)
    }

    pub(super) async fn answer(&self, headers: &HeaderMap, body: Bytes) -> Response {
        let mut headers = headers.clone();
        // Those of the other connection are set anew.
        headers.remove(http::header::HOST);
        headers.remove(http::header::CONTENT_LENGTH);
        let sent = self.client.post(&self.url).headers(headers).body(body).send().await;
        let answered = match sent {
            Ok(answered) => answered,
            Err(problem) => {
                tracing::error!(%problem, "dynoxide did not answer");
                return error(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "InternalServerError",
                    "the database did not answer",
                );
            }
        };
        let (status, headers) = (answered.status(), answered.headers().clone());
        let body = answered.bytes().await.unwrap_or_default();
        let cost = Cost::of(&body);
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
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

/// Deletes what has expired by `now`, epoch seconds, and returns how much it was. The database's own sweep knows the
/// machine's clock only. Blocks.
fn sweep(database: &Database, now: i64) -> anyhow::Result<usize> {
    let values = json!({":now": {"N": now.to_string()}});
    let expired = json!({"#ttl": "ttl"});
    let (mut deleted, mut from) = (0, None);
    loop {
        let mut page = json!({"TableName": TABLE, "Limit": SWEEP_PAGE, "FilterExpression": "#ttl < :now",
            "ProjectionExpression": "executionToken, #item", "ExpressionAttributeValues": values,
            "ExpressionAttributeNames": {"#ttl": "ttl", "#item": "item"}});
        if let (Some(from), Some(page)) = (from, page.as_object_mut()) {
            page.insert("ExclusiveStartKey".to_owned(), from);
        }
        let found = database
            .scan(serde_json::from_value(page)?)
            .map_err(|error| anyhow!("{error}"))?;
        let mut found = serde_json::to_value(found)?;
        let keys = found.get_mut("Items").and_then(Value::as_array_mut).map(std::mem::take);
        for key in keys.unwrap_or_default() {
            // An item that was kept longer meanwhile stays.
            let delete = json!({"TableName": TABLE, "Key": key, "ConditionExpression": "#ttl < :now",
                "ExpressionAttributeNames": expired, "ExpressionAttributeValues": values});
            deleted += usize::from(database.delete_item(serde_json::from_value(delete)?).is_ok());
        }
        from = found.get_mut("LastEvaluatedKey").map(Value::take);
        if from.as_ref().is_none_or(Value::is_null) {
            return Ok(deleted);
        }
    }
}

/// The table as the deployment makes it: keys, the sparse index of open webhooks, and the TTL attribute.
fn create_table(database: &Database) -> anyhow::Result<()> {
    let exists = database
        .get_table_metadata(TABLE)
        .map_err(|error| anyhow!("look for the table: {error}"))?;
    if exists.is_some() {
        return Ok(());
    }
    let key = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
    let attribute = |name: &str, kind: &str| json!({"AttributeName": name, "AttributeType": kind});
    let table = json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [key("executionToken", "HASH"), key("item", "RANGE")],
        "AttributeDefinitions": [
            attribute("executionToken", "S"),
            attribute("item", "S"),
            attribute("openShard", "S"),
            attribute("openSince", "N"),
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "open",
            "KeySchema": [key("openShard", "HASH"), key("openSince", "RANGE")],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }],
    });
    let ttl = json!({
        "TableName": TABLE,
        "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": true},
    });
    database
        .create_table(serde_json::from_value(table)?)
        .map_err(|error| anyhow!("make the table: {error}"))?;
    database
        .update_time_to_live(serde_json::from_value(ttl)?)
        .map_err(|error| anyhow!("set the table's time to live: {error}"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
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

    #[tokio::test]
    async fn what_has_expired_is_swept_and_the_rest_stays() {
        let dynamodb = DynamoDb::start(None).unwrap();
        for (token, ttl) in [
            ("old", "1000000000"),
            ("in an hour", "1000003600"),
            ("new", "99999999999"),
        ] {
            let item = json!({"executionToken": {"S": token}, "item": {"S": "state"}, "ttl": {"N": ttl}});
            let put = json!({"TableName": TABLE, "Item": item});
            dynamodb
                .database
                .put_item(serde_json::from_value(put).unwrap())
                .unwrap();
        }
        for n in 0..2 * SWEEP_PAGE {
            let item = json!({"executionToken": {"S": n.to_string()}, "item": {"S": "state"}});
            let put = json!({"TableName": TABLE, "Item": item});
            dynamodb
                .database
                .put_item(serde_json::from_value(put).unwrap())
                .unwrap();
        }
        assert_eq!(sweep(&dynamodb.database, 1_000_000_000).unwrap(), 0);
        assert_eq!(sweep(&dynamodb.database, 1_000_000_001).unwrap(), 1);
        assert_eq!(sweep(&dynamodb.database, 1_000_010_000).unwrap(), 1);
        let left = dynamodb
            .scan(json!({"TableName": TABLE, "FilterExpression": "attribute_exists(#ttl)",
                "ExpressionAttributeNames": {"#ttl": "ttl"}}))
            .unwrap();
        assert_eq!(
            (&left["Count"], &left["Items"][0]["executionToken"]["S"]),
            (&1.into(), &"new".into())
        );
    }
}
