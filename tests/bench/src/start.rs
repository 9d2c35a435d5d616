//! Time from the spawn of a function's process to its first request for an event, as the host saw it.

use anyhow::Result;
use serde_json::Value;
use tracehook_test_support::{Delivery, Service};

use crate::FUNCTIONS;
use crate::report::{Report, percentile};

const STARTS: usize = 20;

pub(crate) async fn measure(report: &mut Report, service: &Service) -> Result<()> {
    let mut samples: [Vec<f64>; 3] = Default::default();
    for _ in 0..STARTS {
        let token = service.send(&Delivery::github("push", "{}")).await?.token()?;
        service.end_of(&token).await?;
        service.executions_of(&token).await?;
        let sandboxes = service.sandboxes().await?;
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
