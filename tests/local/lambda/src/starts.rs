//! Asynchronous starts of durable executions beyond the account's quota: they wait in the queue.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;

use crate::Inner;
use crate::api_error::ApiError;
use crate::clock::{self, now_ms};
use crate::dead_letters::Condition;
use crate::invoke::{Call, Waits};
use crate::store::{QueuedEvent, StoreError};

/// The delays before the quota is asked again: doubling from one second up to five minutes.
const SHORTEST_DELAY_MS: i64 = 1_000;
const LONGEST_DELAY_MS: i64 = 300_000;

/// Starts the execution of a stored event once the quota lets it, or gives the event up when it is too old.
pub(crate) async fn start_when_allowed(lambda: Arc<Inner>, mut event: QueuedEvent) {
    while let Err(error) = deliver(&lambda, &mut event).await {
        lambda.host.log(&event.function, format!("event {}: {error}", event.id));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn deliver(lambda: &Arc<Inner>, event: &mut QueuedEvent) -> Result<(), StoreError> {
    let max_age_ms = i64::try_from(lambda.queue.retry.max_age.as_millis()).unwrap_or(i64::MAX);
    let expires_ms = event.received_ms.saturating_add(max_age_ms);
    loop {
        clock::sleep_until(event.due_ms.min(expires_ms)).await;
        let now_ms = now_ms();
        if now_ms >= expires_ms {
            return lambda.queue.discard(event, Condition::EventAgeExceeded, "").await;
        }
        if lambda.start_quota.admits() {
            return match start(lambda, event).await {
                Ok(()) => lambda.executions.store.delete_event(event.id.clone()).await,
                Err(error) if error.status >= 500 => Err(StoreError::because(error)),
                Err(error) => {
                    let error = error.to_string();
                    lambda.queue.discard(event, Condition::RetriesExhausted, &error).await
                }
            };
        }
        // As long again as it has waited: the delay doubles.
        let waited_ms = now_ms.saturating_sub(event.received_ms);
        event.due_ms = now_ms.saturating_add(waited_ms.clamp(SHORTEST_DELAY_MS, LONGEST_DELAY_MS));
        lambda.executions.store.put_event(event.clone()).await?;
    }
}

async fn start(lambda: &Arc<Inner>, event: &QueuedEvent) -> Result<(), ApiError> {
    let target = lambda.target(&event.function, event.qualifier.as_deref())?;
    let call = Call {
        request_id: event.id.clone(),
        payload: Bytes::from(event.payload.clone()),
        trace: Some(event.trace.clone()),
        client_context: event.client_context.clone(),
        // A start without a name is the same one when it is repeated.
        execution_name: Some(event.execution_name.clone().unwrap_or_else(|| event.id.clone())),
    };
    lambda.start_execution(&target, call, Waits::No).await?;
    lambda.host.taken_from_queue(&event.function, event.received_ms);
    Ok(())
}
