//! Queued asynchronous invocations in the store.

use rusqlite::{Connection, params};

use super::{Store, StoreError};

/// An asynchronous invocation that was accepted and is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QueuedEvent {
    /// Also the request id of every try.
    pub(crate) id: String,
    pub(crate) function: String,
    pub(crate) qualifier: Option<String>,
    pub(crate) payload: Vec<u8>,
    pub(crate) trace: String,
    pub(crate) client_context: Option<String>,
    pub(crate) received_ms: i64,
    pub(crate) tries: u32,
    pub(crate) due_ms: i64,
    /// Of a start of a durable execution that waits for the quota.
    pub(crate) execution_name: Option<String>,
}

impl Store {
    /// Stores an event, or its new number of tries and due time.
    pub(crate) async fn put_event(&self, event: QueuedEvent) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO queue VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                     ON CONFLICT (id) DO UPDATE SET tries = ?8, due_ms = ?9",
                )?
                .execute(params![
                    event.id,
                    event.function,
                    event.qualifier,
                    event.payload,
                    event.trace,
                    event.client_context,
                    event.received_ms,
                    event.tries,
                    event.due_ms,
                    event.execution_name
                ])?;
            Ok(())
        })
        .await
    }

    /// Forgets an event.
    pub(crate) async fn delete_event(&self, id: String) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("DELETE FROM queue WHERE id = ?")?
                .execute([id])?;
            Ok(())
        })
        .await
    }

    /// All events, in the order of their arrival.
    pub(crate) async fn queued_events(&self) -> Result<Vec<QueuedEvent>, StoreError> {
        self.run(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, function, qualifier, payload, trace, client_context, received_ms, tries, due_ms,
                 execution_name FROM queue ORDER BY received_ms",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(QueuedEvent {
                    id: row.get(0)?,
                    function: row.get(1)?,
                    qualifier: row.get(2)?,
                    payload: row.get(3)?,
                    trace: row.get(4)?,
                    client_context: row.get(5)?,
                    received_ms: row.get(6)?,
                    tries: row.get(7)?,
                    due_ms: row.get(8)?,
                    execution_name: row.get(9)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// Adds what a state of an earlier version lacks.
pub(super) fn migrate(connection: &Connection) -> rusqlite::Result<()> {
    if connection.prepare("SELECT execution_name FROM queue").is_err() {
        connection.execute_batch("ALTER TABLE queue ADD COLUMN execution_name TEXT")?;
    }
    Ok(())
}
