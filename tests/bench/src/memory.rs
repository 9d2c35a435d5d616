//! Resident memory of the functions: after webhooks that completed, and after webhooks that failed.

use anyhow::{Result, ensure};
use serde_json::json;
use tracehook_test_support::Service;

use crate::latency::{accept, all_end};
use crate::report::Report;
use crate::{FUNCTIONS, process};

pub(crate) async fn measure(report: &mut Report, service: &Service) -> Result<()> {
    all_end(service, &accept(service, 1000, 8).await?.1).await?;
    service.reconcile(json!({"action": "sweep"})).await?;
    for function in FUNCTIONS {
        let largest = largest(service, function).await?;
        report.add_at_most(
            format!("{function}: resident after 1,000 webhooks"),
            largest,
            "MB",
            15.0,
        );
    }
    // The payload cannot be read: `validate` fails for good, and the engine captures the failure.
    let refusal = json!({"status": 400, "code": "AccessDeniedException"});
    let rule = json!({"operation": "dynamodb:Query", "function": "tracehook-processor", "count": 1000, "phase": "before",
        "effect": refusal});
    service.fault(rule).await?;
    let tokens = accept(service, 100, 8).await?.1;
    for token in &tokens {
        let ended = service.end_of(token).await?;
        ensure!(ended.get("status").is_some_and(|status| status == "failed"), "{ended}");
    }
    let largest = largest(service, "processor").await?;
    report.add_at_most("processor: resident after 100 failures", largest, "MB", 25.0);
    Ok(())
}

/// The memory of the function's largest process.
async fn largest(service: &Service, function: &str) -> Result<f64> {
    let mut largest: f64 = 0.0;
    for pid in service.pids_of(&format!("tracehook-{function}")).await? {
        largest = largest.max(process::resident_mb(pid)?);
    }
    ensure!(largest > 0.0, "no process of {function}");
    Ok(largest)
}
