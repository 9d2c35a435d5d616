//! Handlers that fail: some tries, every try, for good, by a panic.

use serde_json::Value;
use tracehook_test_support::Delivery;

use tracehook_test_support::service::{effects, scripted};

fn step<'a>(status: &'a Value, name: &str) -> &'a Value {
    status["steps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["name"] == name)
        .unwrap()
}

#[tokio::test]
async fn a_handler_that_fails_twice_and_then_succeeds_completes() {
    let service = scripted("").await;
    let delivery = Delivery::github("push", r#"{"script":{"failures":2}}"#);
    let token = service.send(&delivery).await.unwrap().token().unwrap();
    let ended = service.end_of(&token).await.unwrap();
    assert_eq!(
        (&ended["status"], &step(&ended, "process")["tries"]),
        (&"completed".into(), &3.into())
    );
    let calls = effects(&service, &token);
    assert_eq!(
        calls.iter().map(|(try_number, _)| *try_number).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert!(
        calls.iter().all(|(_, key)| key == &calls[0].1),
        "one idempotency key for every try: {calls:?}"
    );
}

#[tokio::test]
async fn a_handler_that_cannot_succeed_ends_failed_with_its_code() {
    let service = scripted("").await;
    for (script, code, tries) in [
        (r#"{"failures":99}"#, "scripted_failure", 3),
        (r#"{"then":"permanent"}"#, "scripted_end", 1),
        (r#"{"then":"panic","marker":"PANIC-MARKER"}"#, "handler_panicked", 1),
    ] {
        let delivery = Delivery::github("push", format!(r#"{{"script":{script}}}"#));
        let token = service.send(&delivery).await.unwrap().token().unwrap();
        let ended = service.end_of(&token).await.unwrap();
        assert_eq!(
            (ended["status"].as_str(), ended["error"]["code"].as_str()),
            (Some("failed"), Some(code)),
            "{ended}"
        );
        assert!(!ended["error"]["message"].as_str().unwrap().is_empty());
        assert_eq!(ended["currentStep"], "process");
        assert_eq!(step(&ended, "process")["status"], "failed");
        assert_eq!(step(&ended, "process")["tries"], tries);
        assert_eq!(effects(&service, &token).len(), tries);
        // The record is closed inside the execution, which ends a moment later.
        let executions = service.executions_of(&token).await.unwrap();
        assert_eq!(executions, ["FAILED"], "{code}");
    }
    assert!(
        !service.output().unwrap().contains("PANIC-MARKER"),
        "a panic's message stays out of the logs"
    );
}

/// The engine takes results of 256 KB; the handler's bound is below that, with room for what a checkpoint adds.
#[tokio::test]
async fn the_largest_result_of_a_handler_fits_into_the_engine() {
    let service = scripted("").await;
    for (bytes, status) in [(204_800, "completed"), (204_801, "failed")] {
        let delivery = Delivery::github("push", format!(r#"{{"script":{{"result_bytes":{bytes}}}}}"#));
        let token = service.send(&delivery).await.unwrap().token().unwrap();
        let ended = service.end_of(&token).await.unwrap();
        assert_eq!(ended["status"], status, "{ended}");
        if status == "failed" {
            assert_eq!(ended["error"]["code"], "result_too_large");
        }
    }
}
