//! One fault for each definition, as its changes to a minute of 10 webhooks per second.

use tracehook_local_cloudwatch::Named;

use super::world::{Minute, Samples, healthy, key};

/// `namespace name dimension=value …` and the values in its place; `KEY` is replaced by the alarm's key, `REASON` by its
/// meaning.
type Change = (&'static str, &'static [(f64, f64)]);

const NAMED: &str = "AWS/ApiGateway 5XXError ApiName=hooks Stage=v1 Method=POST Resource=/webhook/{source}";

#[rustfmt::skip]
pub(crate) const FAULTS: &[(&str, &[Change])] = &[
    ("intake-5xx", &[(NAMED, &[(1.0, 60.0), (0.0, 540.0)])]),
    ("intake-latency", &[("Tracehook/hooks AnswerTime service=validator", &[(3000.0, 600.0)])]),
    ("intake-4xx", &[("AWS/ApiGateway 4XXError ApiName=hooks Stage=v1", &[(1.0, 200.0), (0.0, 400.0)])]),
    ("intake-rejected-early", &[("AWS/Lambda Invocations FunctionName=hooks-validator", &[(1.0, 400.0)])]),
    ("unverified-requests", &[("AWS/ApiGateway Count ApiName=hooks Stage=v1 Method=POST Resource=/webhook/{source}", &[(1.0, 3000.0)])]),
    ("waf-blocks", &[("AWS/WAFV2 BlockedRequests WebACL=hooks Region=eu-west-1 Rule=ALL", &[(1.0, 50.0)])]),
    ("unknown-source", &[("Tracehook/hooks WebhooksRejected service=validator source=unknown reason=unknown_source", &[(1.0, 10.0)])]),
    ("source-vanished", &[
        ("Tracehook/hooks WebhooksVerified service=validator source=KEY", &[]),
        ("Tracehook/hooks WebhooksRejected service=validator source=KEY reason=signature_mismatch", &[(1.0, 300.0)]),
    ]),
    ("source-quiet", &[("Tracehook/hooks WebhooksVerified service=validator source=KEY", &[(1.0, 0.5)])]),
    ("secret-unusable", &[("Tracehook/hooks SecretsUnusable service=validator source=KEY", &[(1.0, 1.0)])]),
    ("secret-missing", &[("Tracehook/hooks WebhooksRejected service=validator source=KEY reason=secret_missing", &[(1.0, 5.0)])]),
    ("signature-mismatch", &[("Tracehook/hooks WebhooksRejected service=validator source=KEY reason=signature_mismatch", &[(1.0, 400.0)])]),
    ("signature-missing", &[("Tracehook/hooks WebhooksRejected service=validator source=KEY reason=signature_missing", &[(1.0, 50.0)])]),
    ("body-rejected", &[("Tracehook/hooks WebhooksRejected service=validator source=KEY reason=body_not_json", &[(1.0, 60.0)])]),
    ("body-unread", &[("Tracehook/hooks WebhooksRejected service=validator source=KEY reason=payload_too_large", &[(1.0, 10.0)])]),
    ("delivery-conflict", &[("Tracehook/hooks WebhooksConflicting service=validator source=KEY", &[(1.0, 2.0)])]),
    ("source-unavailable", &[("Tracehook/hooks WebhooksRejected service=validator source=KEY reason=store_unavailable", &[(1.0, 60.0)])]),
    ("starts-deferred", &[("Tracehook/hooks StartsDeferred service=validator source=KEY", &[(1.0, 100.0)])]),
    ("executions-failing", &[
        ("Tracehook/hooks WebhooksFailed service=processor source=KEY", &[(1.0, 60.0)]),
        ("Tracehook/hooks ExecutionsCompleted service=processor source=KEY", &[(1.0, 240.0)]),
    ]),
    ("traffic-below", &[("Tracehook/hooks WebhooksVerified service=validator source=KEY", &[])]),
    ("sweep-missing", &[
        ("Tracehook/hooks Sweeps service=reconciler outcome=complete", &[]),
        ("Tracehook/hooks Sweeps service=reconciler outcome=failed", &[(1.0, 1.0)]),
    ]),
    ("sweep-never", &[
        ("Tracehook/hooks Sweeps service=reconciler outcome=complete", &[]),
        ("Tracehook/hooks Sweeps service=reconciler outcome=failed", &[(1.0, 1.0)]),
    ]),
    ("webhooks-stuck", &[("Tracehook/hooks WebhooksStuck service=reconciler reason=REASON", &[(2.0, 1.0)])]),
    ("contradictions", &[("Tracehook/hooks Contradictions service=reconciler", &[(1.0, 1.0)])]),
    ("dead-letters-unread", &[("Tracehook/hooks DeadLetters service=reconciler outcome=unreadable", &[(1.0, 1.0)])]),
    ("events-failed", &[("AWS/Events FailedInvocations RuleName=hooks-KEY", &[(1.0, 1.0)])]),
    ("events-lost", &[("AWS/Events InvocationsFailedToBeSentToDlq RuleName=hooks-KEY", &[(1.0, 1.0)])]),
    ("silence", &[("Tracehook/hooks WebhooksVerified service=validator source=KEY", &[])]),
    ("function-errors", &[("AWS/Lambda Errors FunctionName=hooks-KEY", &[(1.0, 20.0), (0.0, 580.0)])]),
    ("function-throttles", &[("AWS/Lambda Throttles FunctionName=hooks-KEY", &[(1.0, 5.0)])]),
    ("function-duration", &[("AWS/Lambda Duration FunctionName=hooks-KEY", &[(58_000.0, 100.0)])]),
    ("telemetry-dropped", &[("Tracehook/hooks TelemetryDropped service=KEY reason=refused", &[(1.0, 40.0)])]),
    ("account-concurrency", &[("AWS/Lambda ClaimedAccountConcurrency", &[(950.0, 1.0)])]),
    ("durable-failed", &[("AWS/Lambda DurableExecutionFailed FunctionName=hooks-processor", &[(1.0, 1.0)])]),
    ("durable-timed-out", &[("AWS/Lambda DurableExecutionTimedOut FunctionName=hooks-processor", &[(1.0, 1.0)])]),
    ("durable-stopped", &[("AWS/Lambda DurableExecutionStopped FunctionName=hooks-processor", &[(1.0, 1.0)])]),
    ("durable-running", &[("AWS/Lambda ApproximateRunningDurableExecutionsUtilization FunctionName=hooks-processor", &[(90.0, 1.0)])]),
    ("durable-operations", &[("AWS/Lambda DurableExecutionOperations FunctionName=hooks-processor", &[(4.0, 599.0), (2900.0, 1.0)])]),
    ("durable-storage", &[("AWS/Lambda DurableExecutionStorageWrittenBytes FunctionName=hooks-processor", &[(90e6, 1.0)])]),
    ("durable-start-rate", &[("AWS/Lambda DurableExecutionStarted FunctionName=hooks-processor", &[(1.0, 15_600.0)])]),
    ("queue-age", &[("AWS/Lambda AsyncEventAge FunctionName=hooks-KEY", &[(90_000.0, 100.0)])]),
    ("queue-dropped", &[("AWS/Lambda AsyncEventsDropped FunctionName=hooks-KEY", &[(1.0, 1.0)])]),
    ("dead-letters", &[("AWS/SQS ApproximateNumberOfMessagesVisible QueueName=hooks-dead-letters", &[(3.0, 1.0)])]),
    ("dead-letters-lost", &[
        ("AWS/Lambda DeadLetterErrors FunctionName=hooks-processor", &[(1.0, 1.0)]),
        ("AWS/Lambda DestinationDeliveryFailures FunctionName=hooks-reconciler", &[(1.0, 1.0)]),
    ]),
    ("table-throttles", &[("AWS/DynamoDB ThrottledRequests TableName=hooks-webhooks Operation=KEY", &[(1.0, 30.0)])]),
    ("table-system-errors", &[("AWS/DynamoDB SystemErrors TableName=hooks-webhooks Operation=KEY", &[(1.0, 3.0)])]),
    // A tenth of all webhooks: burn rates of 100 and 10.
    ("accepted-burn", &[(NAMED, &[(1.0, 60.0), (0.0, 540.0)])]),
    ("completed-burn", &[
        ("AWS/Lambda DurableExecutionFailed FunctionName=hooks-processor", &[(1.0, 120.0)]),
        ("AWS/Lambda DurableExecutionSucceeded FunctionName=hooks-processor", &[(1.0, 480.0)]),
    ]),
];

/// A minute with the fault that an alarm is for.
pub(crate) fn minute_of<T>(alarm: &Named<T>) -> Minute {
    let (_, changes) = FAULTS
        .iter()
        .find(|(definition, _)| *definition == alarm.definition)
        .unwrap_or_else(|| panic!("{} has no fault that proves it", alarm.definition));
    with(healthy(10.0), changes, alarm.key.as_deref().unwrap_or_default())
}

/// A minute with changes.
pub(crate) fn with(mut minute: Minute, changes: &[(&str, &[(f64, f64)])], alarm_key: &str) -> Minute {
    let reason = if alarm_key == "open" {
        "open_too_long"
    } else {
        "not_started"
    };
    for (metric, samples) in changes {
        let text = metric.replace("KEY", alarm_key).replace("REASON", reason);
        let mut words = text.split(' ');
        let (namespace, name) = (words.next().unwrap(), words.next().unwrap());
        let dimensions: Vec<_> = words.map(|word| word.split_once('=').unwrap()).collect();
        let samples: Samples = samples.to_vec();
        minute.insert(key(namespace, name, dimensions), samples);
    }
    minute
}
