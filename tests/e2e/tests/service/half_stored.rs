//! A request that was refused leaves nothing that a reader, the sweep or a later delivery meets.

use serde_json::{Value, json};
use tracehook_test_support::Delivery;

use tracehook_test_support::service::{effects, scripted};

/// Tries of one call by the SDK.
const TRIES: u64 = 3;
/// A sweep meets every open webhook that is older than a second.
const IMPATIENT: &str = "[functions.reconciler.environment]\nRECEIVED_AGE_SECONDS = \"1\"\nSTARTED_AGE_SECONDS = \"1\"\n\
    [triggers]\nsweep_seconds = 0\n";

/// The producer's next delivery.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// The same body, at once.
    Early,
    /// The same body, after a sweep.
    Late,
    /// Another body, as of a producer that counts its tries in it.
    Changed,
}

#[tokio::test]
async fn a_refused_request_hinders_no_later_delivery_and_nothing_of_it_runs() {
    let service = scripted(IMPATIENT).await;
    // The first process writes, too: it keeps the configuration.
    service.send(&Delivery::new("/webhook/nobody", "{}")).await.unwrap();
    for (write, calls_before) in [("payload", 0), ("state", 1)] {
        for effect in [
            json!({"status": 500, "code": "InternalServerError"}),
            json!({"throttle": true}),
            json!({"drop": true}),
        ] {
            for next in [Next::Early, Next::Late, Next::Changed] {
                let case = format!("{write} {effect} {next:?}");
                let id = format!("delivery {case}").replace(['{', '}', '"', ':'], "-");
                let rule = json!({"operation": "dynamodb:PutItem", "function": "tracehook-validator", "skip": calls_before,
                    "count": TRIES, "effect": effect});
                service.fault(rule).await.unwrap();
                let first = Delivery::github("push", r#"{"try":1}"#).with("X-GitHub-Delivery", &id);
                assert_eq!(service.send(&first).await.unwrap().status, 503, "{case}");
                assert!(service.all_faults_happened().await.unwrap(), "{case}");
                service.clear_faults().await.unwrap();
                if !matches!(next, Next::Early) {
                    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
                    let swept = service.reconcile(json!({"action": "sweep"})).await.unwrap();
                    assert_eq!(swept["seen"], 0, "{case}: {swept}");
                }
                let again = match next {
                    Next::Early | Next::Late => first,
                    Next::Changed => Delivery::github("push", r#"{"try":2}"#).with("X-GitHub-Delivery", &id),
                };
                let accepted = service.send(&again).await.unwrap();
                assert_eq!(
                    (accepted.status, &accepted.json["duplicate"]),
                    (202, &Value::Null),
                    "{case}"
                );
                let token = accepted.token().unwrap();
                let end = service.end_of(&token).await.unwrap();
                assert_eq!(
                    (&end["status"], &end["attempt"]),
                    (&"completed".into(), &1.into()),
                    "{case}"
                );
                assert_eq!(effects(&service, &token).len(), 1, "{case}");
            }
        }
    }
}
