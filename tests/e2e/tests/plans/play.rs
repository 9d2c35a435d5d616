//! One case: the webhooks are sent while the plan is in force, the plan ends, and the promises must hold.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use proptest::prelude::{TestCaseError, prop_assert, prop_assert_eq};
use serde_json::{Value, json};
use tracehook_test_support::{Delivery, Service, is_open};

use crate::strategy::{Case, Script};
use tracehook_test_support::service::effects;

/// Ages of a second; only the case sweeps.
pub(crate) const CONFIG: &str = "[functions.reconciler.environment]\nRECEIVED_AGE_SECONDS = \"1\"\nSTARTED_AGE_SECONDS = \"1\"\n\
    ENGINE_CALLS_PER_SECOND = \"30\"\n[durable]\nfailure_delay_ms = 50\n[asynchronous]\nretry_delay_ms = 50\n\
    [triggers]\nsweep_seconds = 0\ndead_letter_delay_ms = 50\n";

/// The longest wait for an end. Not a measure: a webhook that is open after it is stuck.
const PATIENCE: Duration = Duration::from_mins(1);
/// Upper limit of deliveries of one webhook; no case needs as many.
const DELIVERIES: usize = 100;

pub(crate) async fn play(service: &Service, case: &Case) -> Result<(), TestCaseError> {
    let plan = json!({"seed": 1, "rules": case.rules});
    service.plan(&plan).await.map_err(broken)?;
    let tokens = join_all(case.scripts.iter().map(|script| accepted(service, *script))).await;
    // Running executions meet the rest of the plan.
    tokio::time::sleep(Duration::from_millis(300)).await;
    service.plan(&json!({"rules": []})).await.map_err(broken)?;
    for (token, script) in tokens.into_iter().zip(&case.scripts) {
        holds(service, &token?, *script).await?;
    }
    Ok(())
}

/// Sends until the answer is 202.
async fn accepted(service: &Service, script: Script) -> Result<String, TestCaseError> {
    let delivery = Delivery::github("push", script.body());
    for _ in 0..DELIVERIES {
        if let Ok(token) = service.send(&delivery).await.and_then(|answer| answer.token()) {
            return Ok(token);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(TestCaseError::fail("never accepted"))
}

async fn holds(service: &Service, token: &str, script: Script) -> Result<(), TestCaseError> {
    let (status, engine) = script.end();
    let ended = swept_to_the_end(service, token).await?;
    prop_assert_eq!(&ended["status"], status, "{}", ended);
    prop_assert_eq!(&ended["attempt"], 1, "{}", ended);
    prop_assert_eq!(service.executions_of(token).await.map_err(broken)?, [engine]);
    let again = service.status(token).await.map_err(broken)?;
    prop_assert_eq!(&again, &ended, "an end is final");
    let calls = effects(service, token);
    prop_assert!(!calls.is_empty(), "{} has had no effect", token);
    for (_, key) in calls {
        prop_assert_eq!(key, format!("{token}-process-1"));
    }
    Ok(())
}

async fn swept_to_the_end(service: &Service, token: &str) -> Result<Value, TestCaseError> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let status = service.status(token).await.map_err(broken)?;
        if !is_open(&status) {
            return Ok(status);
        }
        service.reconcile(json!({"action": "sweep"})).await.map_err(broken)?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(TestCaseError::fail(format!("{token} does not end")))
}

fn broken(problem: anyhow::Error) -> TestCaseError {
    TestCaseError::fail(format!("{problem:#}"))
}
