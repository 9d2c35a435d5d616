//! The state on disk: one `SQLite` file, one thread that writes it.
//!
//! Contract: a job's result is handed back only after the transaction that holds it is committed, so what was answered
//! survives `kill -9` of the process. Whatever waits is committed together. WAL with `synchronous=NORMAL` survives the
//! process, not a power cut: this is a host for development.

mod dead_letters;
mod executions;
mod queue;

use std::path::Path;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use anyhow::Context as _;
use rusqlite::Connection;
use tokio::sync::oneshot;

pub use dead_letters::DeadLetter;
pub(crate) use executions::{Inserted, ListFilter};
pub(crate) use queue::QueuedEvent;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS executions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    arn TEXT NOT NULL UNIQUE,
    function TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    status TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER,
    retention_days INTEGER NOT NULL,
    core TEXT NOT NULL,
    UNIQUE (function, name)
);
CREATE INDEX IF NOT EXISTS executions_by_status ON executions (status, id);
CREATE TABLE IF NOT EXISTS operations (
    arn TEXT NOT NULL, position INTEGER NOT NULL, touched INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (arn, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    arn TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (arn, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS queue (
    id TEXT PRIMARY KEY,
    function TEXT NOT NULL, qualifier TEXT, payload BLOB NOT NULL, trace TEXT NOT NULL, client_context TEXT,
    received_ms INTEGER NOT NULL, tries INTEGER NOT NULL, due_ms INTEGER NOT NULL, execution_name TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dead_letters (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL,
    attributes TEXT NOT NULL DEFAULT '{}', sent_ms INTEGER NOT NULL DEFAULT 0
);
";

const MAX_BATCH: usize = 256;

type Done = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
type Job = Box<dyn FnOnce(&Connection) -> Done + Send>;

/// A failed read or write of the state.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the state could not be read or written: {0}")]
pub(crate) struct StoreError(String);

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}

impl StoreError {
    /// What has failed for want of the state, elsewhere.
    pub(crate) fn because(of: impl std::fmt::Display) -> Self {
        Self(of.to_string())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

/// The way to the writing thread.
#[derive(Debug)]
pub(crate) struct Store {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Opens `lambda.db` in the directory, or a database in memory.
    pub(crate) fn open(directory: Option<&Path>) -> anyhow::Result<Self> {
        let connection = match directory {
            Some(directory) => {
                let file = directory.join("lambda.db");
                Connection::open(&file).with_context(|| format!("open {}", file.display()))?
            }
            None => Connection::open_in_memory()?,
        };
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        // Exclusive: two hosts on one directory would both drive every execution.
        connection
            .execute_batch("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
            .context("lock the state; is another host using this directory?")?;
        connection
            .execute_batch(SCHEMA)
            .context("create the tables; is another host using this directory?")?;
        dead_letters::migrate(&connection)?;
        queue::migrate(&connection)?;
        connection.set_prepared_statement_cache_capacity(64);
        let (jobs, waiting) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("lambda-store".to_owned())
            .spawn(move || write_all(&connection, &waiting))?;
        Ok(Self {
            jobs: Mutex::new(Some(jobs)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Runs a job in the next transaction and returns once that is committed.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, receiver) = oneshot::channel();
        self.submit(job, move |result| drop(sender.send(result)))?;
        receiver.await.map_err(|_| closed())?
    }

    /// The same for callers that are not asynchronous; blocks for the time of a transaction.
    pub(crate) fn run_blocking<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, receiver) = mpsc::channel();
        self.submit(job, move |result| drop(sender.send(result)))?;
        receiver.recv().map_err(|_| closed())?
    }

    /// Finishes what is waiting and closes the file.
    pub(crate) async fn close(&self) {
        drop(lock(&self.jobs).take());
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            // A failed join means that the thread panicked; there is nothing left to close then.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }

    fn submit<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        reply: impl FnOnce(Result<T, StoreError>) + Send + 'static,
    ) -> Result<(), StoreError> {
        let job: Job = Box::new(move |connection| {
            let result = in_savepoint(connection, job);
            Box::new(move |committed| reply(committed.and(result)))
        });
        lock(&self.jobs)
            .as_ref()
            .ok_or_else(closed)?
            .send(job)
            .map_err(|_| closed())
    }
}

fn write_all(connection: &Connection, waiting: &mpsc::Receiver<Job>) {
    while let Ok(first) = waiting.recv() {
        let begun = connection.execute_batch("BEGIN").map_err(StoreError::from);
        let mut done = vec![first(connection)];
        while done.len() < MAX_BATCH
            && let Ok(job) = waiting.try_recv()
        {
            done.push(job(connection));
        }
        let committed = begun.and_then(|()| connection.execute_batch("COMMIT").map_err(StoreError::from));
        if committed.is_err() && !connection.is_autocommit() {
            // Nothing of the batch is kept, and every job of it gets the error.
            let _ = connection.execute_batch("ROLLBACK");
        }
        for reply in done {
            reply(committed.clone());
        }
    }
}

/// One failing job undoes itself and leaves the others of its transaction alone.
fn in_savepoint<T>(
    connection: &Connection,
    job: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.prepare_cached("SAVEPOINT job")?.execute([])?;
    let result = job(connection);
    if result.is_err() {
        connection.prepare_cached("ROLLBACK TO job")?.execute([])?;
    }
    connection.prepare_cached("RELEASE job")?.execute([])?;
    result
}

fn closed() -> StoreError {
    StoreError("it is closed".to_owned())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
