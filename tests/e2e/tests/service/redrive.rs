//! Redrive: a failed webhook runs again under the same token and trace, and the status shows every attempt.

use serde_json::json;
use tracehook_test_support::Delivery;

use tracehook_test_support::service::{effects, scripted};

#[tokio::test]
async fn a_failed_webhook_is_redriven_with_a_new_execution_and_a_new_idempotency_key() {
    let service = scripted("").await;
    let delivery = Delivery::github("push", r#"{"script":{"then":"permanent"}}"#);
    let token = service.send(&delivery).await.unwrap().token().unwrap();
    let first = service.end_of(&token).await.unwrap();
    assert_eq!((&first["status"], &first["attempt"]), (&"failed".into(), &1.into()));
    let answer = service
        .reconcile(json!({"action": "redrive", "token": token}))
        .await
        .unwrap();
    assert_eq!(
        (&answer["outcome"], &answer["started"]),
        (&"redriven".into(), &true.into())
    );
    let second = service.end_of(&token).await.unwrap();
    assert_eq!((&second["status"], &second["attempt"]), (&"failed".into(), &2.into()));
    assert_eq!(second["trace"], first["trace"]);
    assert_eq!(second["createdAt"], first["createdAt"]);
    let attempts = second["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 2);
    for (attempt, number) in attempts.iter().zip(1..) {
        assert_eq!(
            (&attempt["number"], &attempt["status"]),
            (&number.into(), &"failed".into())
        );
        assert_eq!(attempt["error"]["code"], "scripted_end");
        assert!(attempt["startedAt"].is_string() && attempt["endedAt"].is_string());
    }
    assert_ne!(attempts[0]["executionName"], attempts[1]["executionName"]);
    let keys: Vec<_> = effects(&service, &token).into_iter().map(|(_, key)| key).collect();
    assert_eq!(keys, [format!("{token}-process-1"), format!("{token}-process-2")]);
    assert_eq!(service.executions_of(&token).await.unwrap(), ["FAILED", "FAILED"]);
}

#[tokio::test]
async fn a_completed_webhook_is_not_redriven_and_a_bad_command_says_why() {
    let service = scripted("").await;
    let token = service
        .send(&Delivery::github("push", "{}"))
        .await
        .unwrap()
        .token()
        .unwrap();
    service.end_of(&token).await.unwrap();
    let answer = service
        .reconcile(json!({"action": "redrive", "token": token}))
        .await
        .unwrap();
    assert_eq!(answer["outcome"], "completed");
    assert_eq!(effects(&service, &token).len(), 1);
    for bad in [
        json!({"action": "redrive"}),
        json!({"action": "redrive", "token": token, "dryRun": true}),
    ] {
        let problem = service.reconcile(bad).await.unwrap_err().to_string();
        assert!(problem.contains("either token, alone, or source"), "{problem}");
    }
}

#[tokio::test]
async fn every_failed_webhook_of_a_source_is_redriven_once_by_a_command_that_is_repeated() {
    let service = scripted("").await;
    let mut failed = Vec::new();
    for n in 0..20 {
        let body = match n % 2 {
            0 => r#"{"script":{"then":"permanent"}}"#,
            _ => "{}",
        };
        let token = service
            .send(&Delivery::github("push", body))
            .await
            .unwrap()
            .token()
            .unwrap();
        if n % 2 == 0 {
            failed.push(token);
        } else {
            service.end_of(&token).await.unwrap();
        }
    }
    for token in &failed {
        service.end_of(token).await.unwrap();
    }
    let mut command = json!({"action": "redrive", "source": "github", "since": "2020-01-01T00:00:00Z",
        "ratePerSecond": 100, "dryRun": true});
    assert_eq!(service.reconcile(command.clone()).await.unwrap()["matched"], 10);
    command["dryRun"] = false.into();
    let done = service.reconcile(command.clone()).await.unwrap();
    assert_eq!(done["outcomes"], json!({"redriven": 10}));
    for token in &failed {
        assert_eq!(service.end_of(token).await.unwrap()["attempt"], 2);
    }
    command["until"] = done["until"].clone();
    assert_eq!(
        service.reconcile(command).await.unwrap()["matched"],
        0,
        "what failed again since is left alone"
    );
    for token in &failed {
        assert_eq!(service.executions_of(token).await.unwrap().len(), 2);
        assert_eq!(effects(&service, token).len(), 2);
    }
}
