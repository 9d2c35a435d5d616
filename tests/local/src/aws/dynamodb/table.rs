//! The table: its definition, and what its time to live deletes.

use anyhow::anyhow;
use dynoxide::Database;
use serde_json::{Value, json};

use crate::deployment::TABLE;

/// Items that are looked at in one go, for which other calls wait.
const SWEEP_PAGE: u32 = 100;

/// Deletes what has expired by `now`, epoch seconds, and returns how much it was. The database's own sweep knows the
/// machine's clock only. Blocks.
pub(super) fn sweep(database: &Database, now: i64) -> anyhow::Result<usize> {
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
pub(super) fn create(database: &Database) -> anyhow::Result<()> {
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
    fn what_has_expired_is_swept_and_the_rest_stays() {
        let database = Database::memory().unwrap();
        create(&database).unwrap();
        for (token, ttl) in [
            ("old", "1000000000"),
            ("in an hour", "1000003600"),
            ("new", "99999999999"),
        ] {
            let item = json!({"executionToken": {"S": token}, "item": {"S": "state"}, "ttl": {"N": ttl}});
            let put = json!({"TableName": TABLE, "Item": item});
            database.put_item(serde_json::from_value(put).unwrap()).unwrap();
        }
        for n in 0..2 * SWEEP_PAGE {
            let item = json!({"executionToken": {"S": n.to_string()}, "item": {"S": "state"}});
            let put = json!({"TableName": TABLE, "Item": item});
            database.put_item(serde_json::from_value(put).unwrap()).unwrap();
        }
        assert_eq!(sweep(&database, 1_000_000_000).unwrap(), 0);
        assert_eq!(sweep(&database, 1_000_000_001).unwrap(), 1);
        assert_eq!(sweep(&database, 1_000_010_000).unwrap(), 1);
        let scan = json!({"TableName": TABLE, "FilterExpression": "attribute_exists(#ttl)",
            "ExpressionAttributeNames": {"#ttl": "ttl"}});
        let left = database.scan(serde_json::from_value(scan).unwrap()).unwrap();
        let left = serde_json::to_value(left).unwrap();
        assert_eq!(
            (&left["Count"], &left["Items"][0]["executionToken"]["S"]),
            (&1.into(), &"new".into())
        );
    }
}
