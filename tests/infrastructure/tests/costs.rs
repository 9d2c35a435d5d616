//! What strangers can make a deployment pay: the table of `terraform/README.md` is made of `terraform/costs.json`, whose bounds
//! are the defaults of Terraform and of the code. `UPDATE_COSTS=1` writes the table.

#![cfg(test)]

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;
use tracehook_infrastructure::path;

const README: &str = "terraform/README.md";
const BEGIN: &str = "<!-- costs.json -->\n";
const END: &str = "<!-- end of costs.json -->\n";
const SECONDS_OF_A_DAY: f64 = 86_400.0;

fn costs() -> Value {
    serde_json::from_str(&read("terraform/costs.json")).unwrap()
}

fn read(file: &str) -> String {
    fs::read_to_string(path(file)).unwrap()
}

fn number(value: &Value, pointer: &str) -> f64 {
    let found = value.pointer(pointer).and_then(Value::as_f64);
    found.unwrap_or_else(|| panic!("no number {pointer} in {value}"))
}

/// USD for a million of these requests.
fn usd(costs: &Value, request: &Value) -> f64 {
    let price = |name: &str| number(costs, &format!("/prices/{name}"));
    let of = |name: &str| number(request, &format!("/{name}"));
    if request["webhook"].is_string() {
        return number(costs, "/webhook_million") + of("extra_million");
    }
    // A refused request's trace is exported at its ratio, a webhook's always.
    let sampled = if request["answer"] == 401 {
        number(costs, "/rejected_traces_ratio")
    } else {
        1.0
    };
    let gigabytes = |bytes: f64| bytes * 1e6 / 1e9;
    price("gateway_million")
        + price("web_acl_million")
        + price("invocation_million")
        + of("milliseconds") / 1e3 * 1e6 * number(costs, "/memory_gb") * price("gb_second")
        + gigabytes(of("log_bytes") + number(costs, "/platform_log_bytes")) * price("log_gb")
        + gigabytes(of("span_bytes") * sampled) * price("span_gb")
        + of("reads") * price("read_million")
        + of("writes") * price("write_million")
}

/// What each of these requests needs, in words.
fn needs(costs: &Value, request: &Value) -> String {
    if let Some(webhook) = request["webhook"].as_str() {
        return webhook.to_owned();
    }
    let of = |name: &str| number(request, &format!("/{name}"));
    let logs = (of("log_bytes") + number(costs, "/platform_log_bytes")) / 1e3;
    let mut text = format!("{} ms, logs {logs:.1} KB", of("milliseconds"));
    for (name, unit) in [("reads", "read unit"), ("writes", "write unit")] {
        match of(name) {
            0.0 => {}
            1.0 => write!(text, ", 1 {unit}").unwrap(),
            many => write!(text, ", {many} {unit}s").unwrap(),
        }
    }
    text
}

fn table(costs: &Value) -> String {
    let mut table = "| request | answer | needs | USD per million | a day from one address | a day at the throttle |\n\
                     | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    let throttle = number(costs, "/throttle_per_second") * SECONDS_OF_A_DAY / 1e6;
    for request in costs["requests"].as_array().unwrap() {
        let class = if request["signed"] == true {
            "signed"
        } else {
            "unsigned"
        };
        let of_one = number(costs, &format!("/address/{class}")) / number(costs, "/address/window_seconds");
        let million = usd(costs, request);
        writeln!(
            table,
            "| {} | {} | {} | {million:.2} | {:.0} | {:.0} |",
            request["what"].as_str().unwrap(),
            request["answer"],
            needs(costs, request),
            of_one * SECONDS_OF_A_DAY / 1e6 * million,
            throttle * million,
        )
        .unwrap();
    }
    table
}

#[test]
fn the_table_of_what_strangers_cost_is_made_of_the_data() {
    let readme = read(README);
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let expected = format!("{before}{BEGIN}\n{}\n{END}{after}", table(&costs()));
    if std::env::var_os("UPDATE_COSTS").is_some() {
        fs::write(path(README), &expected).unwrap();
    }
    assert!(
        read(README) == expected,
        "run UPDATE_COSTS=1 cargo test -p tracehook-infrastructure"
    );
}

