//! Lambda's metrics of durable executions on this machine.

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::{LAMBDA, id};
use crate::deployment::FunctionName;
use crate::metrics::Metrics;
use tracehook_local_durable::ExecutionStatus;
use tracehook_local_lambda::StatusEvent;

/// Counts durable executions as they start and end, until the channel closes.
pub async fn follow_executions(metrics: Metrics, mut events: broadcast::Receiver<StatusEvent>) {
    loop {
        match events.recv().await {
            Ok(event) => count(&metrics, &event),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

fn count(metrics: &Metrics, event: &StatusEvent) {
    let function = FunctionName::Processor.deployed();
    let put = |name: &str, unit: &str, value: f64, at_ms: i64| {
        let name = format!("DurableExecution{name}");
        metrics.observe(
            id(LAMBDA, &name, [("FunctionName", function.as_str())]),
            unit,
            value,
            at_ms,
        );
    };
    let name = match event.status {
        ExecutionStatus::Running => return put("Started", "Count", 1.0, event.start_ms),
        ExecutionStatus::Succeeded => "Succeeded",
        ExecutionStatus::Failed => "Failed",
        ExecutionStatus::TimedOut => "TimedOut",
        ExecutionStatus::Stopped => "Stopped",
    };
    let end_ms = event.end_ms.unwrap_or(event.start_ms);
    put(name, "Count", 1.0, end_ms);
    put("Duration", "Milliseconds", (end_ms - event.start_ms) as f64, end_ms);
    put("Operations", "Count", f64::from(event.operations), end_ms);
    put("StorageWrittenBytes", "Bytes", event.written_bytes as f64, end_ms);
}
