//! Metrics that `CloudWatch` samples: levels at a moment, not events.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{LAMBDA, put};
use crate::deployment::{DEAD_LETTER_QUEUE, FunctionName};
use crate::metrics::Metrics;
use tracehook_local_lambda::{Lambda, SandboxState, clock};

/// `CloudWatch` has a sample a minute; here one per period that is kept apart.
const EVERY: Duration = crate::metrics::PERIOD;

/// Executions that an account may have running, as AWS documents its quota.
const RUNNING_QUOTA: f64 = 1_000_000.0;

/// Takes samples until it is dropped.
pub async fn sample(metrics: Metrics, lambda: Lambda) {
    loop {
        let messages = lambda.dead_letters(usize::MAX).await.len();
        // The queue delivers a message as soon as it is there and never hides it from this count.
        for (name, value) in [("Visible", messages as f64), ("NotVisible", 0.0)] {
            let name = format!("ApproximateNumberOfMessages{name}");
            put(
                &metrics,
                "AWS/SQS",
                &name,
                "Count",
                value,
                [("QueueName", DEAD_LETTER_QUEUE)],
            );
        }
        let mut busy: BTreeMap<String, f64> = BTreeMap::new();
        for sandbox in lambda.sandboxes() {
            let is_busy = f64::from(u8::from(sandbox.state == SandboxState::Busy));
            *busy.entry(sandbox.function).or_default() += is_busy;
        }
        for (function, value) in &busy {
            let function = [("FunctionName", function.as_str())];
            put(&metrics, LAMBDA, "ConcurrentExecutions", "Count", *value, function);
        }
        let all = busy.values().sum();
        put(&metrics, LAMBDA, "ClaimedAccountConcurrency", "Count", all, []);
        let processor = FunctionName::Processor.deployed();
        let processor = [("FunctionName", processor.as_str())];
        let running = lambda.running_executions() as f64;
        for (name, unit, value) in [
            ("ApproximateRunningDurableExecutions", "Count", running),
            (
                "ApproximateRunningDurableExecutionsUtilization",
                "Percent",
                100.0 * running / RUNNING_QUOTA,
            ),
        ] {
            put(&metrics, LAMBDA, name, unit, value, processor);
        }
        clock::sleep(EVERY).await;
    }
}
