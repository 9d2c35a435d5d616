//! The spans in `SQLite`, one row each, and the traces in the order in which they were written to last.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::Trace;
use super::span::Span;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS traces (
    trace_id TEXT PRIMARY KEY, touched INTEGER NOT NULL, spans INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS traces_by_touch ON traces (touched);
CREATE TABLE IF NOT EXISTS spans (
    trace_id TEXT NOT NULL, span_id TEXT NOT NULL,
    received INTEGER NOT NULL, differs INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (trace_id, span_id)
) WITHOUT ROWID;
";

/// The number of traces that are kept. Those that were written to longest ago are deleted first.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Traces at most.
    pub traces: usize,
    /// Spans of all traces at most.
    pub spans: usize,
    /// Spans of one trace at most; more are refused.
    pub spans_of_a_trace: usize,
    /// The longest span that is stored, as JSON; X-Ray takes 200 KB.
    pub span_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            traces: 10_000,
            spans: 100_000,
            spans_of_a_trace: 10_000,
            span_bytes: 200_000,
        }
    }
}

/// The spans could not be stored or read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the traces could not be read or written: {0}")]
pub struct TracesError(String);

impl TracesError {
    pub(super) const fn new(why: String) -> Self {
        Self(why)
    }
}

impl From<rusqlite::Error> for TracesError {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<serde_json::Error> for TracesError {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

/// The result of storing spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// New ones.
    pub stored: usize,
    /// Known ones.
    pub duplicates: usize,
    /// Ones that were too large or too many.
    pub refused: usize,
    /// The reason for the first refusal.
    pub reason: Option<String>,
}

#[derive(Debug)]
pub(super) struct Store {
    connection: Connection,
    limits: Limits,
    traces: usize,
    spans: usize,
}

impl Store {
    pub(super) fn open(directory: Option<&Path>, limits: Limits) -> anyhow::Result<Self> {
        let connection = match directory {
            Some(directory) => {
                std::fs::create_dir_all(directory).with_context(|| format!("create {}", directory.display()))?;
                let file = directory.join("traces.db");
                Connection::open(&file).with_context(|| format!("open {}", file.display()))?
            }
            None => Connection::open_in_memory()?,
        };
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")?;
        connection
            .execute_batch(SCHEMA)
            .context("create the tables of traces")?;
        let count = |table: &str| {
            connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
                row.get::<_, usize>(0)
            })
        };
        let (traces, spans) = (count("traces")?, count("spans")?);
        Ok(Self {
            connection,
            limits,
            traces,
            spans,
        })
    }

    /// All in one transaction: what is refused is refused one by one, a failure undoes everything.
    pub(super) fn add(&mut self, spans: &[Span]) -> Result<Added, TracesError> {
        let (limits, mut traces, mut count) = (self.limits, self.traces, self.spans);
        let transaction = self.connection.transaction()?;
        let mut added = Added::default();
        for span in spans {
            match add_one(&transaction, span, limits)? {
                One::Duplicate => added.duplicates += 1,
                One::Refused(reason) => {
                    added.refused += 1;
                    added.reason.get_or_insert(reason);
                }
                One::Stored { is_new_trace } => {
                    added.stored += 1;
                    count += 1;
                    traces += usize::from(is_new_trace);
                }
            }
        }
        while traces > limits.traces || count > limits.spans {
            let Some(spans_gone) = drop_oldest(&transaction)? else {
                break;
            };
            traces = traces.saturating_sub(1);
            count = count.saturating_sub(spans_gone);
        }
        transaction.commit()?;
        (self.traces, self.spans) = (traces, count);
        Ok(added)
    }

    pub(super) fn trace(&self, trace_id: &str) -> Result<Trace, TracesError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT body, received, differs FROM spans WHERE trace_id = ?1")?;
        let mut rows = statement.query([trace_id])?;
        let mut spans = Vec::new();
        while let Some(row) = rows.next()? {
            let mut span: Span = serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?;
            span.received = row.get(1)?;
            span.differs = row.get(2)?;
            spans.push(span);
        }
        // A parent that begins in the same nanosecond as its child is the longer one.
        spans.sort_by(|a, b| (a.start_ns, b.end_ns, &a.span_id).cmp(&(b.start_ns, a.end_ns, &b.span_id)));
        Ok(Trace {
            trace_id: trace_id.to_owned(),
            spans,
        })
    }

    pub(super) fn latest(&self, limit: usize) -> Result<Vec<Trace>, TracesError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT trace_id FROM traces ORDER BY touched DESC LIMIT ?1")?;
        let ids: Vec<String> = statement
            .query_map([limit], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        ids.iter().map(|id| self.trace(id)).collect()
    }
}

enum One {
    Stored { is_new_trace: bool },
    Duplicate,
    Refused(String),
}