#[test]
fn the_sum_of_a_webhooks_cost_is_the_sum_of_its_parts() {
    let readme = read(README);
    let (_, section) = readme.split_once("## Cost of a million webhooks").unwrap();
    let mut sum = 0.0;
    let mut stated = None;
    for line in section.lines().skip_while(|line| !line.starts_with("| ---")).skip(1) {
        let Some(last) = line.strip_suffix(" |").and_then(|line| line.rsplit("| ").next()) else {
            break;
        };
        match last.strip_prefix("**") {
            Some(total) => stated = Some(total.trim_end_matches("**").parse::<f64>().unwrap()),
            None => sum += last.parse::<f64>().unwrap(),
        }
    }
    let stated = stated.unwrap();
    assert!((sum - stated).abs() < 0.005, "{sum} and {stated}");
    assert!((number(&costs(), "/webhook_million") - stated).abs() < 0.005);
    let rounded = format!("about {stated:.0} USD per million");
    assert!(
        read("README.md").replace('\n', " ").contains(&rounded),
        "README.md: {rounded}"
    );
}

#[test]
fn the_bounds_of_the_data_are_the_defaults() {
    let costs = costs();
    let squeezed = |file: &str| read(file).split_whitespace().collect::<Vec<_>>().join(" ");
    let access = squeezed("terraform/variables_access.tf");
    let modules = squeezed("terraform/modules/waf/variables.tf");
    let of = |pointer: &str| number(&costs, pointer);
    for part in [
        format!("requests = optional(number, {})", of("/address/unsigned")),
        format!("signed_requests = optional(number, {})", of("/address/signed")),
        format!("window_seconds = optional(number, {})", of("/address/window_seconds")),
    ] {
        assert!(modules.contains(&part), "{part}");
    }
    for part in [
        format!("requests = optional(number, {})", of("/address/unsigned")),
        format!("window_seconds = optional(number, {})", of("/address/window_seconds")),
    ] {
        assert!(access.contains(&part), "{part}");
    }
    // The root takes a third of the throttle.
    let third = of("/throttle_per_second") * of("/address/window_seconds") / 3.0;
    assert!((third.floor() - of("/address/signed")).abs() < 0.5, "{third}");
    assert!(squeezed("terraform/main.tf").contains("floor(local.throttled / 3)"));
    let throttle = format!(
        "webhook = optional(object({{ rate = number, burst = number }}), {{ rate = {},",
        of("/throttle_per_second")
    );
    assert!(access.contains(&throttle), "{throttle}");
    let memory = format!("validator = {{ memory_mb = {},", of("/memory_gb") * 1024.0);
    assert!(squeezed("terraform/main.tf").contains(&memory), "{memory}");
    let ratio = format!("REJECTED_RATIO: f64 = {};", of("/rejected_traces_ratio"));
    assert!(
        read("functions/telemetry/src/config/sampler.rs").contains(&ratio),
        "{ratio}"
    );
    // A caller's trace id buys no segments at the gateway.
    let api = squeezed("terraform/modules/api/variables.tf");
    let (_, tracing) = api.split_once("variable \"xray_tracing\"").unwrap();
    assert!(tracing.split("variable").next().unwrap().contains("default = false"));
}

#[test]
fn a_refused_or_repeated_request_costs_less_than_a_webhook() {
    let costs = costs();
    let webhook = number(&costs, "/webhook_million");
    let mut seen = 0;
    for request in costs["requests"].as_array().unwrap() {
        if request["webhook"].is_null() {
            seen += 1;
            assert!(usd(&costs, request) < webhook / 4.0, "{request}");
            let is_counted = request["key"] == "conflicting-signed";
            assert_eq!(request["writes"], i32::from(is_counted), "{request}");
        }
    }
    assert_eq!(seen, 6);
}
