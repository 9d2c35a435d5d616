//! Peak memory of the functions while large webhooks come all at once, in multiples of one body.

use anyhow::{Result, bail};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use tracehook_test_support::{Delivery, Service};

use crate::latency::{accept, all_end};
use crate::report::Report;
use crate::{FUNCTIONS, process};

/// Webhooks at once.
pub(crate) const WEBHOOKS: usize = 200;
const BODY_BYTES: usize = 4_000_000;
/// The most above small webhooks, in bodies.
const AT_MOST_BODIES: f64 = 4.0;
/// The validator gets the body in base64 (1.33 bodies), and the runtime's HTTP client has that twice for a moment, in read
/// buffers that are not full: before any code of ours runs, the peak is 2.4 bodies.
const VALIDATOR_AT_MOST_BODIES: f64 = AT_MOST_BODIES + 2.4;
/// Deliveries of one webhook: a gateway whose functions are all busy refuses some.
const DELIVERIES: u32 = 1000;

pub(crate) async fn measure(report: &mut Report, service: &Service, webhooks: usize) -> Result<()> {
    // Every function runs, and has had small webhooks only.
    all_end(service, &accept(service, 200, 16).await?.1).await?;
    service.reconcile(json!({"action": "sweep"})).await?;
    let mut before = Vec::new();
    for function in FUNCTIONS {
        before.push(peak(service, function).await?);
    }
    let tokens: Vec<String> = stream::iter(0..webhooks)
        .map(|number| accepted(service, number))
        .buffer_unordered(webhooks)
        .try_collect()
        .await?;
    all_end(service, &tokens).await?;
    service.reconcile(json!({"action": "sweep"})).await?;
    for (function, before) in FUNCTIONS.into_iter().zip(before) {
        let peak = peak(service, function).await?;
        let all = format!("{function}: peak resident, {webhooks} webhooks of 4 MB at once");
        report.add(all, peak, "MB");
        report.add_at_most(
            format!("{function}: the same above small ones, in bodies"),
            (peak - before) * 1e6 / BODY_BYTES as f64,
            "bodies",
            if function == "validator" {
                VALIDATOR_AT_MOST_BODIES
            } else {
                AT_MOST_BODIES
            },
        );
    }
    Ok(())
}

/// Sends a webhook until it is accepted.
async fn accepted(service: &Service, number: usize) -> Result<String> {
    let number = number.to_string();
    let filler = "x".repeat(BODY_BYTES - r#"{"number":,"filler":""}"#.len() - number.len());
    let delivery = Delivery::github("push", format!(r#"{{"number":{number},"filler":"{filler}"}}"#));
    for _ in 0..DELIVERIES {
        let answer = service.send(&delivery).await?;
        if answer.status < 500 {
            return answer.token();
        }
    }
    bail!("webhook {number} is never accepted")
}

/// The peak of the function's largest process.
async fn peak(service: &Service, function: &str) -> Result<f64> {
    let mut peak: f64 = 0.0;
    for pid in service.pids_of(&format!("tracehook-{function}")).await? {
        peak = peak.max(process::peak_mb(pid)?);
    }
    Ok(peak)
}
