//! Messages about asynchronous invocations that were given up, until somebody takes them.

use rusqlite::params;

use super::{Store, StoreError};

/// A message of the dead-letter queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The message id.
    pub id: String,
    /// The JSON document that Lambda's destinations write.
    pub body: String,
}

impl Store {
    pub(crate) async fn put_dead_letter(&self, letter: DeadLetter) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("INSERT INTO dead_letters (id, body) VALUES (?, ?)")?
                .execute(params![letter.id, letter.body])?;
            Ok(())
        })
        .await
    }

    /// The oldest messages.
    pub(crate) async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        self.run(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT id, body FROM dead_letters ORDER BY number LIMIT ?")?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = statement.query_map([limit], |row| {
                Ok(DeadLetter {
                    id: row.get(0)?,
                    body: row.get(1)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    pub(crate) async fn delete_dead_letter(&self, id: String) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("DELETE FROM dead_letters WHERE id = ?")?
                .execute([id])?;
            Ok(())
        })
        .await
    }
}
