//! The fault matrix: every AWS call of every function × every way in which it fails. The table is checked in as
//! documentation, and this test compares it with the outcomes.

#![cfg(test)]

mod play;
mod rows;

use futures_util::StreamExt;
use futures_util::stream;
use tracehook_test_support::service::scripted;

use crate::play::play;
use crate::rows::rows;

/// The file of the table. The variable below makes the test write it instead of comparing it.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fault-matrix.md");
const UPDATE: &str = "UPDATE_FAULT_MATRIX";

/// Services at a time: each is a dozen processes.
const AT_ONCE: usize = 3;

const HEAD: &str = "# The fault matrix

Written by the test `no_fault_of_any_call_loses_a_webhook_or_shows_a_false_end` of `tests/e2e`, which fails when this file
does not say what happens: `UPDATE_FAULT_MATRIX=1 cargo test --test matrix` writes it.

Each row is one webhook during which one call of one function fails: every try that the function makes of it, or, for a
crash, the process is killed with SIGKILL right after the call had its effect. A checkpoint also meets a token that the
service takes for stale, and an answer without the next token. Then the call works again. *Answer* is the
answer to the producer, the reader or the operator, or the outcome of a sweep; a producer that did not get 202 sends the
same delivery again, an operator repeats a redrive that the status does not show. *End* is the record's final
status, *attempt* the number of its attempts, *handler* how often the handler ran. Nobody but the sweep helps.

| function | call | on the way of | fault | answer | end | attempt | handler |
| --- | --- | --- | --- | --- | --- | --- | --- |
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_of_any_call_loses_a_webhook_or_shows_a_false_end() {
    let played: Vec<Vec<String>> = stream::iter(rows())
        .map(|row| async move {
            let service = scripted(&row.scene.config()).await;
            let mut lines = Vec::new();
            for fault in row.faults() {
                lines.push(play(&service, &row, *fault).await);
            }
            lines
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let table = format!("{HEAD}{}\n", played.concat().join("\n"));
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(FILE, &table).unwrap();
    }
    let written = std::fs::read_to_string(FILE).unwrap_or_default();
    for (is, was) in table.lines().zip(written.lines()) {
        assert_eq!(is, was, "{UPDATE}=1 writes the table anew");
    }
    assert_eq!(table.lines().count(), written.lines().count());
}
