//! Asynchronous invocations of functions that are not durable: kept until they succeed, run out of tries or age.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;

use crate::AsyncRetry;
use crate::clock::{self, now_ms};
use crate::dead_letters::{Condition, DeadLetterQueue, GivenUp};
use crate::host::{Host, Task, TaskOutcome};
use crate::store::{QueuedEvent, Store, StoreError};

/// The queue of asynchronous events. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    pub(crate) store: Arc<Store>,
    pub(crate) host: Host,
    pub(crate) retry: AsyncRetry,
    pub(crate) region: String,
    pub(crate) account_id: String,
    pub(crate) dead_letters: DeadLetterQueue,
}

impl Queue {
    /// Works off one event that is stored already.
    pub(crate) async fn work_off(self, mut event: QueuedEvent) {
        while let Err(error) = self.deliver(&mut event).await {
            self.host.log(&event.function, format!("event {}: {error}", event.id));
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn deliver(&self, event: &mut QueuedEvent) -> Result<(), StoreError> {
        let expires_ms = event.received_ms.saturating_add(millis(self.retry.max_age));
        loop {
            clock::sleep_until(event.due_ms.min(expires_ms)).await;
            if now_ms() >= expires_ms {
                return self.discard(event, Condition::EventAgeExceeded, "").await;
            }
            match self.run_try(event, expires_ms).await {
                Some(TaskOutcome::Answer(_)) => return self.store.delete_event(event.id.clone()).await,
                Some(failed) => {
                    event.tries += 1;
                    if event.tries >= self.retry.max_tries {
                        let error = failed.error_message();
                        return self.discard(event, Condition::RetriesExhausted, &error).await;
                    }
                    event.due_ms = now_ms().saturating_add(millis(self.delay(event.tries)));
                }
                None => event.due_ms = now_ms().saturating_add(millis(self.retry.throttle_delay)),
            }
            self.store.put_event(event.clone()).await?;
        }
    }

    /// None when the function took no event.
    async fn run_try(&self, event: &QueuedEvent, expires_ms: i64) -> Option<TaskOutcome> {
        let function = self.host.function(&event.function)?;
        let task = Task {
            request_id: event.id.clone(),
            payload: Bytes::from(event.payload.clone()),
            function_arn: self.function_arn(event),
            trace: event.trace.clone(),
            client_context: event.client_context.clone(),
            accepted_ms: Some(event.received_ms),
        };
        let outcome = self.host.submit(function, task)?;
        // An event in line is not throttled, but it does grow old there. One that has been handed out may end.
        tokio::time::timeout(until(expires_ms) + function.options.timeout, outcome)
            .await
            .ok()?
            .ok()
    }

    fn delay(&self, tries: u32) -> Duration {
        let index = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX);
        self.retry
            .delays
            .get(index)
            .or(self.retry.delays.last())
            .copied()
            .unwrap_or_default()
    }

    /// Gives an event up that is stored: it is kept elsewhere before it is forgotten.
    pub(crate) async fn discard(
        &self,
        event: &QueuedEvent,
        condition: Condition,
        error: &str,
    ) -> Result<(), StoreError> {
        self.give_up(event, condition, error).await?;
        self.store.delete_event(event.id.clone()).await
    }

    /// Gives an event up, also one that was never stored. `error` is the function's last message; empty when it has not run.
    pub(crate) async fn give_up(
        &self,
        event: &QueuedEvent,
        condition: Condition,
        error: &str,
    ) -> Result<(), StoreError> {
        let reason = condition.as_str();
        self.host
            .log(&event.function, format!("event {} is discarded: {reason}", event.id));
        let given_up = GivenUp {
            request_id: &event.id,
            function: &event.function,
            function_arn: &self.function_arn(event),
            condition,
            error,
            tries: event.tries,
            payload: &event.payload,
        };
        self.dead_letters.keep(given_up).await?;
        self.host.dropped(&event.function);
        Ok(())
    }

    fn function_arn(&self, event: &QueuedEvent) -> String {
        let qualifier = event.qualifier.as_deref();
        crate::function_arn(&self.region, &self.account_id, &event.function, qualifier)
    }
}

fn until(time_ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(time_ms.saturating_sub(now_ms())).unwrap_or(0))
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
