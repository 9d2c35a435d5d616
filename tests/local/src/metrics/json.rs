//! The metrics as JSON for tests and tools.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use tracehook_local_cloudwatch::{Distribution, Statistic};

use super::{MetricId, Metrics, Series};

#[derive(Deserialize)]
struct Asked {
    /// Seconds.
    period: Option<u64>,
}

pub(super) fn router(metrics: Metrics) -> Router {
    Router::new().route("/local/metrics", get(list)).with_state(metrics)
}

async fn list(State(metrics): State<Metrics>, Query(asked): Query<Asked>) -> Json<Value> {
    let period = asked.period.map(Duration::from_secs);
    let told: Vec<Value> = metrics
        .snapshot()
        .iter()
        .map(|(id, series)| tell(id, series, period))
        .collect();
    Json(json!({ "metrics": told, "lost": metrics.lost() }))
}

fn tell(id: &MetricId, series: &Series, period: Option<Duration>) -> Value {
    let mut told = json!(id);
    let own = json!({ "unit": series.unit, "last": series.last, "lastMs": series.last_ms });
    extend(&mut told, own);
    extend(&mut told, statistics(&series.total));
    if let Some(period) = period {
        let periods = series.periods(i64::MIN, i64::MAX, period);
        let periods: Vec<Value> = periods
            .into_iter()
            .map(|period| {
                let mut told = json!({ "startMs": period.start_ms });
                extend(&mut told, statistics(&period.values));
                told
            })
            .collect();
        extend(&mut told, json!({ "periods": periods }));
    }
    told
}

fn statistics(values: &Distribution) -> Value {
    let percentile = |percent| values.statistic(Statistic::Percentile(percent));
    json!({
        "count": values.count(),
        "sum": values.sum(),
        "min": values.statistic(Statistic::Minimum),
        "average": values.statistic(Statistic::Average),
        "max": values.statistic(Statistic::Maximum),
        "p50": percentile(50.0),
        "p90": percentile(90.0),
        "p99": percentile(99.0),
    })
}

fn extend(to: &mut Value, more: Value) {
    if let (Value::Object(to), Value::Object(more)) = (to, more) {
        to.extend(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_tells_its_statistics_and_its_periods() {
        let metrics = Metrics::default();
        let line = json!({
            "_aws": {"Timestamp": 65_000, "CloudWatchMetrics": [{
                "Namespace": "Tracehook", "Dimensions": [["service"]], "Metrics": [{"Name": "received", "Unit": "Count"}],
            }]},
            "service": "validator", "received": [1, 2, 3, 4],
        });
        metrics.read_text(&line.to_string(), 65_000);
        let (id, series) = metrics.snapshot().remove(0);
        let told = tell(&id, &series, Some(Duration::from_mins(1)));
        let statistics = json!({"count": 4, "sum": 10.0, "min": 1.0, "average": 2.5, "max": 4.0});
        for (key, value) in statistics.as_object().unwrap() {
            assert_eq!(&told[key], value, "{key}");
            assert_eq!(&told["periods"][0][key], value, "{key}");
        }
        assert_eq!(told["dimensions"], json!({"service": "validator"}));
        assert_eq!(told["periods"][0]["startMs"], 60_000);
        assert_eq!((&told["unit"], &told["last"]), (&json!("Count"), &json!(4.0)));
    }
}
