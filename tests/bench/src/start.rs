//! Time from the spawn of a function's process to its first request for an event, as the host saw it.

use anyhow::{Result, bail};
use serde_json::Value;
use tracehook_e2e::{Delivery, Service};

use crate::report::{Report, percentile};
use crate::{FUNCTIONS, process};

const STARTS: usize = 20;

pub(crate) async fn measure(report: &mut Report, service: &Service) -> Result<()> {
    let mut samples: [Vec<f64>; 3] = Default::default();
    for _ in 0..STARTS {
        let token = service.send(&Delivery::github("push", "{}")).await?.token()?;
        service.end_of(&token).await?;
        service.executions_of(&token).await?;
        let sandboxes = process::sandboxes(service).await?;
        for (function, samples) in FUNCTIONS.iter().zip(&mut samples) {
            let deployed = format!("tracehook-{function}");
            let of = |sandbox: &&Value| sandbox.get("function").and_then(Value::as_str) == Some(&deployed);
            let micros = sandboxes
                .iter()
                .filter(of)
                .filter_map(|sandbox| sandbox.get("initUs")?.as_f64());
            samples.extend(micros.map(|micros| micros / 1000.0));
            service.kill_function(&deployed).await?;
        }
        gone(service).await?;
    }
    for (function, samples) in FUNCTIONS.iter().zip(&mut samples) {
        report.add_at_most(
            format!("{function}: spawn to first /next, median of {}", samples.len()),
            percentile(samples, 50),
            "ms",
            8.0,
        );
    }
    Ok(())
}

/// Waits until the host has noticed that every process has ended.
async fn gone(service: &Service) -> Result<()> {
    for _ in 0..1000 {
        if process::sandboxes(service).await?.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    bail!("killed processes are still listed")
}
