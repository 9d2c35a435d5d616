//! Lambda's metrics of this machine's functions.

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::{LAMBDA, put};
use crate::metrics::Metrics;
use tracehook_local_lambda::Invoked;

/// Counts invocations as they end, until the channel closes.
pub async fn follow_invocations(metrics: Metrics, mut events: broadcast::Receiver<Invoked>) {
    loop {
        match events.recv().await {
            Ok(event) => count(&metrics, &event),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

fn count(metrics: &Metrics, event: &Invoked) {
    let put = |function: &str, name: &str, unit: &str, value: f64| {
        put(metrics, LAMBDA, name, unit, value, [("FunctionName", function)]);
    };
    match event {
        Invoked::Ended {
            function,
            failed,
            duration,
            waited,
        } => {
            put(function, "Invocations", "Count", 1.0);
            put(function, "Errors", "Count", f64::from(u8::from(*failed)));
            // An invocation that is no throttle is a sample of none.
            put(function, "Throttles", "Count", 0.0);
            put(function, "Duration", "Milliseconds", duration.as_secs_f64() * 1000.0);
            if let Some(waited) = waited {
                put(function, "AsyncEventAge", "Milliseconds", waited.as_secs_f64() * 1000.0);
            }
        }
        Invoked::TakenFromQueue { function, waited } => {
            put(function, "AsyncEventAge", "Milliseconds", waited.as_secs_f64() * 1000.0);
        }
        Invoked::Throttled { function } => put(function, "Throttles", "Count", 1.0),
        Invoked::Dropped { function } => put(function, "AsyncEventsDropped", "Count", 1.0),
    }
}
