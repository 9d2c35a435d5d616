//! One case: the webhooks are sent while the plan is in force, the plan ends, and the promises must hold. Then some are sent
//! once more under the same plan, and the promises must hold again.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use proptest::prelude::{TestCaseError, prop_assert_eq};
use serde_json::{Value, json};
use tracehook_test_support::service::effects;
use tracehook_test_support::{Delivery, Service, is_open};

use crate::strategy::{Again, Case, Webhook};

/// Ages of a second; only the case sweeps.
pub(crate) const CONFIG: &str = "[functions.reconciler.environment]\nRECEIVED_AGE_SECONDS = \"1\"\nSTARTED_AGE_SECONDS = \"1\"\n\
    ENGINE_CALLS_PER_SECOND = \"30\"\n[durable]\nfailure_delay_ms = 50\n[asynchronous]\nretry_delay_ms = 50\n\
    [triggers]\nsweep_seconds = 0\ndead_letter_delay_ms = 50\n";

/// The longest wait for an end. Not a measure: a webhook that is open after it is stuck.
const PATIENCE: Duration = Duration::from_mins(1);
/// Upper limit of deliveries of one webhook; no case needs as many.
const DELIVERIES: usize = 400;
/// Two records of one token are born in different seconds.
const LATER: Duration = Duration::from_millis(1100);

/// What a webhook must have come to.
struct Due {
    /// The attempt of the record.
    attempt: u32,
    /// The executions of its token.
    executions: usize,
    /// The attempts whose handler ran.
    keys: Vec<String>,
}

pub(crate) async fn play(service: &Service, case: &Case) -> Result<(), TestCaseError> {
    let deliveries: Vec<_> = case
        .webhooks
        .iter()
        .map(|webhook| Delivery::github("push", webhook.script.body()))
        .collect();
    let tokens = under_the_plan(
        service,
        case,
        deliveries.iter().map(|delivery| accepted(service, delivery)),
    )
    .await?;
    let mut dues = Vec::new();
    for (token, webhook) in tokens.iter().zip(&case.webhooks) {
        let due = Due {
            attempt: 1,
            executions: 1,
            keys: vec![format!("{token}-process-1")],
        };
        holds(service, token, *webhook, &due).await?;
        dues.push(due);
    }

    let sent_once: Vec<_> = tokens
        .iter()
        .zip(&case.webhooks)
        .zip(deliveries)
        .zip(&mut dues)
        .collect();
    let mut again = Vec::new();
    for (((token, webhook), delivery), due) in sent_once {
        let Some(how) = webhook.again else { continue };
        prepare(service, token, how).await.map_err(broken)?;
        match how {
            Again::Same if webhook.script.end().0 == "failed" => {
                (due.attempt, due.executions) = (2, 2);
                due.keys.push(format!("{token}-process-2"));
            }
            Again::Same | Again::Changed => {}
            Again::Expired | Again::Deleted => due.executions = 2,
        }
        again.push((delivery, how));
    }
    if again.is_empty() {
        return Ok(());
    }
    tokio::time::sleep(LATER).await;
    let others = under_the_plan(
        service,
        case,
        again.iter().map(|(delivery, how)| sent_again(service, delivery, *how)),
    )
    .await?;
    for token in others.iter().flatten() {
        let ended = swept_to_the_end(service, token).await?;
        prop_assert_eq!(&ended["status"], "completed", "{}", ended);
    }
    for ((token, webhook), due) in tokens.iter().zip(&case.webhooks).zip(&dues) {
        holds(service, token, *webhook, due).await?;
    }
    Ok(())
}

/// Sends while the plan is in force.
async fn under_the_plan<T>(
    service: &Service,
    case: &Case,
    sent: impl Iterator<Item = impl Future<Output = Result<T, TestCaseError>>>,
) -> Result<Vec<T>, TestCaseError> {
    let plan = json!({"seed": 1, "rules": case.rules});
    service.plan(&plan).await.map_err(broken)?;
    let answers = join_all(sent).await;
    // Running executions meet the rest of the plan.
    tokio::time::sleep(Duration::from_millis(300)).await;
    service.plan(&json!({"rules": []})).await.map_err(broken)?;
    answers.into_iter().collect()
}

/// Sends until the answer is 202.
async fn accepted(service: &Service, delivery: &Delivery) -> Result<String, TestCaseError> {
    for _ in 0..DELIVERIES {
        if let Ok(token) = service.send(delivery).await.and_then(|answer| answer.token()) {
            return Ok(token);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(TestCaseError::fail("never accepted"))
}

/// Makes the record one that a delivery of the kind meets.
async fn prepare(service: &Service, token: &str, how: Again) -> anyhow::Result<()> {
    match how {
        Again::Same => service.age_attempt(token).await,
        Again::Changed => Ok(()),
        Again::Expired => service.expire(token).await,
        Again::Deleted => service.delete_items(token, |_| true).await,
    }
}

/// Sends until the answer is 202. With another body it is a webhook of its own, whose token is returned.
async fn sent_again(service: &Service, delivery: &Delivery, how: Again) -> Result<Option<String>, TestCaseError> {
    if how != Again::Changed {
        return accepted(service, delivery).await.map(|_| None);
    }
    accepted(service, &delivery.signed_anew(r#"{"changed":true}"#))
        .await
        .map(Some)
}

async fn holds(service: &Service, token: &str, webhook: Webhook, due: &Due) -> Result<(), TestCaseError> {
    let (status, engine) = webhook.script.end();
    let ended = swept_to_the_end(service, token).await?;
    prop_assert_eq!(&ended["status"], status, "{}", ended);
    prop_assert_eq!(&ended["attempt"], due.attempt, "{}", ended);
    let executions = service.executions_of(token).await.map_err(broken)?;
    prop_assert_eq!(executions, vec![engine; due.executions]);
    let again = service.status(token).await.map_err(broken)?;
    prop_assert_eq!(&again, &ended, "an end is final");
    let mut keys: Vec<_> = effects(service, token).into_iter().map(|(_, key)| key).collect();
    keys.sort();
    keys.dedup();
    prop_assert_eq!(
        &keys,
        &due.keys,
        "{} has an effect under one key for each attempt",
        token
    );
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
