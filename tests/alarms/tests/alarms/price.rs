//! What alarms, dashboards and metrics cost a month: counted from what is made, at the prices of `terraform/costs.json`.
//! `UPDATE_ALARMS=1` writes the table of `terraform/README.md`, and `tests/alarms/golden/costs.json`, which the output `cost` of
//! `terraform/modules/alarms` is held against.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::world::{files, root};
use tracehook_alarms::dashboard::{Context, read};
use tracehook_alarms::{Deployment, alarms_at};
use tracehook_local_cloudwatch::Detail;

const BEGIN: &str = "<!-- monthly of costs.json -->\n";
const END: &str = "<!-- end of monthly -->\n";

const DETAILS: [(&str, Detail); 3] = [
    ("pages", Detail::Pages),
    ("standard", Detail::Standard),
    ("full", Detail::Full),
];
const SOURCES: [usize; 3] = [1, 10, 100];

/// What a deployment with so many sources has at a detail.
#[derive(Debug, PartialEq, Eq)]
struct Count {
    alarms: usize,
    alarm_metrics: usize,
    composites: usize,
    dashboards: usize,
    custom_metrics: usize,
}

fn prices() -> Value {
    let text = std::fs::read_to_string(root().join("terraform/costs.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["monthly"].take()
}

fn price(of: &Value, pointer: &str) -> f64 {
    of.pointer(pointer)
        .and_then(Value::as_f64)
        .unwrap_or_else(|| panic!("no price {pointer}"))
}

fn count(detail: Detail, sources: usize) -> Count {
    let names: Vec<String> = (0..sources).map(|number| format!("source-{number:03}")).collect();
    let deployment = Deployment::named("hooks", names.iter().map(String::as_str));
    let alarms = alarms_at(detail, &files(), &deployment).unwrap();
    let directory = root().join("dashboards");
    let context = Context::new(&directory, &deployment, &alarms).unwrap();
    let custom = |name: &str| {
        prices()["custom_metrics"][name]
            .as_u64()
            .and_then(|count| usize::try_from(count).ok())
    };
    Count {
        alarms: alarms.metric.len(),
        // CloudWatch bills an alarm by the metrics that it reads, and one with a band by its bounds, too.
        alarm_metrics: alarms.metric.iter().map(|alarm| alarm.alarm.billed_metrics()).sum(),
        composites: alarms.composite.len(),
        dashboards: read(&directory, &context).unwrap().len(),
        custom_metrics: custom("deployment").unwrap() + custom("source").unwrap() * sources,
    }
}

fn times(count: usize, name: &str) -> f64 {
    f64::from(u32::try_from(count).unwrap()) * price(&prices(), name)
}

/// USD a month of alarms and metrics.
fn watching(count: &Count) -> f64 {
    times(count.alarm_metrics, "/alarm_metric")
        + times(count.composites, "/composite_alarm")
        + times(count.custom_metrics, "/custom_metric")
}

/// USD a month, with dashboards and what has a fixed price.
fn usd(count: &Count) -> f64 {
    let prices = prices();
    let fixed: f64 = prices["fixed"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_f64)
        .sum();
    fixed + watching(count) + times(count.dashboards, "/dashboard")
}

#[test]
fn a_count_by_hand_of_one_source_agrees() {
    let one = count(Detail::Full, 1);
    // By file, of the deployment: 7 + 12 + 14 + 17 + 11 + 8 alarms with 17 + 60 + 15 + 29 + 15 + 8 metrics (intake, objectives,
    // durable, functions, reconciler, table). Of the source: 13 alarms with 38 metrics and the
    // two bounds of a band.
    let expected = Count {
        alarms: 69 + 13,
        alarm_metrics: 144 + 40,
        composites: 18,
        dashboards: 4,
        custom_metrics: 45,
    };
    assert_eq!(one, expected);
    // 15.40 + 18.40 + 9.00 + 12.00 + 13.50
    assert!((usd(&one) - 68.30).abs() < 0.005, "{}", usd(&one));
    // What pages. Of the deployment: intake-5xx with 5 metrics, 8 burn rates with 6 and 4, 1 + 2 + 2 + 2 of durable.yaml, the
    // account's concurrency and webhooks-stuck-unstarted. Of the source: 8 + 1 + 1 + 4 + 2.
    let pages = count(Detail::Pages, 1);
    assert_eq!(
        [pages.alarms, pages.alarm_metrics],
        [1 + 8 + 7 + 1 + 1 + 5, 5 + 40 + 7 + 1 + 1 + 16]
    );
    // service-unhealthy with four burn rates, starts-delayed, and source-refused.
    assert_eq!(pages.composites, 1 + 4 + 1 + 1);
}

#[test]
fn terraform_tells_the_same_counts_and_prices() {
    let mut costs = Map::new();
    for (name, detail) in DETAILS {
        let of = SOURCES.map(|sources| {
            let count = count(detail, sources);
            let usd = (watching(&count) * 100.0).round() / 100.0;
            let cost = json!({
                "metric_alarms": count.alarms, "alarm_metrics": count.alarm_metrics, "composite_alarms": count.composites,
                "custom_metrics": count.custom_metrics, "usd_a_month": usd,
            });
            (sources.to_string(), cost)
        });
        costs.insert(name.to_owned(), of.into_iter().collect::<Map<_, _>>().into());
    }
    let text = serde_json::to_string_pretty(&costs).unwrap() + "\n";
    let path = root().join("tests/alarms/golden/costs.json");
    if std::env::var_os("UPDATE_ALARMS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == text, "UPDATE_ALARMS=1 writes it");
}

#[test]
fn the_price_of_the_readmes_is_counted() {
    let mut table = "| sources | `detail` | alarms on metrics | metrics in them | composite alarms | dashboards | custom metrics | USD a month, in all |\n\
                     | --- | --- | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for (sources, (name, detail)) in SOURCES
        .into_iter()
        .flat_map(|sources| DETAILS.map(|detail| (sources, detail)))
    {
        let count = count(detail, sources);
        let Count {
            alarms,
            alarm_metrics,
            composites,
            dashboards,
            custom_metrics,
        } = &count;
        let usd = usd(&count);
        writeln!(
            table,
            "| {sources} | `{name}` | {alarms} | {alarm_metrics} | {composites} | {dashboards} | {custom_metrics} | {usd:.2} |"
        )
        .unwrap();
    }
    let path = root().join("terraform/README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let expected = format!("{before}{BEGIN}\n{table}\n{END}{after}");
    if std::env::var_os("UPDATE_ALARMS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    } else {
        assert!(readme == expected, "terraform/README.md: UPDATE_ALARMS=1 writes it");
    }
    let fixed: f64 = prices()["fixed"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_f64)
        .sum();
    assert!(expected.contains(&format!("the secret 0.40: {fixed:.2}.")));
    let rounded = format!(
        "about {:.0} USD a month",
        (usd(&count(Detail::Full, 1)) / 10.0).round() * 10.0
    );
    let first = std::fs::read_to_string(root().join("README.md"))
        .unwrap()
        .replace('\n', " ");
    assert!(first.contains(&rounded), "README.md: {rounded}");
}
