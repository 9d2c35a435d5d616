//! The cost of a webhook: calls, write units by the size of its body, checkpoints, CPU time of the functions.

use anyhow::{Context as _, Result};
use serde_json::Value;
use tracehook_core::record::StepName;
use tracehook_test_support::service::calls;
use tracehook_test_support::{Delivery, Service};

use crate::latency::{accept, all_end};
use crate::process;
use crate::report::Report;

const WEBHOOKS: u32 = 1000;

pub(crate) async fn measure(report: &mut Report, service: &Service) -> Result<()> {
    // Processes and connections exist before the counting begins.
    all_end(service, &accept(service, 100, 8).await?.1).await?;
    for (kilobytes, limit) in [(1, 8.0), (10, 17.0), (30, 37.0)] {
        let before = write_units(service).await?;
        send_of_size(service, kilobytes * 1000).await?;
        let after = write_units(service).await?;
        report.add_at_most(
            format!("write units per webhook, body of {kilobytes} KB"),
            (after - before) / 10.0,
            "WRU",
            limit,
        );
    }
    let before = Totals::read(service).await?;
    let tokens = accept(service, WEBHOOKS as usize, 8).await?.1;
    all_end(service, &tokens).await?;
    for token in tokens.iter().rev().take(20) {
        service.executions_of(token).await?;
    }
    let after = Totals::read(service).await?;
    let per_webhook = |before: u64, after: u64| -> Result<f64> {
        Ok(f64::from(u32::try_from(after - before)?) / f64::from(WEBHOOKS))
    };
    report.add_at_most(
        "writes per accepted webhook, both at once",
        per_webhook(before.writes, after.writes)?,
        "calls",
        2.0,
    );
    report.add_at_most(
        "starts per accepted webhook",
        per_webhook(before.starts, after.starts)?,
        "calls",
        1.0,
    );
    report.add_at_most(
        "checkpoint calls per webhook",
        per_webhook(before.checkpoints, after.checkpoints)?,
        "calls",
        f64::from(u32::try_from(StepName::ALL.len())?),
    );
    report.add_at_most(
        "CPU of validator and processor per 1,000 webhooks",
        (after.cpu_seconds - before.cpu_seconds) * 1000.0 / f64::from(WEBHOOKS),
        "s",
        1.5,
    );
    Ok(())
}

async fn send_of_size(service: &Service, bytes: usize) -> Result<()> {
    let mut tokens = Vec::new();
    for _ in 0..10 {
        let filler = "x".repeat(bytes - r#"{"filler":""}"#.len());
        let delivery = Delivery::github("push", format!(r#"{{"filler":"{filler}"}}"#));
        tokens.push(service.send(&delivery).await?.token()?);
    }
    all_end(service, &tokens).await
}

/// The write units so far, of every function.
async fn write_units(service: &Service) -> Result<f64> {
    let stats = service.get("/local/stats").await?.json;
    let rows = stats
        .get("calls")
        .and_then(Value::as_array)
        .context("no list of calls")?;
    let writes = |row: &&Value| {
        let operation = row.get("operation").and_then(Value::as_str);
        matches!(operation, Some("dynamodb:PutItem" | "dynamodb:UpdateItem"))
    };
    Ok(rows
        .iter()
        .filter(writes)
        .filter_map(|row| row.get("capacityUnits")?.as_f64())
        .sum())
}

struct Totals {
    writes: u64,
    starts: u64,
    checkpoints: u64,
    cpu_seconds: f64,
}

impl Totals {
    async fn read(service: &Service) -> Result<Self> {
        let stats = service.get("/local/stats").await?.json;
        let of = |function, operation| calls(&stats, function, operation);
        let mut cpu_seconds = 0.0;
        for function in ["validator", "processor"] {
            for pid in service.pids_of(&format!("tracehook-{function}")).await? {
                cpu_seconds += process::cpu_seconds(pid)?;
            }
        }
        Ok(Self {
            writes: of("tracehook-validator", "dynamodb:PutItem"),
            starts: of("tracehook-validator", "lambda:Invoke"),
            checkpoints: of("tracehook-processor", "lambda:CheckpointDurableExecution"),
            cpu_seconds,
        })
    }
}
