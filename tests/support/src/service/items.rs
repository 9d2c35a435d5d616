//! The items of a running service's table, as the table and its time to live change them.

#![expect(clippy::indexing_slicing, reason = "an absent member of an answer reads as null")]

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{AwsCall, PATIENCE, Service};

/// An age that is older than every limit that is told in minutes.
const LONG_AGO_MS: i64 = 3_600_000;

impl Service {
    /// Makes the current attempt of a webhook an hour older.
    ///
    /// # Errors
    /// When the table refuses it.
    pub async fn age_attempt(&self, token: &str) -> Result<()> {
        let item = self.state_item(token).await?;
        for name in ["attemptStartedAt", "createdAt"] {
            let Some(at) = item.pointer(&format!("/{name}/N")).and_then(Value::as_str) else {
                continue;
            };
            let earlier = at.parse::<i64>()? - LONG_AGO_MS;
            self.set_number(token, "state", name, earlier).await?;
        }
        Ok(())
    }

    /// Notes for a webhook whose start failed that its start was repeated long ago, as if the service had accepted it and lost it.
    ///
    /// # Errors
    /// When the table refuses it, or the failed start is not noted in time.
    pub async fn forget_start(&self, token: &str) -> Result<()> {
        let began = Instant::now();
        while self.state_item(token).await?["startDeferred"].is_null() {
            anyhow::ensure!(began.elapsed() < PATIENCE, "the start of {token} is not noted");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let update = json!({"TableName": "tracehook", "Key": key(token, "state"),
            "UpdateExpression": "SET startRepeatedAt = :at REMOVE startDeferred",
            "ExpressionAttributeValues": {":at": {"N": "1700000000000"}}});
        self.dynamodb("UpdateItem", &update).await.map(drop)
    }

    /// Makes every item of a webhook expire in the past. The table's time to live deletes them when it comes to it.
    ///
    /// # Errors
    /// When the table refuses it.
    pub async fn expire(&self, token: &str) -> Result<()> {
        for item in self.items_of(token).await? {
            self.set_number(token, &item, "ttl", 1_700_000_000).await?;
        }
        Ok(())
    }

    /// Deletes the items of a webhook whose sort key `chosen` takes, as the table's time to live does.
    ///
    /// # Errors
    /// When the table refuses it.
    pub async fn delete_items(&self, token: &str, chosen: impl Fn(&str) -> bool) -> Result<()> {
        for item in self.items_of(token).await?.iter().filter(|item| chosen(item)) {
            let key = json!({"TableName": "tracehook", "Key": key(token, item)});
            self.dynamodb("DeleteItem", &key).await?;
        }
        Ok(())
    }

    /// The sort keys of a webhook's items.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn items_of(&self, token: &str) -> Result<Vec<String>> {
        let query = json!({"TableName": "tracehook", "KeyConditionExpression": "executionToken = :token",
            "ExpressionAttributeValues": {":token": {"S": token}}, "ConsistentRead": true});
        let found = self.dynamodb("Query", &query).await?;
        let items = found["Items"].as_array().context("no items")?;
        let sort_key = |item: &Value| item["item"]["S"].as_str().map(str::to_owned).context("no sort key");
        items.iter().map(sort_key).collect()
    }

    /// A webhook's items as they are now, to be put back by [`Self::restore`].
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn snapshot(&self, token: &str) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        for item in self.items_of(token).await? {
            let read = json!({"TableName": "tracehook", "Key": key(token, &item), "ConsistentRead": true});
            items.push(self.dynamodb("GetItem", &read).await?["Item"].clone());
        }
        Ok(items)
    }

    /// Makes a webhook's items those of a snapshot, as a table that was restored to that moment has them.
    ///
    /// # Errors
    /// When the table refuses it.
    pub async fn restore(&self, token: &str, snapshot: &[Value]) -> Result<()> {
        self.delete_items(token, |_| true).await?;
        for item in snapshot {
            self.dynamodb("PutItem", &json!({"TableName": "tracehook", "Item": item}))
                .await?;
        }
        Ok(())
    }

    async fn state_item(&self, token: &str) -> Result<Value> {
        let read = json!({"TableName": "tracehook", "Key": key(token, "state"), "ConsistentRead": true});
        Ok(self.dynamodb("GetItem", &read).await?["Item"].clone())
    }

    async fn set_number(&self, token: &str, item: &str, name: &str, to: i64) -> Result<()> {
        let update = json!({"TableName": "tracehook", "Key": key(token, item), "UpdateExpression": "SET #name = :to",
            "ExpressionAttributeNames": {"#name": name}, "ExpressionAttributeValues": {":to": {"N": to.to_string()}}});
        self.dynamodb("UpdateItem", &update).await.map(drop)
    }

    /// One call of the service's table.
    async fn dynamodb(&self, operation: &str, body: &Value) -> Result<Value> {
        let target = format!("DynamoDB_20120810.{operation}");
        let call = AwsCall::new("dynamodb", "/", body.to_string())
            .with("x-amz-target", &target)
            .with("content-type", "application/x-amz-json-1.0");
        let answer = self.call_aws(call.by(&self.operator)).await?;
        anyhow::ensure!(answer.status == 200, "{operation}: {} {}", answer.status, answer.json);
        Ok(answer.json)
    }
}

fn key(token: &str, item: &str) -> Value {
    json!({"executionToken": {"S": token}, "item": {"S": item}})
}
