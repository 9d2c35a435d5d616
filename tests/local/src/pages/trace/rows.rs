//! The rows of the waterfall.

use std::collections::{HashMap, HashSet};

use maud::{Markup, html};

use super::super::format;
use super::axis::Axis;
use super::span::{self, is_invocation, step_try};
use super::summary::Summary;
use super::waits::Wait;
use super::{details, percent};
use crate::traces::{Row, Span, SpanKind, Trace, Tree};

/// Deeper spans are not indented further.
const MAX_INDENT: usize = 12;
/// Colours that the style has.
const COLOURS: usize = 6;

/// The state of a drawing: every wait and every row appears once.
pub(super) struct Drawing<'a> {
    trace: &'a Trace,
    axis: &'a Axis,
    services: HashMap<&'a str, usize>,
    failed_themselves: HashSet<&'a str>,
    waits: &'a [Wait<'a>],
    total: usize,
    drawn: usize,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(
        trace: &'a Trace,
        tree: &Tree<'a>,
        summary: &'a Summary<'a>,
        waits: &'a [Wait<'a>],
        axis: &'a Axis,
    ) -> Self {
        let services = summary
            .services
            .iter()
            .enumerate()
            .map(|(at, service)| (*service, at % COLOURS));
        Self {
            trace,
            axis,
            services: services.collect(),
            failed_themselves: summary
                .failures
                .iter()
                .map(|failure| failure.span.span_id.as_str())
                .collect(),
            waits,
            total: tree.all_rows().count(),
            drawn: 0,
        }
    }

    /// A wait is drawn before the first row that begins after it.
    pub(super) fn rows(&mut self, rows: &[Row<'a>], max: usize) -> Markup {
        html! {
            @for row in rows.iter().take(max.saturating_sub(self.drawn)) {
                @while let Some(wait) = self.wait_before(row.span) { (self.wait(wait, row.depth)) }
                (self.row(row))
            }
        }
    }

    /// The remainder at the end.
    pub(super) fn rest(&mut self) -> Markup {
        let waits = std::mem::take(&mut self.waits);
        html! {
            @for wait in waits { (self.wait(wait, 0)) }
            @if self.total > self.drawn {
                p.note { "The first " (self.drawn) " of " (self.total) " spans are drawn; the others are in "
                    a href={ "/local/traces/" (self.trace.trace_id) } { "the JSON" } "." }
            }
        }
    }

    fn wait_before(&mut self, span: &Span) -> Option<&'a Wait<'a>> {
        let (first, others) = self.waits.split_first()?;
        (first.end_ns <= span.start_ns).then(|| {
            self.waits = others;
            first
        })
    }

    fn wait(&self, wait: &Wait<'_>, depth: usize) -> Markup {
        let reason = wait.reason.to_string();
        html! {
            div.row.wait style={ "--d:" (depth.min(MAX_INDENT)) } {
                span.name title=(reason) { span.text { (reason) } }
                span.track { (self.bar("gap", wait.start_ns, wait.end_ns)) }
                span.took { (format::duration(wait.duration_ns())) }
            }
        }
    }

    fn row(&mut self, row: &Row<'a>) -> Markup {
        self.drawn += 1;
        let span = row.span;
        let colour = self.services.get(span.service()).copied().unwrap_or_default();
        let failure = span::failure(span);
        let why = failure.filter(|_| self.failed_themselves.contains(span.span_id.as_str()));
        let mut bar = format!("bar c{colour}");
        for (is_so, class) in [
            (
                row.depth == 0 && span.parent_span_id.is_none() && self.total > 1,
                " root",
            ),
            (span.kind == SpanKind::Client, " client"),
            (span.failed(), " bad"),
        ] {
            bar.push_str(if is_so { class } else { "" });
        }
        html! {
            details.row.failed[span.failed()] id={ "span-" (span.span_id) } style={ "--d:" (row.depth.min(MAX_INDENT)) } {
                summary {
                    span.name title=(span.name) {
                        i class={ "dot c" (colour) } {}
                        (name(span))
                    }
                    span.track { (self.bar(&bar, span.start_ns, span.end_ns)) }
                    span.took { (format::duration(span.duration_ns())) }
                    @if let Some(why) = why { span.why title=(why) { (why) } }
                }
                (details::show(span, self.trace))
            }
        }
    }

    fn bar(&self, class: &str, start_ns: u64, end_ns: u64) -> Markup {
        let left = self.axis.at(start_ns);
        let width = self.axis.at(end_ns.max(start_ns)) - left;
        html! { i class=(class) style={ "left:" (percent(left)) ";width:" (percent(width)) } {} }
    }
}

/// The root of a webhook, which ends again with each redrive.
fn is_root(span: &Span) -> bool {
    span.parent_span_id.is_none() && span.text(span::STATUS).is_some()
}

fn name(span: &Span) -> Markup {
    let numbered = step_try(span).filter(|(_, number)| *number > 1 || span.failed());
    html! {
        span.text.run[is_invocation(span)] { (span.name) }
        @if let Some((_, number)) = numbered { span.badge.bad[span.failed()] { "try " (number) } }
        @if span.is_true(span::COLD_START) { span.badge.cold { "cold start" } }
        @if is_root(span) && span.differs {
            span.badge title="the webhook was redriven" { "ended " (span.received) "×" }
        } @else if span.received > 1 {
            span.badge.warn title=(if span.differs { "and not the same each time" } else { "the same each time" }) {
                "received " (span.received) "×"
            }
        }
    }
}
