//! The latest webhooks for the pages: those with a durable execution and those that still wait for one.

use serde_json::{Value, json};
use tracehook_core::ExecutionToken;

use crate::aws::DynamoDb;
use crate::deployment::{FunctionName, TABLE};
use crate::pages::{Later, WebhookRow, Webhooks};
use tracehook_local_lambda::{InvokeOutcome, Lambda};

/// `DynamoDB`'s limit of keys in one `BatchGetItem`.
const BATCH: usize = 100;

/// Reads the webhooks from the services themselves.
#[derive(Debug)]
pub(crate) struct LatestWebhooks {
    pub(crate) lambda: Lambda,
    pub(crate) dynamodb: DynamoDb,
}

impl Webhooks for LatestWebhooks {
    fn latest(&self, limit: usize) -> Later<'_, Vec<WebhookRow>> {
        let (lambda, dynamodb) = (self.lambda.clone(), self.dynamodb.clone());
        Box::pin(async move {
            let read = tokio::task::spawn_blocking(move || read(&lambda, &dynamodb, limit)).await;
            match read {
                Ok(Ok(rows)) => rows,
                Ok(Err(problem)) => {
                    tracing::warn!(%problem, "the latest webhooks cannot be read");
                    Vec::new()
                }
                Err(_) => Vec::new(),
            }
        })
    }

    fn redrive(&self, token: ExecutionToken) -> Later<'_, Option<String>> {
        let command = json!({"action": "redrive", "token": token}).to_string();
        Box::pin(async move {
            let reconciler = FunctionName::Reconciler.deployed();
            let InvokeOutcome::Answer(answer) = self.lambda.invoke(&reconciler, command.into(), None).await else {
                return None;
            };
            let answer: Value = serde_json::from_slice(&answer).ok()?;
            answer.get("outcome")?.as_str().map(str::to_owned)
        })
    }
}

fn read(lambda: &Lambda, dynamodb: &DynamoDb, limit: usize) -> anyhow::Result<Vec<WebhookRow>> {
    let mut tokens = Vec::new();
    // A redriven webhook has several executions, hence a few more than are shown.
    let executions = lambda.executions(limit * 2);
    let started = executions.iter().filter_map(|execution| token_in(&execution.name));
    for token in started.chain(open(dynamodb, limit)?) {
        if !tokens.contains(&token) {
            tokens.push(token);
        }
    }
    let mut rows = Vec::new();
    for tokens in tokens.chunks(BATCH) {
        let keys: Vec<Value> = tokens
            .iter()
            .map(|token| json!({"executionToken": {"S": token}, "item": {"S": "state"}}))
            .collect();
        let answer = dynamodb.batch_get_item(json!({"RequestItems": {TABLE: {"Keys": keys}}}))?;
        let items = answer.pointer(&format!("/Responses/{TABLE}")).and_then(Value::as_array);
        rows.extend(items.into_iter().flatten().map(row));
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.created_at_ms));
    rows.truncate(limit);
    Ok(rows)
}

/// Names are `PREFIX-TOKEN` and `PREFIX-TOKEN-ATTEMPT`.
fn token_in(name: &str) -> Option<String> {
    let is_token = |part: &&str| part.len() == 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    name.split('-').find(is_token).map(str::to_owned)
}

/// The tokens in the sparse index of open webhooks.
fn open(dynamodb: &DynamoDb, limit: usize) -> anyhow::Result<Vec<String>> {
    let answer = dynamodb.scan(json!({"TableName": TABLE, "IndexName": "open", "Limit": limit}))?;
    let items = answer.get("Items").and_then(Value::as_array);
    Ok(items
        .into_iter()
        .flatten()
        .filter_map(|item| item.pointer("/executionToken/S")?.as_str().map(str::to_owned))
        .collect())
}

fn row(item: &Value) -> WebhookRow {
    let text = |path: &str| item.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let number = |path: &str| {
        text(path)
            .and_then(|digits| digits.parse::<i64>().ok())
            .unwrap_or_default()
    };
    WebhookRow {
        token: text("/executionToken/S").unwrap_or_default(),
        source: text("/source/S").unwrap_or_default(),
        event_type: text("/webhookSummary/M/type/S"),
        subject: text("/webhookSummary/M/source/S"),
        status: text("/status/S").unwrap_or_default(),
        attempt: u32::try_from(number("/attempt/N")).unwrap_or_default(),
        created_at_ms: number("/createdAt/N"),
        last_updated_ms: number("/lastUpdated/N"),
        // VERSION-TRACE-SPAN-FLAGS, by the W3C's Trace Context.
        trace_id: text("/traceparent/S").and_then(|parent| parent.split('-').nth(1).map(str::to_owned)),
        error: text("/error/M/code/S").zip(text("/error/M/message/S")),
    }
}
