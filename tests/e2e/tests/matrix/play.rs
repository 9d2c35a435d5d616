//! One row: the scene is set, the call fails, the fault ends, and then the webhook must end.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use tracehook_test_support::{Delivery, Service, is_open};

use crate::rows::{Fault, Row, Scene};
use tracehook_test_support::service::effects;

/// Upper limit of reads while a test waits. Not a measure: a test that waits this long has failed.
const LOOKS: u32 = 1200;
const BETWEEN: Duration = Duration::from_millis(50);

/// Makes a record older than the ages of the configuration.
const OLDER: Duration = Duration::from_millis(1100);

pub(crate) async fn play(service: &Service, row: &Row, fault: Fault) -> String {
    let case = format!("{} {} {} {}", row.function, row.call, row.which, fault.name());
    let (token, answer) = scene(service, row, fault, &case).await;
    assert!(service.all_faults_happened().await.unwrap(), "{case}: nothing failed");
    service.clear_faults().await.unwrap();
    let token = if let Some(token) = token {
        token
    } else {
        sent_again(service, &deliveries(&case, row.scene), &case).await
    };
    if row.scene.is_redrive() && status(service, &token).await["attempt"] == 1 {
        service.reconcile(redrive(&token)).await.unwrap();
    }
    let ended = swept_to_the_end(service, &token, &case).await;
    // The execution ends after the record: both must agree, and the end must stay.
    service.executions_of(&token).await.unwrap();
    service.reconcile(json!({"action": "sweep"})).await.unwrap();
    assert_eq!(status(service, &token).await, ended, "{case}: an end is final");
    assert_eq!(ended["status"], row.scene.end(), "{case}: {ended}");
    let calls = effects(service, &token);
    let attempt = ended["attempt"].as_u64().unwrap();
    let keys: std::collections::BTreeSet<_> = calls.iter().map(|(_, key)| key).collect();
    assert_eq!(
        keys.len() as u64,
        attempt,
        "{case}: one idempotency key per attempt: {calls:?}"
    );
    let which = if row.which.is_empty() {
        String::new()
    } else {
        format!(" ({})", row.which)
    };
    format!(
        "| {} | `{}`{which} | {} | {} | {answer} | {} | {attempt} | {} |",
        row.function,
        row.call,
        row.scene.name(),
        fault.name(),
        row.scene.end(),
        calls.len()
    )
}

/// The same delivery for the same case.
fn deliveries(case: &str, scene: Scene) -> Delivery {
    Delivery::github("push", scene.body()).with("X-GitHub-Delivery", case.replace(' ', "-"))
}

/// The producer got no 202 and sends it again until it gets one: a failed read of the secrets is remembered for a while.
async fn sent_again(service: &Service, delivery: &Delivery, case: &str) -> String {
    for _ in 0..LOOKS {
        if let Ok(token) = service.send(delivery).await.unwrap().token() {
            return token;
        }
        tokio::time::sleep(BETWEEN).await;
    }
    panic!("{case}: not accepted")
}

