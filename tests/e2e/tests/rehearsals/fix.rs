//! A handler is broken, webhooks wait for their next try: after the fix one command completes them all.

use std::time::Instant;

use serde_json::{Value, json};
use tracehook_test_support::Service;
use tracehook_test_support::service::{effects, scripted_alone};

use crate::passing::{at_rest, send};
use crate::webhooks;

/// A second try comes in ten minutes at the earliest, and the tries have a day.
const PATIENT: &str = "[functions.processor.environment]\nSTEP_INITIAL_DELAY_SECONDS = \"1200\"\n\
    STEP_MAX_DELAY_SECONDS = \"1200\"\n";
const BROKEN: &str = r#"{"script":{"broken_attempts":1}}"#;

/// The calls of the handler so far.
fn calls(service: &Service) -> usize {
    let effects = std::fs::read_to_string(service.path("effects"));
    effects.map_or(0, |text| text.lines().count())
}

/// One command, repeated with the place that it has come to as the operator's tool does, and from the beginning where the
/// reconciler was cut off. Counts of what it matched, of what it said that it did, and of how often it was cut off.
async fn redrive(service: &Service, more: &Value) -> (u64, Value, u32) {
    let mut command = json!({"action": "redrive", "source": "github", "since": "2026-01-01T00:00:00Z", "waiting": true,
        "ratePerSecond": 100});
    let (mut matched, mut outcomes) = (0, serde_json::Map::new());
    command
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let mut cut_off = 0;
    loop {
        let done = match service.reconcile(command.clone()).await {
            Ok(done) => done,
            Err(error) => {
                println!("rehearsal: the command is repeated: {error:#}");
                cut_off += 1;
                assert!(cut_off < 20, "{}", service.output().unwrap());
                continue;
            }
        };
        matched += done["matched"].as_u64().unwrap();
        for (outcome, count) in done["outcomes"].as_object().unwrap() {
            let before = outcomes.get(outcome).and_then(Value::as_u64).unwrap_or_default();
            outcomes.insert(outcome.clone(), (before + count.as_u64().unwrap()).into());
        }
        if done["complete"] == true {
            return (matched, outcomes.into(), cut_off);
        }
        (command["cursor"], command["until"]) = (done["cursor"].clone(), done["until"].clone());
    }
}

#[tokio::test]
async fn a_fix_reaches_what_waits_by_one_command() {
    let count = webhooks();
    let service = scripted_alone(PATIENT).await;
    let tokens = send(&service, 0..count, BROKEN).await;
    at_rest(&service, || calls(&service)).await;
    assert_eq!(redrive(&service, &json!({"code": "another"})).await.0, 0);
    let all = u64::try_from(count).unwrap();
    assert_eq!(redrive(&service, &json!({"dryRun": true})).await.0, all);

    let began = Instant::now();
    let done = redrive(&service, &json!({"code": "scripted_failure"})).await;
    let commanded = began.elapsed();
    at_rest(&service, || calls(&service)).await;
    println!(
        "rehearsal: {count} webhooks wait on a broken handler: one command, cut off {} times, redrove them in {} ms, all had \
         ended in {} ms",
        done.2,
        commanded.as_millis(),
        began.elapsed().as_millis(),
    );
    match done {
        (matched, outcomes, 0) => assert_eq!((matched, outcomes), (all, json!({"redriven": all}))),
        // What was redriven by an answer that never came is not matched again.
        (matched, ..) => assert!(matched <= all, "{matched}"),
    }
    for token in &tokens {
        let end = service.end_of(token).await.unwrap();
        assert_eq!(
            (&end["status"], &end["attempt"]),
            (&"completed".into(), &2.into()),
            "{end}"
        );
        let first = &end["attempts"][0];
        assert_eq!(
            (&first["status"], &first["error"]["code"]),
            (&"stopped".into(), &"taken_over".into())
        );
        let keys: Vec<_> = effects(&service, token).into_iter().map(|(_, key)| key).collect();
        assert_eq!(keys, [format!("{token}-process-1"), format!("{token}-process-2")]);
    }
    let states = service.get("/local/executions").await.unwrap().json;
    let of = |state: &str| {
        states
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["status"] == state)
            .count()
    };
    assert_eq!((of("STOPPED"), of("SUCCEEDED"), of("RUNNING")), (count, count, 0));
}
