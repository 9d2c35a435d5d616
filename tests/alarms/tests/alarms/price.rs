//! What alarms, dashboards and metrics cost a month: counted from what is made, at the prices of `terraform/costs.json`.
//! `UPDATE_ALARMS=1` writes the table of `terraform/README.md`.

use std::fmt::Write as _;

use serde_json::Value;

use super::world::{files, root};
use tracehook_alarms::dashboard::{Context, read};
use tracehook_alarms::{Deployment, alarms_of};

const BEGIN: &str = "<!-- monthly of costs.json -->\n";
const END: &str = "<!-- end of monthly -->\n";

/// What a deployment with so many sources has.
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

fn count(sources: usize) -> Count {
    let names: Vec<String> = (0..sources).map(|number| format!("source-{number:03}")).collect();
    let deployment = Deployment::named("hooks", names.iter().map(String::as_str));
    let alarms = alarms_of(&files(), &deployment).unwrap();
    let directory = root().join("dashboards");
    let context = Context::new(&directory, &deployment, &alarms).unwrap();
    let custom = |name: &str| {
        prices()["custom_metrics"][name]
            .as_u64()
            .and_then(|count| usize::try_from(count).ok())
    };
    Count {
        alarms: alarms.metric.len(),
        // CloudWatch bills an alarm by the metrics that it reads.
        alarm_metrics: alarms.metric.iter().map(|alarm| alarm.alarm.metrics.len()).sum(),
        composites: alarms.composite.len(),
        dashboards: read(&directory, &context).unwrap().len(),
        custom_metrics: custom("deployment").unwrap() + custom("source").unwrap() * sources,
    }
}

/// USD a month, with what has a fixed price.
fn usd(count: &Count) -> f64 {
    let prices = prices();
    let fixed: f64 = prices["fixed"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_f64)
        .sum();
    let of = |count: usize, name: &str| f64::from(u32::try_from(count).unwrap()) * price(&prices, name);
    fixed
        + of(count.alarm_metrics, "/alarm_metric")
        + of(count.composites, "/composite_alarm")
        + of(count.dashboards, "/dashboard")
        + of(count.custom_metrics, "/custom_metric")
}

#[test]
fn a_count_by_hand_of_one_source_agrees() {
    let one = count(1);
    // By file, of the deployment: 7 + 12 + 14 + 17 + 11 + 8 alarms with 17 + 60 + 15 + 29 + 15 + 8 metrics (intake, objectives,
    // durable, functions, reconciler, table). Of the source: 12 alarms with 37 metrics.
    let expected = Count {
        alarms: 69 + 12,
        alarm_metrics: 144 + 37,
        composites: 17,
        dashboards: 4,
        custom_metrics: 45,
    };
    assert_eq!(one, expected);
    // 14.40 + 18.10 + 8.50 + 12.00 + 13.50
    assert!((usd(&one) - 66.50).abs() < 0.005, "{}", usd(&one));
}

#[test]
fn the_price_of_the_readmes_is_counted() {
    let mut table = "| sources | alarms on metrics | metrics in them | composite alarms | dashboards | custom metrics | USD a month, in all |\n\
                     | --- | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for sources in [1, 10, 100] {
        let count = count(sources);
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
            "| {sources} | {alarms} | {alarm_metrics} | {composites} | {dashboards} | {custom_metrics} | {usd:.2} |"
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
    let rounded = format!("about {:.0} USD a month", (usd(&count(1)) / 10.0).round() * 10.0);
    let first = std::fs::read_to_string(root().join("README.md"))
        .unwrap()
        .replace('\n', " ");
    assert!(first.contains(&rounded), "README.md: {rounded}");
}
