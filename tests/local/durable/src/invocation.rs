//! Invocations of an execution: their times, and the effect of their end.

use serde_json::Value;

use crate::{ErrorObject, Event, Execution, ExecutionStatus, InvocationOutput, RetryPolicy, envelope};

/// The next action of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextAction {
    /// Nothing: it is over.
    Closed,
    /// Its timeout has passed.
    TimeOut,
    /// An invocation, now.
    Invoke,
    /// Ask again at this time (epoch milliseconds).
    Sleep(i64),
}

impl Execution {
    /// The next action, between invocations. Completes timers and retries that are due.
    pub fn plan(&mut self, now_ms: i64) -> NextAction {
        if self.is_closed() {
            return NextAction::Closed;
        }
        if now_ms >= self.core.deadline_ms {
            return NextAction::TimeOut;
        }
        if self.complete_due(now_ms) && self.core.invoke_at_ms.is_none() {
            self.core.invoke_at_ms = Some(now_ms);
        }
        match self.core.invoke_at_ms {
            Some(at_ms) if at_ms <= now_ms => NextAction::Invoke,
            Some(at_ms) => NextAction::Sleep(at_ms.min(self.core.deadline_ms)),
            None => NextAction::Sleep(self.next_due_ms().unwrap_or(i64::MAX).min(self.core.deadline_ms)),
        }
    }

    /// Begins an invocation and returns its input. Tokens of an earlier invocation are void from here on.
    pub fn begin_invocation(&mut self, invocation: &str, now_ms: i64) -> Value {
        self.core.invocation = Some(invocation.to_owned());
        self.core.invocation_start_ms = now_ms;
        self.core.invoke_at_ms = None;
        self.core.delivered = false;
        let updated = std::mem::take(&mut self.core.updated);
        self.core.seen = self.core.changes;
        envelope::render(self, &self.first_page(), &updated)
    }

    /// Ends an invocation that answered. After the execution's end the answer is ignored.
    pub fn finish(&mut self, answer: &[u8], policy: &RetryPolicy, now_ms: i64) {
        let parsed = InvocationOutput::parse(answer);
        self.end_invocation(parsed.as_ref().err(), now_ms);
        match parsed {
            _ if self.is_closed() => {}
            Err(error) => self.close(ExecutionStatus::Failed, None, Some(error), now_ms),
            Ok(InvocationOutput::Succeeded(result)) => self.close(ExecutionStatus::Succeeded, result, None, now_ms),
            Ok(InvocationOutput::Failed(error)) => self.close(ExecutionStatus::Failed, None, Some(error), now_ms),
            Ok(InvocationOutput::Pending) => self.suspend(policy, now_ms),
        }
    }

    /// Ends an invocation that failed: the execution is invoked again after a delay, or fails with the last error. The
    /// execution timeout bounds the delay, too.
    pub fn fail_invocation(&mut self, error: ErrorObject, policy: &RetryPolicy, now_ms: i64) {
        self.end_invocation(Some(&error), now_ms);
        if self.is_closed() {
            return;
        }
        self.core.failures += 1;
        if policy.is_used_up(self.core.failures) {
            self.close(ExecutionStatus::Failed, None, Some(error), now_ms);
        } else {
            self.core.invoke_at_ms = Some(now_ms.saturating_add(policy.delay_ms(self.core.failures)));
        }
    }

    /// Takes back an invocation that never reached the function; it is owed again at `at_ms`.
    pub fn postpone(&mut self, at_ms: i64) {
        if !self.is_closed() {
            self.core.invocation = None;
            self.core.invoke_at_ms = Some(at_ms);
        }
    }

    fn suspend(&mut self, policy: &RetryPolicy, now_ms: i64) {
        // The SDK never wakes a parked operation within an invocation. So a completion that a checkpoint answer
        // delivered counts as seen, yet nobody acted on it: only another invocation does.
        if self.core.delivered || self.complete_due(now_ms) {
            self.core.failures = 0;
            self.core.fruitless = 0;
            self.core.invoke_at_ms = Some(now_ms);
        } else if self.operations().any(|operation| operation.is_waiting()) {
            self.core.failures = 0;
            self.core.fruitless = 0;
        } else {
            self.core.fruitless += 1;
            if self.core.fruitless >= policy.max_fruitless {
                let error = ErrorObject::new(
                    "InvalidParameterValueException",
                    "Cannot return PENDING status with no pending operations.",
                );
                self.close(ExecutionStatus::Failed, None, Some(error), now_ms);
            } else {
                self.core.invoke_at_ms = Some(now_ms.saturating_add(policy.delay_ms(self.core.fruitless)));
            }
        }
    }

    fn end_invocation(&mut self, error: Option<&ErrorObject>, now_ms: i64) {
        let Some(invocation) = self.core.invocation.take() else {
            return;
        };
        self.record(Event::invocation_completed(
            &invocation,
            self.core.invocation_start_ms,
            error,
            now_ms,
        ));
    }
}
