//! `/traces`: the traces that were written to last, those without a webhook too, such as rejected requests.

use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};

use super::layout::{Place, Refresh, page, pill};
use super::trace::summary::Summary;
use super::{Choices, Pages, format, now_ms};
use crate::traces::Trace;

/// Rows on the page.
const ROWS: usize = 100;

pub(super) async fn show(State(pages): State<Pages>, Query(choices): Query<Choices>) -> Response {
    match pages.traces.latest(ROWS).await {
        Ok(traces) => list(&traces, choices.stands_still()).into_response(),
        Err(error) => error.into_response(),
    }
}

fn list(traces: &[Trace], stands_still: bool) -> Html<String> {
    let now_ms = now_ms();
    let content = html! {
        h1 { "Latest traces" }
        @if traces.is_empty() {
            section.card.help {
                p { "No span was received yet. With " code { "OTEL_EXPORTER_OTLP_ENDPOINT" } " set, spans go there instead." }
            }
        } @else {
            table.card.list {
                thead { tr {
                    th { "Status" } th.grow { "Trace" } th { "Id" } th.num { "Spans" } th.num { "Began" } th.num { "Took" }
                } }
                tbody { @for trace in traces { (row(trace, now_ms)) } }
            }
        }
    };
    page(Place::Traces, "Traces", Refresh::of(stands_still), content)
}

fn row(trace: &Trace, now_ms: i64) -> Markup {
    let tree = trace.tree();
    let summary = Summary::of(trace, &tree);
    let (start_ns, end_ns) = trace.extent_ns();
    let start_ms = i64::try_from(start_ns / 1_000_000).unwrap_or_default();
    html! {
        tr {
            td { (pill(&summary.status)) }
            td.grow {
                a href={ "/traces/" (trace.trace_id) } { b { (summary.title) } }
                div.muted { (summary.services.join(" · ")) }
                @if let Some(failure) = summary.failures.first() {
                    div.why title=(failure.message) { b { (failure.span.name) } " " (failure.message) }
                }
            }
            td { code { (trace.trace_id) } }
            td.num { (trace.spans.len()) }
            td.num title=(format::moment_ns(start_ns)) { (format::age(start_ms, now_ms)) }
            td.num { (format::duration(end_ns.saturating_sub(start_ns))) }
        }
    }
}
