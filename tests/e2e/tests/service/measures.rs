//! The local service measures what AWS would measure, under AWS's names, for the alarms of the deployment.

use std::time::Duration;

use serde_json::{Value, json};
use tracehook_test_support::{Delivery, Service};

use tracehook_test_support::service::scripted;

/// Number and sum of the values of a metric with that dimension.
async fn measured(service: &Service, name: &str, dimension: (&str, &str)) -> (u64, f64) {
    let metrics = service.get("/local/metrics").await.unwrap().json;
    let of = |metric: &&Value| metric["name"] == name && metric["dimensions"][dimension.0] == dimension.1;
    let found: Vec<_> = metrics["metrics"].as_array().unwrap().iter().filter(of).collect();
    let count = found.iter().filter_map(|metric| metric["count"].as_u64()).sum();
    (count, found.iter().filter_map(|metric| metric["sum"].as_f64()).sum())
}

/// Waits for a metric's first value. An end is measured after the status shows it.
async fn until_measured(service: &Service, name: &str, dimension: (&str, &str)) {
    for _ in 0..600 {
        if measured(service, name, dimension).await.0 > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{name} {dimension:?} was not measured: {}", service.output().unwrap())
}

#[tokio::test]
async fn the_table_the_functions_and_the_queue_are_measured_whoever_calls_them() {
    let service = scripted("[triggers]\nsweep_seconds = 0\n").await;
    for (operation, count, status, code) in [
        ("dynamodb:PutItem", 1, 400, "ProvisionedThroughputExceededException"),
        ("dynamodb:UpdateItem", 2, 500, "InternalServerError"),
    ] {
        let rule = json!({"operation": operation, "count": count, "phase": "before",
            "effect": {"status": status, "code": code}});
        service.fault(rule).await.unwrap();
    }
    let delivery = Delivery::github("push", r#"{"script":{"then":"permanent"}}"#);
    let token = service.send(&delivery).await.unwrap().token().unwrap();
    service.end_of(&token).await.unwrap();
    service.reconcile(json!({"action": "sweep"})).await.unwrap();
    let (validator, processor, reconciler) = ("tracehook-validator", "tracehook-processor", "tracehook-reconciler");
    for (name, dimension, value) in [
        // The sweep, and the engine's event, which waited in a queue.
        ("AsyncEventAge", "FunctionName", reconciler),
        ("Duration", "FunctionName", reconciler),
        ("AsyncEventAge", "FunctionName", processor),
        ("Invocations", "FunctionName", processor),
        ("ConsumedWriteCapacityUnits", "TableName", "tracehook"),
        ("SuccessfulRequestLatency", "Operation", "GetItem"),
        (
            "ApproximateNumberOfMessagesVisible",
            "QueueName",
            "tracehook-dead-letters",
        ),
        (
            "ApproximateRunningDurableExecutionsUtilization",
            "FunctionName",
            processor,
        ),
    ] {
        until_measured(&service, name, (dimension, value)).await;
    }
    for (name, dimension, value, expected) in [
        ("ThrottledRequests", "Operation", "PutItem", 1.0),
        ("SystemErrors", "Operation", "UpdateItem", 2.0),
        ("Invocations", "FunctionName", validator, 1.0),
        ("Errors", "FunctionName", processor, 0.0),
        ("DurableExecutionFailed", "FunctionName", processor, 1.0),
    ] {
        let (_, sum) = measured(&service, name, (dimension, value)).await;
        assert_eq!((name, sum), (name, expected));
    }
    let alarms = service.get("/local/alarms").await.unwrap().json;
    let of = |name: &str| {
        let mut all = alarms["alarms"].as_array().unwrap().iter();
        all.find(|alarm| alarm["name"] == name).unwrap().clone()
    };
    assert_eq!(of("waf-blocks")["unmeasured"], "one machine has no web ACL");
    assert_eq!(of("table-throttles-PutItem")["unmeasured"], Value::Null);
}
