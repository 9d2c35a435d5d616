//! Asynchronous invocations: stored, then worked off by the queue, or started as durable executions.

use std::sync::Arc;

use crate::Inner;
use crate::api_error::ApiError;
use crate::clock::now_ms;
use crate::dead_letters::Condition;
use crate::faults::{Delivery, INVOCATION};
use crate::invoke::{Call, Target, Waits};
use crate::names;
use crate::starts;
use crate::store::QueuedEvent;

impl Inner {
    /// Event: stored before this returns, unless a planned fault loses it or holds it back. The execution's ARN for a
    /// durable function.
    pub(crate) async fn enqueue(self: &Arc<Self>, target: Target, call: Call) -> Result<Option<String>, ApiError> {
        match self.faults.delivery(INVOCATION, &target.function.options.name) {
            Delivery::Now => self.take(&target, call).await,
            Delivery::Twice => {
                let again = Call {
                    request_id: uuid::Uuid::new_v4().to_string(),
                    ..call.clone()
                };
                self.take(&target, again).await?;
                self.take(&target, call).await
            }
            Delivery::Later(wait) => {
                let lambda = Arc::clone(self);
                self.tasks.spawn(async move {
                    wait.over().await;
                    if let Err(error) = lambda.take(&target, call).await {
                        let function = &target.function.options.name;
                        lambda
                            .host
                            .log(function, format!("an event that was held back is lost: {error}"));
                    }
                });
                Ok(None)
            }
            Delivery::Lost => Ok(None),
            Delivery::GivenUp => {
                let event = queued(&target, call);
                self.queue.give_up(&event, Condition::EventAgeExceeded, "").await?;
                Ok(None)
            }
        }
    }

    async fn take(self: &Arc<Self>, target: &Target, call: Call) -> Result<Option<String>, ApiError> {
        let is_durable = target.function.options.durable.is_some();
        if is_durable && self.start_quota.admits() {
            let arn = self.start_apart(target.clone(), call, Waits::No).await?;
            self.host.taken_from_queue(&target.function.options.name, now_ms());
            return Ok(Some(arn));
        }
        let event = queued(target, call);
        self.executions.store.put_event(event.clone()).await?;
        self.work_off(event);
        Ok(None)
    }

    /// Works off an event that is stored.
    pub(crate) fn work_off(self: &Arc<Self>, event: QueuedEvent) {
        let durable = self.host.function(&event.function);
        if durable.is_some_and(|function| function.options.durable.is_some()) {
            self.tasks.spawn(starts::start_when_allowed(Arc::clone(self), event));
        } else {
            self.tasks.spawn(self.queue.clone().work_off(event));
        }
    }
}

fn queued(target: &Target, call: Call) -> QueuedEvent {
    let now_ms = now_ms();
    QueuedEvent {
        id: call.request_id,
        function: target.function.options.name.clone(),
        qualifier: target.qualifier.clone(),
        payload: call.payload.to_vec(),
        trace: names::trace_header(call.trace.as_deref()),
        client_context: call.client_context,
        received_ms: now_ms,
        tries: 0,
        due_ms: now_ms,
        execution_name: call.execution_name,
    }
}
