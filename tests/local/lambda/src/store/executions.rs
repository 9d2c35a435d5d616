//! Durable executions in the store.

use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params};
use serde_json::Value;

use super::{DeadLetter, Store, StoreError};
use tracehook_local_durable::Core;
use tracehook_local_durable::Summary;
use tracehook_local_durable::{Changes, Event, Execution, ExecutionStatus, Operation};

/// The outcome of an insert.
#[derive(Debug)]
pub(crate) enum Inserted {
    /// The execution is stored.
    New,
    /// The name is taken, by this execution with this input.
    Existing { arn: String, input: String },
}

/// The filter of a list of executions.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListFilter {
    pub(crate) function: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) statuses: Vec<ExecutionStatus>,
    pub(crate) started_after_ms: Option<i64>,
    pub(crate) started_before_ms: Option<i64>,
    pub(crate) newest_first: bool,
    /// The row that the last page ended with.
    pub(crate) after_row: Option<i64>,
    pub(crate) limit: usize,
}

struct Stored {
    core: String,
    operations: Vec<(i64, i64, String)>,
    events: Vec<(i64, String)>,
}

impl Store {
    /// Stores a new execution unless its name is taken. Names are unique within a function; whether the service's are
    /// unique within the account instead is unconfirmed.
    pub(crate) async fn insert(&self, changes: Changes) -> Result<Inserted, StoreError> {
        let stored = Stored::of(&changes)?;
        self.run(move |connection| {
            let core = &changes.core;
            if let Some(arn) = named(connection, &core.function, &core.name)? {
                let input = load(connection, &arn)?
                    .map(|found| found.input().to_owned())
                    .unwrap_or_default();
                return Ok(Inserted::Existing { arn, input });
            }
            connection
                .prepare_cached(
                    "INSERT INTO executions (arn, function, name, version, status, start_ms, retention_days, core)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )?
                .execute(params![
                    core.arn,
                    core.function,
                    core.name,
                    core.version,
                    core.status.as_str(),
                    core.start_ms,
                    core.retention_days,
                    stored.core
                ])?;
            stored.write_rows(connection, &core.arn)?;
            Ok(Inserted::New)
        })
        .await
    }

    /// Stores what changed, and with it the message about an end.
    pub(crate) async fn save(&self, changes: Changes, letter: Option<DeadLetter>) -> Result<(), StoreError> {
        let stored = Stored::of(&changes)?;
        self.run(move |connection| {
            let core = &changes.core;
            connection
                .prepare_cached("UPDATE executions SET status = ?2, end_ms = ?3, core = ?4 WHERE arn = ?1")?
                .execute(params![core.arn, core.status.as_str(), core.end_ms, stored.core])?;
            if let Some(letter) = letter {
                letter.insert(connection)?;
            }
            stored.write_rows(connection, &core.arn)
        })
        .await
    }

    /// The execution, if there is one.
    pub(crate) async fn load(&self, arn: &str) -> Result<Option<Execution>, StoreError> {
        let arn = arn.to_owned();
        self.run(move |connection| load(connection, &arn)).await
    }

    /// The ARNs of everything that is not closed, oldest first.
    pub(crate) async fn running(&self) -> Result<Vec<String>, StoreError> {
        self.run(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT arn FROM executions WHERE status = 'RUNNING' ORDER BY id")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The events of an execution from number `from` on, oldest first.
    pub(crate) fn events(connection: &Connection, arn: &str) -> Result<Vec<(u64, Value)>, StoreError> {
        let mut statement =
            connection.prepare_cached("SELECT number, body FROM events WHERE arn = ? ORDER BY number")?;
        let rows = statement.query_map([arn], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        rows.map(|row| {
            let (number, body) = row?;
            Ok((number.unsigned_abs(), serde_json::from_str(&body)?))
        })
        .collect()
    }

    /// A page of executions, each with its row.
    pub(crate) fn list(connection: &Connection, filter: &ListFilter) -> Result<Vec<(i64, Summary)>, StoreError> {
        let mut sql =
            String::from("SELECT id, arn, name, function, status, start_ms, end_ms FROM executions WHERE 1 = 1");
        let mut values: Vec<Box<dyn ToSql>> = Vec::new();
        let mut condition = |text: &str, value: Option<Box<dyn ToSql>>| {
            if let Some(value) = value {
                sql.push_str(text);
                values.push(value);
            }
        };
        condition(" AND function = ?", boxed(filter.function.clone()));
        condition(" AND version = ?", boxed(filter.version.clone()));
        condition(" AND name = ?", boxed(filter.name.clone()));
        condition(" AND start_ms > ?", boxed(filter.started_after_ms));
        condition(" AND start_ms < ?", boxed(filter.started_before_ms));
        let beyond = if filter.newest_first {
            " AND id < ?"
        } else {
            " AND id > ?"
        };
        condition(beyond, boxed(filter.after_row));
        if !filter.statuses.is_empty() {
            let names: Vec<String> = filter
                .statuses
                .iter()
                .map(|status| format!("'{}'", status.as_str()))
                .collect();
            sql.push_str(&format!(" AND status IN ({})", names.join(",")));
        }
        sql.push_str(if filter.newest_first {
            " ORDER BY id DESC"
        } else {
            " ORDER BY id"
        });
        sql.push_str(&format!(" LIMIT {}", filter.limit));
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map(rusqlite::params_from_iter(values), summary)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The execution as a row of a list.
    pub(crate) fn summary(connection: &Connection, arn: &str) -> Result<Option<Summary>, StoreError> {
        let mut statement = connection
            .prepare_cached("SELECT id, arn, name, function, status, start_ms, end_ms FROM executions WHERE arn = ?")?;
        Ok(statement
            .query_row([arn], summary)
            .optional()?
            .map(|(_, summary)| summary))
    }

    /// Deletes closed executions whose retention has ended, which frees their names.
    pub(crate) async fn sweep(&self, now_ms: i64) -> Result<(), StoreError> {
        const ENDED: &str = "SELECT arn FROM executions
             WHERE end_ms IS NOT NULL AND end_ms + retention_days * 86400000 <= ?1";
        self.run(move |connection| {
            connection.execute(&format!("DELETE FROM operations WHERE arn IN ({ENDED})"), [now_ms])?;
            connection.execute(&format!("DELETE FROM events WHERE arn IN ({ENDED})"), [now_ms])?;
            connection.execute(&format!("DELETE FROM executions WHERE arn IN ({ENDED})"), [now_ms])?;
            Ok(())
        })
        .await
    }
}

impl Stored {
    /// Written out before the job is handed over, so that the one writing thread only writes.
    fn of(changes: &Changes) -> Result<Self, StoreError> {
        let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let operations = changes
            .operations
            .iter()
            .map(|(position, touched, operation)| {
                let body = serde_json::to_string(operation.as_ref())?;
                Ok((i64::try_from(*position).unwrap_or(i64::MAX), number(*touched), body))
            })
            .collect::<Result<_, StoreError>>()?;
        let events = changes
            .events
            .iter()
            .map(|Event { number: id, body }| Ok((number(*id), serde_json::to_string(body)?)))
            .collect::<Result<_, StoreError>>()?;
        Ok(Self {
            core: serde_json::to_string(&changes.core)?,
            operations,
            events,
        })
    }

    fn write_rows(&self, connection: &Connection, arn: &str) -> Result<(), StoreError> {
        let mut operation = connection
            .prepare_cached("INSERT OR REPLACE INTO operations (arn, position, touched, body) VALUES (?, ?, ?, ?)")?;
        for (position, touched, body) in &self.operations {
            operation.execute(params![arn, position, touched, body])?;
        }
        let mut event =
            connection.prepare_cached("INSERT OR REPLACE INTO events (arn, number, body) VALUES (?, ?, ?)")?;
        for (number, body) in &self.events {
            event.execute(params![arn, number, body])?;
        }
        Ok(())
    }
}

fn named(connection: &Connection, function: &str, name: &str) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT arn FROM executions WHERE function = ? AND name = ?")?;
    Ok(statement.query_row([function, name], |row| row.get(0)).optional()?)
}

fn load(connection: &Connection, arn: &str) -> Result<Option<Execution>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT core FROM executions WHERE arn = ?")?;
    let Some(core) = statement.query_row([arn], |row| row.get::<_, String>(0)).optional()? else {
        return Ok(None);
    };
    let core: Core = serde_json::from_str(&core)?;
    let mut statement =
        connection.prepare_cached("SELECT touched, body FROM operations WHERE arn = ? ORDER BY position")?;
    let rows = statement.query_map([arn], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    let operations = rows
        .map(|row| {
            let (touched, body) = row?;
            let operation: Operation = serde_json::from_str(&body)?;
            Ok((touched.unsigned_abs(), operation))
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    Ok(Some(Execution::restore(core, operations)))
}

fn summary(row: &Row<'_>) -> rusqlite::Result<(i64, Summary)> {
    let arn: String = row.get(1)?;
    let function_arn = arn.split("/durable-execution/").next().unwrap_or_default().to_owned();
    let status: String = row.get(4)?;
    Ok((
        row.get(0)?,
        Summary {
            arn,
            name: row.get(2)?,
            function: row.get(3)?,
            function_arn,
            status: ExecutionStatus::parse(&status).unwrap_or(ExecutionStatus::Running),
            start_ms: row.get(5)?,
            end_ms: row.get(6)?,
        },
    ))
}

fn boxed<T: ToSql + 'static>(value: Option<T>) -> Option<Box<dyn ToSql>> {
    value.map(|value| Box::new(value) as Box<dyn ToSql>)
}
