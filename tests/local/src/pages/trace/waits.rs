//! Waits: the time between invocations, such as a step's retry delay.

use crate::traces::{Span, SpanKind, Trace, Tree};

use super::span::{is_container, is_invocation, step_try};

/// A shorter one is no wait worth a row: one of so many parts of the whole, and a floor.
const PARTS: u64 = 50;
const SMALLEST_NS: u64 = 1_000_000;

/// A time in which no span ran but those around everything.
#[derive(Debug, PartialEq)]
pub(super) struct Wait<'a> {
    pub(super) start_ns: u64,
    pub(super) end_ns: u64,
    pub(super) reason: Reason<'a>,
}

/// The reason of the wait.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reason<'a> {
    /// The delay before another try of a step.
    Retry { step: &'a str, number: u64 },
    /// The way from one function to another.
    Handover { to: &'a str },
    /// Between two invocations of one function.
    Suspended,
    /// After the last span, until the root ended.
    End,
}

impl Wait<'_> {
    pub(super) const fn duration_ns(&self) -> u64 {
        self.end_ns.saturating_sub(self.start_ns)
    }
}

impl std::fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Retry { step, number } => write!(f, "retry delay before {step}, try {number}"),
            Self::Handover { to } => write!(f, "on the way to {to}"),
            Self::Suspended => f.write_str("suspended"),
            Self::End => f.write_str("nothing ran until the end"),
        }
    }
}

/// The waits of a trace, by time.
pub(super) fn find<'a>(trace: &'a Trace, tree: &Tree<'a>) -> Vec<Wait<'a>> {
    let (start_ns, end_ns) = trace.extent_ns();
    let smallest_ns = SMALLEST_NS.max(end_ns.saturating_sub(start_ns) / PARTS);
    let around = container(tree).map(|root| root.span_id.as_str());
    let mut working = trace
        .spans
        .iter()
        .filter(|span| Some(span.span_id.as_str()) != around && !is_container(span));
    let mut waits = Vec::new();
    let Some(first) = working.next() else {
        return waits;
    };
    // The time that is covered so far ends with this span. What is before the first one belongs to the root.
    let mut latest = first;
    for next in working {
        if next.start_ns.saturating_sub(latest.end_ns) >= smallest_ns {
            waits.push(Wait {
                start_ns: latest.end_ns,
                end_ns: next.start_ns,
                reason: reason(latest, next, &trace.spans),
            });
        }
        if next.end_ns > latest.end_ns {
            latest = next;
        }
    }
    if end_ns.saturating_sub(latest.end_ns) >= smallest_ns {
        waits.push(Wait {
            start_ns: latest.end_ns,
            end_ns,
            reason: Reason::End,
        });
    }
    waits
}

/// The root when it is the whole webhook, and not a process that works while its children do not.
fn container<'a>(tree: &Tree<'a>) -> Option<&'a Span> {
    let root = tree.rows.first()?.span;
    let mut children = tree.rows.iter().filter(|row| row.depth == 1).map(|row| row.span);
    let is_process = matches!(root.kind, SpanKind::Server | SpanKind::Client);
    (!is_process && children.any(|child| is_invocation(child) || step_try(child).is_some())).then_some(root)
}

fn reason<'a>(before: &Span, after: &'a Span, spans: &'a [Span]) -> Reason<'a> {
    // The try that the wait ended with is in the invocation that began then.
    let next_try = spans
        .iter()
        .filter(|span| span.start_ns >= after.start_ns)
        .find_map(step_try);
    match next_try {
        Some((step, number)) if number > 1 => Reason::Retry { step, number },
        _ if before.service() != after.service() => Reason::Handover { to: after.service() },
        _ => Reason::Suspended,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::tests::fixtures::{plain, retried, single};

    fn told(trace: &Trace) -> Vec<(String, u64)> {
        let waits = find(trace, &trace.tree());
        waits
            .iter()
            .map(|wait| (wait.reason.to_string(), wait.duration_ns() / 1_000_000))
            .collect()
    }

    #[test]
    fn the_delays_between_tries_are_waits_with_their_reason() {
        assert_eq!(
            told(&retried()),
            [
                ("retry delay before process, try 2".to_owned(), 1200),
                ("retry delay before process, try 3".to_owned(), 3100),
            ]
        );
    }

    #[test]
    fn the_way_from_the_validator_to_the_processor_is_a_wait_when_it_is_worth_a_row() {
        let mut trace = plain();
        assert_eq!(told(&trace), [("on the way to tracehook-processor".to_owned(), 4)]);
        trace.spans.truncate(1);
        assert!(told(&trace).is_empty());
    }

    #[test]
    fn a_process_that_works_without_calling_anything_does_not_wait() {
        assert!(told(&single()).is_empty());
        let mut trace = plain();
        for span in &mut trace.spans {
            span.kind = SpanKind::Client;
        }
        assert!(told(&trace).is_empty());
    }

    #[test]
    fn nothing_between_the_last_span_and_the_end_of_the_root_is_a_wait() {
        let mut trace = retried();
        let (_, end_ns) = trace.extent_ns();
        let root = trace
            .spans
            .iter_mut()
            .find(|span| span.parent_span_id.is_none())
            .unwrap();
        root.end_ns = end_ns + 120_000_000_000;
        let last = told(&trace).pop().unwrap();
        assert_eq!(last.0, "nothing ran until the end");
        assert_eq!(last.1 / 1000, 120);
    }

    #[test]
    fn a_trace_without_its_root_shows_its_waits_too() {
        let mut trace = retried();
        trace.spans.retain(|span| span.parent_span_id.is_some());
        assert_eq!(told(&trace).len(), 2);
    }
}
