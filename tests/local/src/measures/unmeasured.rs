//! AWS's metrics that have no values on one machine.

/// The reason why a metric of AWS has no values here; none for one that has values.
#[must_use]
pub fn unmeasured(namespace: &str, name: &str) -> Option<&'static str> {
    match (namespace, name) {
        ("AWS/Events", _) => Some("events reach the reconciler without a rule of EventBridge"),
        ("AWS/WAFV2", _) => Some("one machine has no web ACL"),
        ("AWS/Lambda", "DeadLetterErrors" | "DestinationDeliveryFailures") => {
            Some("the dead-letter queue is in the same file as the events, so that none is lost on the way")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use tracehook_alarms::{Deployment, alarms_of, embedded};

    /// The metrics that the modules beside this one record.
    const MEASURED: [&str; 23] = [
        "AWS/ApiGateway 4XXError",
        "AWS/ApiGateway 5XXError",
        "AWS/ApiGateway Count",
        "AWS/DynamoDB SystemErrors",
        "AWS/DynamoDB ThrottledRequests",
        "AWS/Lambda ApproximateRunningDurableExecutionsUtilization",
        "AWS/Lambda AsyncEventAge",
        "AWS/Lambda AsyncEventsDropped",
        "AWS/Lambda ClaimedAccountConcurrency",
        "AWS/Lambda Duration",
        "AWS/Lambda DurableExecutionDuration",
        "AWS/Lambda DurableExecutionFailed",
        "AWS/Lambda DurableExecutionOperations",
        "AWS/Lambda DurableExecutionStarted",
        "AWS/Lambda DurableExecutionStopped",
        "AWS/Lambda DurableExecutionStorageWrittenBytes",
        "AWS/Lambda DurableExecutionSucceeded",
        "AWS/Lambda DurableExecutionTimedOut",
        "AWS/Lambda Errors",
        "AWS/Lambda Invocations",
        "AWS/Lambda Throttles",
        "AWS/SQS ApproximateNumberOfMessagesNotVisible",
        "AWS/SQS ApproximateNumberOfMessagesVisible",
    ];

    #[test]
    fn every_metric_of_aws_that_an_alarm_names_is_measured_or_said_not_to_be() {
        let alarms = alarms_of(&embedded::files().unwrap(), &Deployment::named("t", ["github"])).unwrap();
        let metrics = alarms.metric.iter().flat_map(|alarm| alarm.alarm.metrics.values());
        let named: BTreeSet<String> = metrics
            .filter(|metric| metric.namespace.starts_with("AWS/"))
            .filter(|metric| unmeasured(&metric.namespace, &metric.name).is_none())
            .map(|metric| format!("{} {}", metric.namespace, metric.name))
            .collect();
        // Latency at the gateway is measured for the dashboards: it is no alarm's, because strangers' uploads are in it.
        assert_eq!(named, MEASURED.map(str::to_owned).into());
    }
}
