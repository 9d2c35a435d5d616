//! Webhooks that can never succeed: each ends with its reason, and none holds up another.

use serde_json::json;
use tracehook_test_support::Delivery;

use tracehook_test_support::service::{effects, scripted_with};

#[tokio::test]
async fn poison_ends_failed_with_its_reason_and_everything_that_came_with_it_completes() {
    // One process for all: a webhook that waits for another one would wait here.
    let service = scripted_with("concurrency = 1", "").await;
    let poison = [
        (json!({"script": {"failures": 99}}), "scripted_failure", 3),
        (json!({"script": {"then": "panic"}}), "handler_panicked", 1),
        (json!({"script": {"then": "permanent"}}), "scripted_end", 1),
        // Valid JSON that the handler's own type refuses.
        (json!({"script": "not a script"}), "payload_mismatch", 1),
        (json!([1, 2, 3]), "payload_mismatch", 1),
    ];
    let mut sent = Vec::new();
    for (body, code, tries) in &poison {
        let accepted = service.send(&Delivery::github("push", body.to_string())).await.unwrap();
        sent.push((accepted.token().unwrap(), Some((*code, *tries))));
        for _ in 0..3 {
            let accepted = service.send(&Delivery::github("push", "{}")).await.unwrap();
            sent.push((accepted.token().unwrap(), None));
        }
    }
    for (token, reason) in sent {
        let ended = service.end_of(&token).await.unwrap();
        match reason {
            None => assert_eq!(
                (&ended["status"], effects(&service, &token).len()),
                (&"completed".into(), 1),
                "{ended}"
            ),
            Some((code, tries)) => {
                assert_eq!(
                    (&ended["status"], &ended["error"]["code"]),
                    (&"failed".into(), &code.into()),
                    "{ended}"
                );
                let process = ended["steps"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .find(|step| step["name"] == "process")
                    .unwrap();
                assert_eq!(
                    (&process["status"], &process["tries"]),
                    (&"failed".into(), &tries.into()),
                    "{ended}"
                );
                assert_eq!(service.executions_of(&token).await.unwrap(), ["FAILED"]);
            }
        }
    }
}
