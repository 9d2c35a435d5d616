//! A trace in a few words.

use std::collections::{BTreeSet, HashSet};

use super::span::{self, is_invocation, step_try};
use crate::traces::{Span, Trace, Tree};

/// The key facts of a trace.
#[derive(Debug)]
pub(in super::super) struct Summary<'a> {
    /// The name of the first span.
    pub(in super::super) title: &'a str,
    /// `completed`, `failed`, `in progress`, or an HTTP status that is none of these.
    pub(in super::super) status: String,
    /// True when the root has arrived and no more spans are expected.
    pub(in super::super) is_complete: bool,
    /// In the order of their first spans, which is also the order of their colours.
    pub(in super::super) services: Vec<&'a str>,
    /// The spans that failed by themselves, not only because one below them did.
    pub(in super::super) failures: Vec<Failure<'a>>,
    pub(super) token: Option<&'a str>,
    pub(super) source: Option<&'a str>,
    pub(super) event_type: Option<&'a str>,
    pub(super) invocations: usize,
    pub(super) cold_starts: usize,
    pub(super) steps: usize,
    pub(super) tries: usize,
    pub(super) failed_tries: usize,
    pub(super) duplicates: usize,
}

/// A span that failed and why.
#[derive(Debug)]
pub(in super::super) struct Failure<'a> {
    pub(in super::super) span: &'a Span,
    pub(in super::super) message: String,
}

impl<'a> Summary<'a> {
    pub(in super::super) fn of(trace: &'a Trace, tree: &Tree<'a>) -> Self {
        let spans = &trace.spans;
        let first = |key: &str| spans.iter().find_map(|span| span.text(key));
        let root = tree.rows.first().map(|row| row.span);
        let mut services: Vec<&str> = Vec::new();
        // The root last: it comes last, and the colours shall stay what they were without it.
        let (below, roots): (Vec<_>, Vec<_>) = spans.iter().partition(|span| span.parent_span_id.is_some());
        for span in below.into_iter().chain(roots) {
            if !services.contains(&span.service()) {
                services.push(span.service());
            }
        }
        let steps: BTreeSet<&str> = spans.iter().filter_map(|span| Some(step_try(span)?.0)).collect();
        let tries = || spans.iter().filter(|span| step_try(span).is_some());
        let token = first(span::TOKEN);
        let title = match (root, token, spans.first()) {
            (Some(root), _, _) => &root.name,
            (None, None, Some(span)) => &span.name,
            (None, _, _) => "webhook",
        };
        Self {
            title,
            // The latest attempt's.
            status: attempts(tree).last().map_or_else(|| "in progress".to_owned(), status),
            is_complete: root.is_some(),
            services,
            failures: failures(tree),
            token,
            source: first(span::SOURCE),
            event_type: first(span::TYPE),
            invocations: invocations(spans),
            cold_starts: spans.iter().filter(|span| span.is_true(span::COLD_START)).count(),
            steps: steps.len(),
            tries: tries().count(),
            failed_tries: tries().filter(|span| span.failed()).count(),
            duplicates: spans.iter().filter(|span| span.received > 1 && !span.differs).count(),
        }
    }
}

/// The spans without a parent: the webhook's, and one for each later attempt.
fn attempts<'a>(tree: &Tree<'a>) -> impl Iterator<Item = &'a Span> {
    tree.rows.iter().filter(|row| row.depth == 0).map(|row| row.span)
}

fn status(root: &Span) -> String {
    if let Some(status) = root.text(span::STATUS) {
        return status.to_owned();
    }
    match root.number(span::RESPONSE_STATUS) {
        Some(code) if code >= 400 => format!("HTTP {code}"),
        _ if root.failed() => "failed".to_owned(),
        _ => "completed".to_owned(),
    }
}

/// By their ids; by their spans where these do not say.
fn invocations(spans: &[Span]) -> usize {
    let (mut ids, mut nameless) = (HashSet::new(), 0);
    for span in spans {
        match span.text(span::INVOCATION_ID) {
            Some(id) => drop(ids.insert((span.service(), id))),
            None if is_invocation(span) => nameless += 1,
            None => {}
        }
    }
    ids.len() + nameless
}

fn failures<'a>(tree: &Tree<'a>) -> Vec<Failure<'a>> {
    let rows: Vec<_> = tree.all_rows().collect();
    let mut failures = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let Some(message) = span::failure(row.span) else {
            continue;
        };
        let mut below = rows.iter().skip(at + 1).take_while(|other| other.depth > row.depth);
        // An operation fails with its last try, which stands beside it.
        let is_repeated = span::is_container(row.span)
            && rows
                .iter()
                .any(|other| other.span.failed() && step_try(other.span).is_some());
        if !is_repeated && !below.any(|other| other.span.failed()) {
            failures.push(Failure {
                span: row.span,
                message,
            });
        }
    }
    failures
}
