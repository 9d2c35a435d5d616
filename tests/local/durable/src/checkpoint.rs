//! Accepting a checkpoint: the token, the repeat of a lost answer, the updates, the next token.

use std::sync::Arc;

use crate::{CheckpointAnswer, CheckpointRequest, Event, Execution, Fault, Page, apply, validate};

impl Execution {
    /// The answer that the same call (client token and inbound token) got before.
    ///
    /// Looked up before the token is judged, because the first call consumed it: without this a lost answer would
    /// look like a stale token.
    #[must_use]
    pub fn replayed(&self, request: &CheckpointRequest, now_ms: i64) -> Option<CheckpointAnswer> {
        self.replays.find(request, now_ms).cloned()
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
            let current = self.operation(&update.id).map(Arc::clone);
            validate::transition(current.as_deref(), update)?;
            let operation = apply::apply(current.as_deref(), update, now_ms)?;
            self.record(Event::updated(&operation, update, now_ms)?);
            self.put(operation);
        }
        self.core.token_sequence += 1;
        if self.complete_due(now_ms) {
            self.core.delivered = true;
        }
        let Page {
            operations,
            next_marker,
        } = self.page(self.unseen(), 0, usize::MAX);
        self.core.seen = self.core.changes;
        let answer = CheckpointAnswer {
            token: self.current_token(),
            operations,
            next_marker,
        };
        self.replays.add(request, &answer, now_ms);
        Ok(answer)
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
