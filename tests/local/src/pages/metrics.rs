//! `/metrics`: what the functions emitted since the start of the host.

use axum::extract::State;
use axum::response::Html;
use maud::{Markup, html};
use tracehook_local_cloudwatch::Statistic;

use super::layout::{Place, Refresh, page};
use super::{Pages, format};
use crate::metrics::{MetricId, Series};

const STATISTICS: [(&str, Statistic); 8] = [
    ("Count", Statistic::SampleCount),
    ("Sum", Statistic::Sum),
    ("Min", Statistic::Minimum),
    ("Avg", Statistic::Average),
    ("p50", Statistic::Percentile(50.0)),
    ("p90", Statistic::Percentile(90.0)),
    ("p99", Statistic::Percentile(99.0)),
    ("Max", Statistic::Maximum),
];

pub(super) async fn show(State(pages): State<Pages>) -> Html<String> {
    let metrics = pages.metrics.snapshot();
    let lost = pages.metrics.lost();
    let lost = lost.unreadable + lost.too_many_metrics + lost.lines_skipped;
    let content = html! {
        h1 { "Metrics" }
        @if metrics.is_empty() {
            section.card.help { p { "The functions have emitted no metric yet." } }
        } @else {
            @for namespace in metrics.chunk_by(|(a, _), (b, _)| a.namespace == b.namespace) { (table(namespace)) }
            p.muted { "Since the start of this host. Percentiles are exact within one per cent. "
                a href="/local/metrics?period=60" { "By minute, as JSON" } }
        }
        @if lost > 0 { p.note { (lost) " lines or values could not be counted; " a href="/local/metrics" { "the JSON" } " says why." } }
    };
    page(Place::Metrics, "Metrics", Refresh::Never, content)
}

fn table(namespace: &[(MetricId, Series)]) -> Markup {
    let name = namespace
        .first()
        .map(|(id, _)| id.namespace.as_str())
        .unwrap_or_default();
    html! {
        h2 { (name) }
        table.card.list.metrics {
            thead { tr {
                th { "Metric" } th.grow { "Dimensions" }
                @for (title, _) in STATISTICS { th.num { (title) } }
            } }
            @for metric in namespace.chunk_by(|(a, _), (b, _)| a.name == b.name) {
                tbody { @for (at, (id, series)) in metric.iter().enumerate() {
                    tr {
                        @if at == 0 { th.metric scope="rowgroup" rowspan=(metric.len()) {
                            (id.name)
                            @if let Some(unit) = &series.unit { div.muted { (unit) } }
                        } }
                        td.grow { @for (key, value) in &id.dimensions { span.chip { (key) " " b { (value) } } " " } }
                        @for (_, statistic) in STATISTICS {
                            td.num { (series.total.statistic(statistic).map(format::number).unwrap_or_default()) }
                        }
                    }
                } }
            }
        }
    }
}
