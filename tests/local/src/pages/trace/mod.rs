//! `/traces/{trace_id}`: one trace as a waterfall.

mod axis;
mod details;
mod head;
mod rows;
mod span;
pub(super) mod summary;
mod waits;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};

use super::layout::{Place, Refresh, page};
use super::{Choices, Pages, format};
use crate::traces::{Trace, parse_trace_id};
use axis::Axis;
use summary::Summary;

/// Rows that are drawn. What is beyond them is in the JSON.
const MAX_ROWS: usize = 1000;

pub(super) async fn show(
    State(pages): State<Pages>,
    Path(text): Path<String>,
    Query(choices): Query<Choices>,
) -> Response {
    let Some(trace_id) = parse_trace_id(&text) else {
        return (StatusCode::NOT_FOUND, malformed(&text)).into_response();
    };
    match pages.traces.trace(&trace_id).await {
        Ok(trace) if trace.spans.is_empty() => {
            let waiting = nothing_yet(&trace_id, choices.stands_still());
            (StatusCode::NOT_FOUND, waiting).into_response()
        }
        Ok(trace) => draw(&trace, &pages, &choices).into_response(),
        Err(error) => error.into_response(),
    }
}

fn malformed(text: &str) -> Html<String> {
    let content = html! {
        section.card.help {
            h1 { "No such trace" }
            p { code { (text) } " is no trace id: 32 hex digits, or X-Ray's form of them." }
        }
    };
    page(Place::Traces, "No such trace", Refresh::Never, content)
}

fn nothing_yet(trace_id: &str, stands_still: bool) -> Html<String> {
    let content = html! {
        section.card.help {
            h1 { "Nothing of this trace yet" }
            p { code { (trace_id) } }
            p { "A span is sent when it has ended, so a trace appears a moment after its webhook was answered. "
                "If it does not:" }
            ul {
                li { "with " code { "OTEL_EXPORTER_OTLP_ENDPOINT" } " set, spans go there instead;" }
                li { "a trace that the sampler left out is never sent;" }
                li { "only the latest traces are kept." }
            }
        }
    };
    page(Place::Traces, "Trace", Refresh::of(stands_still), content)
}

fn draw(trace: &Trace, pages: &Pages, choices: &Choices) -> Html<String> {
    let tree = trace.tree();
    let summary = Summary::of(trace, &tree);
    let waits = waits::find(trace, &tree);
    let waiting_ns: u64 = waits.iter().map(waits::Wait::duration_ns).sum();
    let axis = Axis::new(trace.extent_ns(), &waits, choices.is_to_scale());
    let content = html! {
        (head::show(trace, &summary, waiting_ns, &pages.links))
        (chart(trace, &tree, &summary, &waits, &axis, choices))
        p.muted.foot {
            "Click a row for its attributes and links. "
            a href={ "/local/traces/" (trace.trace_id) } { "Everything as JSON" }
        }
    };
    let refresh = if summary.is_complete {
        Refresh::Never
    } else {
        Refresh::of(choices.stands_still())
    };
    page(Place::Traces, summary.title, refresh, content)
}

fn chart(
    trace: &Trace,
    tree: &crate::traces::Tree<'_>,
    summary: &Summary<'_>,
    waits: &[waits::Wait<'_>],
    axis: &Axis,
    choices: &Choices,
) -> Markup {
    let mut drawing = rows::Drawing::new(trace, tree, summary, waits, axis);
    html! {
        section.card.chart {
            (axis_head(axis, choices))
            div.grid {
                @for band in axis.bands() {
                    i.band style={ "left:" (percent(band.left)) ";width:" (percent(band.width)) } {}
                }
                @for tick in axis.ticks() { i style={ "left:" (percent(tick.at)) } {} }
            }
            (drawing.rows(&tree.rows, MAX_ROWS))
            @for group in &tree.missing {
                p.note {
                    @if summary.is_complete {
                        "The parent " code { (group.span_id) } " of " (format::count(group.rows.len(), "span"))
                        " was not received: its process crashed, or it is still on its way."
                    } @else {
                        "The span around these, " code { (group.span_id) } ", has not arrived: a span is sent when it ends."
                    }
                }
                (drawing.rows(&group.rows, MAX_ROWS))
            }
            (drawing.rest())
        }
    }
}

fn axis_head(axis: &Axis, choices: &Choices) -> Markup {
    html! {
        div.axis {
            span.scale {
                @if axis.is_folded() { "waits are shortened · " a href="?scale=linear" { "to scale" } }
                @else if choices.is_to_scale() { "to scale · " a href="?" { "shorten waits" } }
            }
            span.track {
                @for tick in axis.ticks() {
                    @if let Some(label) = &tick.label { span.tick style={ "left:" (percent(tick.at)) } { (label) } }
                }
                @for band in axis.bands() {
                    @if band.width >= axis::LABEL {
                        span.pause style={ "left:" (percent(band.left)) ";width:" (percent(band.width)) } {
                            (format::duration(band.duration_ns))
                        }
                    }
                }
            }
            span.took { "took" }
        }
    }
}

/// A share of the axis as CSS wants it.
fn percent(share: f64) -> String {
    format!("{share:.3}%")
}