/// Plays up to the fault. Returns the token, where the producer got one, and the answer to the request that failed.
async fn scene(service: &Service, row: &Row, fault: Fault, case: &str) -> (Option<String>, String) {
    let delivery = deliveries(case, row.scene);
    let plan = || async { service.fault(fault.rule(row)).await.unwrap() };
    match row.scene {
        Scene::Receive | Scene::ReceiveLarge => {
            // The first process keeps the configuration for all later ones.
            if service.pids_of("tracehook-validator").await.unwrap().is_empty() {
                let first = service.send(&Delivery::github("push", "{}")).await.unwrap();
                service.executions_of(&first.token().unwrap()).await.unwrap();
            }
            // A process that has configuration and secrets does not read them again.
            service.kill_function("tracehook-validator").await.unwrap();
            plan().await;
            let answer = service.send(&delivery).await.unwrap();
            (answer.token().ok(), answer.status.to_string())
        }
        Scene::Process | Scene::ProcessLarge | Scene::Event | Scene::DeadLetter => {
            plan().await;
            let answer = service.send(&delivery).await.unwrap();
            let token = answer.token().unwrap();
            until_spent(service, &token, row.scene, case).await;
            (Some(token), answer.status.to_string())
        }
        Scene::Ask => {
            let token = ended(service, &delivery).await;
            plan().await;
            let answer = service.get(&format!("/status/{token}")).await.unwrap();
            (Some(token), answer.status.to_string())
        }
        Scene::SweepStart | Scene::SweepAsk | Scene::SweepCompare => {
            let token = neglected(service, row.scene, &delivery).await;
            tokio::time::sleep(OLDER).await;
            plan().await;
            let answer = swept(service.reconcile(json!({"action": "sweep"})).await);
            (Some(token), answer.to_owned())
        }
        Scene::Redeliver => {
            let token = ended(service, &delivery).await;
            service.age_attempt(&token).await.unwrap();
            plan().await;
            let answer = service.send(&delivery).await.unwrap();
            (answer.token().ok(), answer.status.to_string())
        }
        Scene::Redrive | Scene::RedriveLate => {
            let token = ended(service, &delivery).await;
            plan().await;
            let answer = match service.reconcile(redrive(&token)).await {
                Ok(answer) if answer["started"] == true => "redriven",
                Ok(_) => "redriven, start left to the sweep",
                Err(_) => "failed",
            };
            (Some(token), answer.to_owned())
        }
    }
}

fn redrive(token: &str) -> Value {
    json!({"action": "redrive", "token": token})
}

async fn status(service: &Service, token: &str) -> Value {
    service.status(token).await.unwrap()
}

async fn ended(service: &Service, delivery: &Delivery) -> String {
    let token = service.send(delivery).await.unwrap().token().unwrap();
    service.end_of(&token).await.unwrap();
    service.executions_of(&token).await.unwrap();
    token
}

/// A webhook that only the sweep can end.
async fn neglected(service: &Service, scene: Scene, delivery: &Delivery) -> String {
    let never_started = matches!(scene, Scene::SweepStart | Scene::SweepAsk);
    if never_started {
        let no_start = json!({"operation": "lambda:Invoke", "function": "tracehook-validator", "count": 1000,
            "phase": "before", "effect": {"status": 500, "code": "ServiceException"}});
        service.fault(no_start).await.unwrap();
    }
    let token = service.send(delivery).await.unwrap().token().unwrap();
    service.clear_faults().await.unwrap();
    if scene == Scene::SweepAsk {
        service.forget_start(&token).await.unwrap();
    }
    // Waits for the engine to end it, where it was started at all.
    service.executions_of(&token).await.unwrap();
    token
}

/// Waits until the fault has hit all its calls, or nothing can make another one.
async fn until_spent(service: &Service, token: &str, scene: Scene, case: &str) {
    for _ in 0..LOOKS {
        let rules = service.get("/local/faults").await.unwrap().json;
        let is_spent = rules[0]["matched"] == rules[0]["count"];
        let state = status(service, token).await;
        let may_be_over = matches!(scene, Scene::Process | Scene::ProcessLarge);
        if is_spent || may_be_over && state["status"] == "completed" && all_closed(service, token).await {
            return;
        }
        tokio::time::sleep(BETWEEN).await;
    }
    panic!("{case}: the fault was not spent\n{}", service.output().unwrap());
}

async fn all_closed(service: &Service, token: &str) -> bool {
    let found = service
        .get(&format!("/local/executions?token={token}"))
        .await
        .unwrap()
        .json;
    found
        .as_array()
        .unwrap()
        .iter()
        .all(|execution| execution["status"] != "RUNNING")
}

fn swept(answer: Result<Value>) -> &'static str {
    match answer {
        Ok(answer) if answer["outcomes"]["error"].is_null() => "swept",
        Ok(_) => "left to the next sweep",
        Err(_) => "failed",
    }
}

async fn swept_to_the_end(service: &Service, token: &str, case: &str) -> Value {
    for _ in 0..LOOKS {
        let state = status(service, token).await;
        if !is_open(&state) {
            return state;
        }
        service.reconcile(json!({"action": "sweep"})).await.unwrap();
        tokio::time::sleep(BETWEEN).await;
    }
    panic!("{case}: {token} does not end\n{}", service.output().unwrap());
}
