//! `kill -9` of every part at every point: after a 202 the webhook completes, and no finished step runs again.

use futures_util::future::join_all;
use tracehook_core::record::StepName;
use tracehook_test_support::{Delivery, Service};

use tracehook_test_support::service::{effects, scripted};

const CHECKPOINT: &str = "lambda:CheckpointDurableExecution";

/// A short delay after a crash.
const FAST: &str = "[durable]\nfailure_delay_ms = 50\n";

/// The try of one step is interrupted, if of any; `calls` tries reach the handler.
async fn completes_once(service: &Service, case: &str, calls: usize, interrupted: Option<StepName>) {
    let token = service
        .send(&Delivery::github("push", "{}"))
        .await
        .unwrap()
        .token()
        .unwrap();
    let ended = service.end_of(&token).await.unwrap();
    assert_eq!(ended["status"], "completed", "{case}: {ended}");
    // The record is completed before the last checkpoint is written.
    assert_eq!(service.executions_of(&token).await.unwrap(), ["SUCCEEDED"], "{case}");
    assert!(
        service.all_faults_happened().await.unwrap(),
        "{case}: nothing was killed"
    );
    assert_eq!(effects(service, &token).len(), calls, "{case}");
    let ended = service.status(&token).await.unwrap();
    for step in ended["steps"].as_array().unwrap() {
        let interrupted = u32::from(interrupted.is_some_and(|name| step["name"] == name.as_str()));
        assert_eq!(
            (&step["status"], &step["tries"]),
            (&"completed".into(), &(1 + interrupted).into()),
            "{case}: {step}"
        );
        assert_eq!(
            step["interrupted"].as_u64().unwrap_or_default(),
            u64::from(interrupted),
            "{case}: {step}"
        );
    }
}

#[tokio::test]
async fn the_processor_killed_around_each_checkpoint_completes() {
    // One checkpoint per step. Only the one of `process` that is lost lets the handler run again. When the last one is
    // lost, the record has ended and counts no more.
    for (skip, step) in StepName::ALL.into_iter().enumerate() {
        let repeated = if step == StepName::Process { 2 } else { 1 };
        let interrupted = Some(step).filter(|step| *step != StepName::Finalize);
        for (phase, calls, interrupted) in [("before", repeated, interrupted), ("after", 1, None)] {
            let service = scripted(FAST).await;
            service
                .kill_at("tracehook-processor", CHECKPOINT, skip, phase)
                .await
                .unwrap();
            completes_once(&service, &format!("checkpoint {skip} {phase}"), calls, interrupted).await;
        }
    }
}

#[tokio::test]
async fn the_processor_killed_around_each_write_of_each_step_completes() {
    for (skip, phase) in (0..StepName::ALL.len()).flat_map(|skip| [(skip, "before"), (skip, "after")]) {
        let service = scripted(FAST).await;
        service
            .kill_at("tracehook-processor", "dynamodb:UpdateItem", skip, phase)
            .await
            .unwrap();
        // A try that has written something is known to have begun.
        let mut wrote = [StepName::Validate, StepName::Process].into_iter();
        let interrupted = wrote.find(|step| (*step as usize, "after") == (skip, phase));
        completes_once(&service, &format!("update {skip} {phase}"), 1, interrupted).await;
    }
}

#[tokio::test]
async fn the_processor_killed_while_its_handler_works_runs_it_again() {
    let service = scripted(FAST).await;
    let delivery = Delivery::github("push", r#"{"script":{"hang_ms":1500}}"#);
    let token = service.send(&delivery).await.unwrap().token().unwrap();
    while effects(&service, &token).is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    service.kill_function("tracehook-processor").await.unwrap();
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed");
    assert_eq!(
        effects(&service, &token)
            .iter()
            .map(|(try_number, _)| *try_number)
            .collect::<Vec<_>>(),
        [1, 2]
    );
}

#[tokio::test]
async fn the_validator_killed_between_write_and_start_promises_nothing_and_the_next_delivery_starts_it() {
    for phase in ["before", "after"] {
        let service = scripted(FAST).await;
        service
            .kill_at("tracehook-validator", "lambda:Invoke", 0, phase)
            .await
            .unwrap();
        let delivery = Delivery::github("push", "{}");
        let lost = service.send(&delivery).await.unwrap();
        assert_eq!(
            (lost.status, lost.json["code"].as_str()),
            (502, Some("bad_gateway")),
            "{phase}"
        );
        let again = service.send(&delivery).await.unwrap();
        let token = again.token().unwrap();
        assert_eq!(again.json["duplicate"], true, "{phase}: the write was done");
        assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed", "{phase}");
        assert_eq!(effects(&service, &token).len(), 1, "{phase}");
    }
}

#[tokio::test]
async fn the_whole_service_killed_among_a_hundred_webhooks_loses_none() {
    let mut service = scripted(FAST).await;
    let deliveries: Vec<_> = (0..100)
        .map(|n| Delivery::github("push", format!(r#"{{"n":{n}}}"#)))
        .collect();
    let mut accepted = Vec::new();
    for chunk in deliveries.chunks(10).take(5) {
        accepted.extend(join_all(chunk.iter().map(|delivery| service.send(delivery))).await);
    }
    // The kill falls among the other fifty.
    let rest = join_all(deliveries[50..].iter().map(|delivery| service.send(delivery)));
    let kill = service.kill_when_stored(60);
    let (rest, killed) = tokio::join!(rest, kill);
    killed.unwrap();
    accepted.extend(rest);
    service.kill().unwrap();
    let tokens: Vec<String> = accepted
        .iter()
        .flatten()
        .filter_map(|answer| answer.token().ok())
        .collect();
    assert!((50..=100).contains(&tokens.len()), "{} accepted", tokens.len());
    service.restart().await.unwrap();
    for token in &tokens {
        let ended = service.end_of(token).await.unwrap();
        assert_eq!(ended["status"], "completed", "{ended}");
        let steps = ended["steps"].as_array().unwrap();
        assert_eq!(steps.len(), 3);
        let calls = effects(&service, token).len();
        assert!(
            (1..=2).contains(&calls),
            "{calls} calls: only an interrupted try runs again"
        );
    }
}
