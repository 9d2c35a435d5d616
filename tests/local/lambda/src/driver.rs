//! Drives one durable execution: invokes its function when it is owed that, and waits otherwise.
//!
//! Contract: one task per execution, so one invocation at a time; it sleeps until the earliest time that matters and
//! polls nothing. Whatever ends it, the store holds enough to go on from.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::oneshot;

use crate::clock::{now_ms, sleep_until};
use crate::executions::{Executions, Running};
use crate::faults::Faults;
use crate::host::{EXITED, Host, TIMED_OUT, Task, TaskOutcome};
use crate::options::DriverOptions;
use crate::store::StoreError;
use tracehook_local_durable::{ErrorObject, Execution, NextAction};

/// The delay before a failed write of the state is repeated.
const STORE_RETRY: Duration = Duration::from_secs(1);

/// The driver of durable executions. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Driver {
    pub(crate) executions: Arc<Executions>,
    pub(crate) host: Host,
    pub(crate) policy: DriverOptions,
    /// The delay after a function took no events at all.
    pub(crate) throttle_delay: Duration,
    pub(crate) faults: Faults,
}

impl Driver {
    /// Drives the execution to its end.
    pub(crate) async fn drive(self, running: Arc<Running>) {
        loop {
            self.faults.durable_runs().await;
            let plan = { running.state.lock().await.plan(now_ms()) };
            let step = match plan {
                NextAction::Closed => return,
                NextAction::TimeOut => self.close_timed_out(&running).await,
                NextAction::Invoke => self.invoke(&running).await,
                NextAction::Sleep(until_ms) => {
                    running.sleep_until(until_ms);
                    tokio::select! {
                        () = sleep_until(until_ms) => {}
                        () = running.closed_by_other.notified() => {}
                    }
                    running.wake();
                    Ok(())
                }
            };
            if let Err(error) = step {
                let function = running.state.lock().await.summary().function;
                self.host.log(&function, format!("{}: {error}", running.arn));
                tokio::time::sleep(STORE_RETRY).await;
                running.state.lock().await.postpone(now_ms());
            }
        }
    }

    /// One invocation, to its end or the execution's.
    async fn invoke(&self, running: &Arc<Running>) -> Result<(), StoreError> {
        let Some((outcome, deadline_ms)) = self.begin(running).await else {
            return Ok(());
        };
        tokio::pin!(outcome);
        loop {
            tokio::select! {
                outcome = &mut outcome => {
                    let Ok(outcome) = outcome else {
                        // The host took the event back because it is stopping: no failure of the function.
                        running.state.lock().await.postpone(self.after_throttle());
                        return Ok(());
                    };
                    return self.finish(running, outcome).await;
                }
                () = sleep_until(deadline_ms) => return self.close_timed_out(running).await,
                // A stop: the function's answer is ignored from here on, so nobody waits for it.
                () = running.closed_by_other.notified() => {
                    if running.state.lock().await.is_closed() {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Hands the execution to its function. The new invocation need not be stored before: after a restart every
    /// invocation is void anyway, and the next checkpoint stores it.
    async fn begin(&self, running: &Arc<Running>) -> Option<(oneshot::Receiver<TaskOutcome>, i64)> {
        let mut state = running.state.lock().await;
        let request_id = uuid::Uuid::new_v4().to_string();
        // Later ones continue it: nothing has waited in a queue for them.
        let is_first = state.core().token_sequence == 0 && state.core().failures == 0;
        let envelope = state.begin_invocation(&request_id, now_ms());
        let task = Task {
            request_id,
            payload: Bytes::from(envelope.to_string()),
            function_arn: invoked_arn(&state),
            trace: state.core().trace.clone(),
            client_context: None,
            accepted_ms: is_first.then_some(state.core().start_ms),
        };
        let outcome = self
            .host
            .function(&state.core().function)
            .and_then(|function| self.host.submit(function, task));
        if outcome.is_none() {
            state.postpone(self.after_throttle());
        }
        outcome.map(|outcome| (outcome, state.core().deadline_ms))
    }

    fn after_throttle(&self) -> i64 {
        let delay_ms = i64::try_from(self.throttle_delay.as_millis()).unwrap_or(i64::MAX);
        now_ms().saturating_add(delay_ms)
    }

    async fn finish(&self, running: &Arc<Running>, outcome: TaskOutcome) -> Result<(), StoreError> {
        self.executions
            .change(running, |execution| {
                let now_ms = now_ms();
                match outcome {
                    TaskOutcome::Answer(answer) => execution.finish(&answer, &self.policy, now_ms),
                    TaskOutcome::Error { kind, body } => {
                        execution.fail_invocation(reported(&kind, &body), &self.policy, now_ms);
                    }
                    TaskOutcome::Exited { message } => {
                        execution.fail_invocation(ErrorObject::new(EXITED, message), &self.policy, now_ms);
                    }
                    TaskOutcome::TimedOut { message } => {
                        execution.fail_invocation(ErrorObject::new(TIMED_OUT, message), &self.policy, now_ms);
                    }
                }
                Ok(())
            })
            .await
    }

    async fn close_timed_out(&self, running: &Arc<Running>) -> Result<(), StoreError> {
        self.executions
            .change(running, |execution| {
                execution.time_out(now_ms());
                Ok(())
            })
            .await
    }
}

fn invoked_arn(execution: &Execution) -> String {
    let unqualified = execution
        .core()
        .function_arn
        .rsplit_once(':')
        .map_or("", |(before, _)| before);
    format!("{unqualified}:{}", execution.core().qualifier)
}

/// The error that a function reported to the Runtime API.
fn reported(kind: &str, body: &[u8]) -> ErrorObject {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Reported {
        error_message: Option<String>,
    }
    let message = serde_json::from_slice::<Reported>(body)
        .ok()
        .and_then(|reported| reported.error_message);
    ErrorObject::new(kind, message.unwrap_or_default())
}