fn add_one(transaction: &Transaction<'_>, span: &Span, limits: Limits) -> Result<One, TracesError> {
    let body = serde_json::to_string(span)?;
    if body.len() > limits.span_bytes {
        let (name, limit) = (&span.name, limits.span_bytes);
        return Ok(One::Refused(format!("span {name:?} is larger than {limit} bytes")));
    }
    let again = transaction
        .prepare_cached(
            "UPDATE spans SET received = received + 1, differs = differs OR body <> ?3,
                 body = iif(json_extract(?3, '$.endNs') > json_extract(body, '$.endNs'), ?3, body)
             WHERE trace_id = ?1 AND span_id = ?2",
        )?
        .execute(params![span.trace_id, span.span_id, body])?;
    if again > 0 {
        return Ok(One::Duplicate);
    }
    let known: Option<usize> = transaction
        .prepare_cached("SELECT spans FROM traces WHERE trace_id = ?1")?
        .query_row([&span.trace_id], |row| row.get(0))
        .optional()?;
    if known.is_some_and(|spans| spans >= limits.spans_of_a_trace) {
        let limit = limits.spans_of_a_trace;
        return Ok(One::Refused(format!(
            "trace {} already has {limit} spans",
            span.trace_id
        )));
    }
    transaction
        .prepare_cached("INSERT INTO spans VALUES (?1, ?2, 1, 0, ?3)")?
        .execute(params![span.trace_id, span.span_id, body])?;
    transaction
        .prepare_cached(
            "INSERT INTO traces VALUES (?1, (SELECT ifnull(max(touched), 0) + 1 FROM traces), 1)
             ON CONFLICT DO UPDATE SET touched = excluded.touched, spans = spans + 1",
        )?
        .execute([&span.trace_id])?;
    Ok(One::Stored {
        is_new_trace: known.is_none(),
    })
}

/// Deletes the trace with the oldest last write and returns how many spans it had; none when there is no trace.
fn drop_oldest(transaction: &Transaction<'_>) -> Result<Option<usize>, TracesError> {
    let oldest: Option<String> = transaction
        .prepare_cached("SELECT trace_id FROM traces ORDER BY touched LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let Some(trace_id) = oldest else {
        return Ok(None);
    };
    transaction
        .prepare_cached("DELETE FROM traces WHERE trace_id = ?1")?
        .execute([&trace_id])?;
    let spans = transaction
        .prepare_cached("DELETE FROM spans WHERE trace_id = ?1")?
        .execute([&trace_id])?;
    Ok(Some(spans))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(trace: u32, span: u32) -> Span {
        Span {
            trace_id: format!("{trace:032x}"),
            span_id: format!("{span:016x}"),
            name: "step".to_owned(),
            received: 1,
            ..Span::default()
        }
    }

    fn ids(store: &Store) -> Vec<String> {
        let traces = store.latest(100).unwrap();
        traces.into_iter().map(|trace| trace.trace_id).collect()
    }

    #[test]
    fn of_a_span_that_comes_again_the_one_that_ends_last_is_kept() {
        let ending = |end_ns, name: &str| Span {
            end_ns,
            name: name.to_owned(),
            ..span(1, 1)
        };
        let mut store = Store::open(None, Limits::default()).unwrap();
        store
            .add(&[ending(10, "failed"), ending(30, "redriven"), ending(20, "late")])
            .unwrap();
        let spans = store.trace(&span(1, 1).trace_id).unwrap().spans;
        assert_eq!(
            (spans[0].name.as_str(), spans[0].received, spans[0].differs),
            ("redriven", 3, true)
        );
    }

    #[test]
    fn a_span_that_comes_again_is_counted_and_the_first_is_kept() {
        let mut store = Store::open(None, Limits::default()).unwrap();
        let changed = Span {
            name: "other".to_owned(),
            ..span(1, 1)
        };
        let added = store
            .add(&[span(1, 1), span(1, 2), span(1, 2), span(1, 1), changed])
            .unwrap();
        assert_eq!((added.stored, added.duplicates, added.refused), (2, 3, 0));
        let spans = store.trace(&span(1, 1).trace_id).unwrap().spans;
        let told: Vec<_> = spans.iter().map(|s| (s.name.as_str(), s.received, s.differs)).collect();
        assert_eq!(told, [("step", 3, true), ("step", 2, false)]);
    }

    #[test]
    fn the_traces_that_were_written_to_longest_ago_go_first() {
        let limits = Limits {
            traces: 2,
            ..Limits::default()
        };
        let mut store = Store::open(None, limits).unwrap();
        store.add(&[span(1, 1), span(2, 1), span(1, 2), span(3, 1)]).unwrap();
        assert_eq!(ids(&store), [span(3, 0).trace_id, span(1, 0).trace_id]);
        assert_eq!((store.traces, store.spans), (2, 3));
    }

    #[test]
    fn the_number_of_spans_is_bounded_too() {
        let limits = Limits {
            spans: 5,
            spans_of_a_trace: 3,
            span_bytes: 1000,
            ..Limits::default()
        };
        let mut store = Store::open(None, limits).unwrap();
        let added = store
            .add(&(1..=5).map(|number| span(1, number)).collect::<Vec<_>>())
            .unwrap();
        assert_eq!((added.stored, added.refused), (3, 2));
        assert!(added.reason.unwrap().contains("already has 3 spans"));
        store.add(&[span(2, 1), span(2, 2), span(3, 1)]).unwrap();
        assert_eq!(ids(&store), [span(3, 0).trace_id, span(2, 0).trace_id]);
        let long = Span {
            name: "n".repeat(1001),
            ..span(4, 1)
        };
        assert_eq!(store.add(&[long]).unwrap().refused, 1);
    }

    #[test]
    fn what_is_stored_is_found_after_opening_again() {
        let directory = tempfile::tempdir().unwrap();
        let mut store = Store::open(Some(directory.path()), Limits::default()).unwrap();
        store.add(&[span(1, 1)]).unwrap();
        drop(store);
        let store = Store::open(Some(directory.path()), Limits::default()).unwrap();
        assert_eq!(ids(&store), [span(1, 0).trace_id]);
        assert_eq!((store.traces, store.spans), (1, 1));
    }
}
