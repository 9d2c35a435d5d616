//! Accepting a checkpoint: the token, the repeat of a lost answer, the updates, the next token.

use std::sync::Arc;

use crate::update::Action;
use crate::{
    CheckpointAnswer, CheckpointRequest, Event, Execution, ExecutionStatus, Fault, OperationType, OperationUpdate,
    Page, apply, validate,
};

impl Execution {
    /// The answer that the same call (client token and inbound token) got before.
    ///
    /// Looked up before the token is judged, because the first call consumed it: without this a lost answer would
    /// look like a stale token.
    #[must_use]
    pub fn replayed(&self, request: &CheckpointRequest, now_ms: i64) -> Option<CheckpointAnswer> {
        self.replays.find(request, now_ms).cloned()
    }

    /// True for an execution that a checkpoint closed and whose caller may repeat that call.
    #[must_use]
    pub fn may_repeat_its_end(&self) -> bool {
        self.is_closed() && self.replays.last().is_some_and(|answer| answer.token.is_none())
    }

    /// Applies a checkpoint. On an error the execution must be thrown away: work on a clone.
    ///
    /// # Errors
    /// [`Fault::StaleToken`] for any but the current token; [`Fault::InvalidParameter`] for a broken rule.
    pub fn checkpoint(&mut self, request: &CheckpointRequest, now_ms: i64) -> Result<CheckpointAnswer, Fault> {
        if !self.is_current_token(&request.checkpoint_token) {
            return Err(Fault::StaleToken);
        }
        validate::batch(self, &request.updates)?;
        for update in &request.updates {
            if update.supported_type()? == OperationType::Execution {
                self.close_by(update, now_ms)?;
                continue;
            }
            let current = self.operation(&update.id).map(Arc::clone);
            validate::transition(current.as_deref(), update)?;
            self.core.count(update, current.is_none())?;
            let operation = apply::apply(current.as_deref(), update, now_ms)?;
            self.record(Event::updated(&operation, update, now_ms)?);
            self.put(operation);
        }
        self.core.token_sequence += 1;
        if !self.is_closed() && self.complete_due(now_ms) {
            self.core.delivered = true;
        }
        let Page {
            operations,
            next_marker,
        } = self.page(self.unseen(), 0, usize::MAX);
        self.core.seen = self.core.changes;
        let answer = CheckpointAnswer {
            token: (!self.is_closed()).then(|| self.current_token()),
            operations,
            next_marker,
        };
        self.replays.add(request, &answer, now_ms);
        Ok(answer)
    }

    /// Closes the execution with what the function sends in place of an answer.
    fn close_by(&mut self, update: &OperationUpdate, now_ms: i64) -> Result<(), Fault> {
        validate::transition(None, update)?;
        self.core.count(update, false)?;
        if update.parsed_action()? == Action::Succeed {
            self.close(ExecutionStatus::Succeeded, update.payload.clone(), None, now_ms);
        } else {
            let error = update.error.clone().unwrap_or_default();
            self.close(ExecutionStatus::Failed, None, Some(error), now_ms);
        }
        Ok(())
    }

    /// The token that the next call must carry.
    #[must_use]
    pub fn current_token(&self) -> String {
        use base64::Engine as _;
        let invocation = self.core.invocation.as_deref().unwrap_or_default();
        let text = format!("{}:{invocation}:{}", self.core.id, self.core.token_sequence);
        base64::engine::general_purpose::STANDARD.encode(text)
    }

    /// True for the current token; between invocations and after the end there is none.
    #[must_use]
    pub fn is_current_token(&self, token: &str) -> bool {
        !self.is_closed() && self.core.invocation.is_some() && token == self.current_token()
    }
}
