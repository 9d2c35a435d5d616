//! The operations of the table, by name.

use dynoxide::{Database, DynoxideError, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What `DynamoDB`'s documentation puts before the reason where it judges the request as a whole.
const ENVELOPE: &str = "1 validation error detected: ";

/// Does an operation and returns its answer. Blocks.
pub(super) fn run(database: &Database, operation: &str, body: &[u8]) -> Result<String> {
    let done = match operation {
        "PutItem" => call(body, |request| database.put_item(request)),
        "GetItem" => call(body, |request| database.get_item(request)),
        "UpdateItem" => call(body, |request| database.update_item(request)),
        "DeleteItem" => call(body, |request| database.delete_item(request)),
        "Query" => call(body, |request| database.query(request)),
        "Scan" => call(body, |request| database.scan(request)),
        "BatchGetItem" => call(body, |request| database.batch_get_item(request)),
        "BatchWriteItem" => call(body, |request| database.batch_write_item(request)),
        "TransactGetItems" => call(body, |request| database.transact_get_items(request)),
        "TransactWriteItems" => call(body, |request| database.transact_write_items(request)),
        "ListTables" => call(body, |request| database.list_tables(request)),
        "DescribeTable" => call(body, |request| database.describe_table(request)),
        "DescribeTimeToLive" => call(body, |request| database.describe_time_to_live(request)),
        _ => Err(DynoxideError::ValidationException(format!(
            "{operation} is not served here"
        ))),
    };
    done.map_err(|error| match (operation, error) {
        ("PutItem" | "UpdateItem" | "DeleteItem", DynoxideError::EnvelopedValidation(reason)) => {
            DynoxideError::ValidationException(format!("{ENVELOPE}{reason}"))
        }
        (_, DynoxideError::EnvelopedValidation(reason)) => DynoxideError::ValidationException(reason),
        (_, error) => error,
    })
}

fn call<Q: DeserializeOwned, A: Serialize>(body: &[u8], done: impl FnOnce(Q) -> Result<A>) -> Result<String> {
    let request = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    serde_json::to_string(&done(request)?).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// The database marks what its readers refuse with the class of the refusal.
fn unreadable(error: &serde_json::Error) -> DynoxideError {
    let text = error.to_string();
    for mark in ["VALIDATION_REQUEST:", "VALIDATION:"] {
        if let Some(reason) = text.strip_prefix(mark) {
            return DynoxideError::ValidationException(reason.to_owned());
        }
    }
    let reason = text.strip_prefix("SERIALIZATION:").unwrap_or(&text);
    DynoxideError::SerializationException(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(operation: &str, body: &str) -> (&'static str, u16) {
        let database = Database::memory().unwrap();
        super::super::table::create(&database).unwrap();
        let error = run(&database, operation, body.as_bytes()).unwrap_err();
        let text = error.to_json();
        assert!(
            !text.contains("VALIDATION") && !text.contains("SERIALIZATION:"),
            "{text}"
        );
        (error.error_type().rsplit('#').next().unwrap(), error.status_code())
    }

    #[test]
    fn what_is_no_request_of_an_operation_is_refused_as_the_service_does() {
        for (operation, body, code) in [
            ("GetItem", "", "SerializationException"),
            ("GetItem", "{\"TableName\": 1}", "SerializationException"),
            (
                "GetItem",
                r#"{"TableName": "none", "Key": {}}"#,
                "ResourceNotFoundException",
            ),
            (
                "PutItem",
                r#"{"TableName": "tracehook", "Item": {}}"#,
                "ValidationException",
            ),
            ("DeleteTable", r#"{"TableName": "tracehook"}"#, "ValidationException"),
        ] {
            assert_eq!(refused(operation, body), (code, 400), "{operation} {body}");
        }
    }
}
