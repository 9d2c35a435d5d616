//! Messages about asynchronous invocations that were given up, until somebody takes them.

use rusqlite::{Connection, params};

use super::{Store, StoreError};

/// A message of the dead-letter queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The message id.
    pub id: String,
    /// The event as it came, or the JSON document that Lambda's destinations write.
    pub body: String,
    /// The message attributes as JSON, as SQS hands them to a function.
    pub attributes: String,
    /// When it was sent, epoch milliseconds.
    pub sent_ms: i64,
}

impl Store {
    pub(crate) async fn put_dead_letter(&self, letter: DeadLetter) -> Result<(), StoreError> {
        self.run(move |connection| Ok(letter.insert(connection)?)).await
    }

    /// The oldest messages.
    pub(crate) async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        self.run(move |connection| {
            let mut statement = connection
                .prepare_cached("SELECT id, body, attributes, sent_ms FROM dead_letters ORDER BY number LIMIT ?")?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = statement.query_map([limit], |row| {
                Ok(DeadLetter {
                    id: row.get(0)?,
                    body: row.get(1)?,
                    attributes: row.get(2)?,
                    sent_ms: row.get(3)?,
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

impl DeadLetter {
    pub(super) fn insert(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection
            .prepare_cached("INSERT INTO dead_letters (id, body, attributes, sent_ms) VALUES (?, ?, ?, ?)")?
            .execute(params![self.id, self.body, self.attributes, self.sent_ms])?;
        Ok(())
    }
}

/// Adds what a state of an earlier version lacks.
pub(super) fn migrate(connection: &Connection) -> rusqlite::Result<()> {
    if connection.prepare("SELECT attributes FROM dead_letters").is_err() {
        connection.execute_batch(
            "ALTER TABLE dead_letters ADD COLUMN attributes TEXT NOT NULL DEFAULT '{}';
             ALTER TABLE dead_letters ADD COLUMN sent_ms INTEGER NOT NULL DEFAULT 0;",
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_an_earlier_version_are_kept() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE dead_letters (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
                 INSERT INTO dead_letters (id, body) VALUES ('m', '{}')",
            )
            .unwrap();
        for _ in 0..2 {
            migrate(&connection).unwrap();
        }
        let kept = connection.query_row(
            "SELECT attributes, sent_ms FROM dead_letters WHERE id = 'm'",
            [],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)),
        );
        assert_eq!(kept.unwrap(), ("{}".to_owned(), 0));
    }
}
