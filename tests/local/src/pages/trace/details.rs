//! The details of a row: all data of its span.

use maud::{Markup, html};
use serde_json::Value;

use super::super::format;
use crate::traces::{Attributes, Span, SpanLink, Trace};

pub(super) fn show(span: &Span, trace: &Trace) -> Markup {
    let (origin_ns, _) = trace.extent_ns();
    let since = |ns: u64| format!("+{}", format::duration(ns.saturating_sub(origin_ns)));
    html! {
        div.panel {
            @if !span.status.message.is_empty() { p.message { (span.status.message) } }
            dl {
                dt { "began" } dd { (format::moment_ns(span.start_ns)) span.muted { " " (since(span.start_ns)) } }
                dt { "service" } dd { (span.service()) span.muted { " " (span.kind.as_str()) } }
                dt { "span" } dd { code { (span.span_id) }
                    @if let Some(parent) = &span.parent_span_id {
                        span.muted { " in " } a href={ "#span-" (parent) } { code { (parent) } }
                    }
                }
                @for link in &span.links { dt { "link" } dd { (linked(link, trace)) } }
            }
            (table("attributes", &span.attributes))
            @for event in &span.events {
                h4 { (event.name) " " span.muted { (since(event.time_ns)) } }
                (table("", &event.attributes))
            }
            @if span.dropped > 0 { p.muted { (span.dropped) " attributes, events or links were dropped by the exporter." } }
            details.more { summary { "resource" } (table("", &span.resource)) p.muted { (span.scope) } }
        }
    }
}

/// A link within the trace leads to the row and says its name, one out of it leads to the other trace.
fn linked(link: &SpanLink, trace: &Trace) -> Markup {
    let here = trace
        .spans
        .iter()
        .find(|span| span.span_id == link.span_id && link.trace_id == trace.trace_id);
    html! {
        @match here {
            Some(span) => { a href={ "#span-" (span.span_id) } { (span.name) } " " code { (span.span_id) } }
            None => { a href={ "/traces/" (link.trace_id) "#span-" (link.span_id) } { code { (link.trace_id) } } " " code { (link.span_id) } }
        }
        @for (key, value) in &link.attributes { " " span.muted { (key) "=" (text(value)) } }
    }
}

fn table(title: &str, attributes: &Attributes) -> Markup {
    html! {
        @if !attributes.is_empty() {
            @if !title.is_empty() { h4 { (title) } }
            table.attributes { tbody { @for (key, value) in attributes {
                tr { th scope="row" { (key) } td { (text(value)) } }
            } } }
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
