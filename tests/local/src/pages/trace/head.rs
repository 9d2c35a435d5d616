//! The summary above the waterfall.

use maud::{Markup, html};

use super::super::layout::pill;
use super::super::redrive::button;
use super::super::{Links, format};
use super::span::step_try;
use super::summary::Summary;
use crate::traces::Trace;

/// Failures that are listed before the rows.
const LISTED: usize = 5;

pub(super) fn show(trace: &Trace, summary: &Summary<'_>, waiting_ns: u64, links: &Links) -> Markup {
    let (start_ns, end_ns) = trace.extent_ns();
    html! {
        div.head {
            h1 {
                (summary.title) " " (pill(&summary.status)) " "
                @if let Some(token) = summary.token { (button(token, &summary.status)) }
            }
            p.muted {
                @if let Some(event_type) = summary.event_type { b { (event_type) } " · " }
                @if let Some(source) = summary.source { "source " b { (source) } " · " }
                (format::moment_ns(start_ns))
            }
            p.muted.ids {
                @if let Some(token) = summary.token { "token " code { (token) } " " a href=(links.status_of(token)) { "status" } " · " }
                "trace " code { (trace.trace_id) }
            }
        }
        div.facts {
            (fact("total", &format::duration(end_ns.saturating_sub(start_ns)), ""))
            @if waiting_ns > 0 { (fact("of it waiting", &format::duration(waiting_ns), "")) }
            @if summary.invocations > 0 {
                (fact("invocations", &summary.invocations.to_string(), &some(summary.cold_starts, "cold")))
            }
            @if summary.tries > 0 {
                (fact("steps", &summary.steps.to_string(), ""))
                (fact("tries", &summary.tries.to_string(), &some(summary.failed_tries, "failed")))
            }
            (fact("spans", &trace.spans.len().to_string(), &some(summary.duplicates, "received twice")))
            div.legend { @for (at, service) in summary.services.iter().enumerate() {
                span { i class={ "dot c" (at % 6) } {} (service) }
            } }
        }
        @if !summary.failures.is_empty() {
            ul.failures {
                @for failure in summary.failures.iter().take(LISTED) {
                    li {
                        a href={ "#span-" (failure.span.span_id) } {
                            (failure.span.name)
                            @if let Some((_, number)) = step_try(failure.span) { ", try " (number) }
                        }
                        " " span { (failure.message) }
                    }
                }
                @if summary.failures.len() > LISTED { li.muted { "and " (summary.failures.len() - LISTED) " more" } }
            }
        }
    }
}

fn fact(name: &str, value: &str, more: &str) -> Markup {
    html! {
        div.fact {
            span { (name) }
            b { (value) }
            @if !more.is_empty() { em { (more) } }
        }
    }
}

fn some(number: usize, what: &str) -> String {
    if number == 0 {
        String::new()
    } else {
        format!("{number} {what}")
    }
}
