//! Accepting a checkpoint: the token, the repeat of a lost answer, the updates, the next token.

use std::sync::Arc;

use super::update::CheckpointRequest;
use super::{Event, Execution, Fault, Operation, Page, TimeForm, apply, validate};

/// A repeat of a call gets the same answer for this long (durable execution service documentation: 15 minutes).
const REPLAY_MS: i64 = 15 * 60 * 1000;
const MAX_REPLAYS: usize = 256;

/// The answer to an accepted checkpoint.
#[derive(Clone, Debug)]
pub struct CheckpointAnswer {
    /// The token for the next call.
    pub token: String,
    /// Whole operations that changed since the function last saw the state.
    pub operations: Vec<Arc<Operation>>,
    /// Set when they did not fit: the SDK then reads the whole state with the new token.
    pub next_marker: Option<String>,
}

/// An answer given before, for a repeat of its call.
#[derive(Clone, Debug)]
pub(super) struct Replay {
    client_token: String,
    inbound_token: String,
    answered_ms: i64,
    answer: CheckpointAnswer,
}

impl CheckpointAnswer {
    /// The answer as JSON.
    #[must_use]
    pub fn render(&self) -> serde_json::Value {
        let operations: Vec<_> = self
            .operations
            .iter()
            .map(|operation| operation.render(TimeForm::Seconds))
            .collect();
        let mut state = serde_json::json!({ "Operations": operations });
        if let (Some(marker), Some(state)) = (&self.next_marker, state.as_object_mut()) {
            state.insert("NextMarker".to_owned(), serde_json::json!(marker));
        }
        serde_json::json!({ "CheckpointToken": self.token, "NewExecutionState": state })
    }
}

impl Execution {
    /// The answer that the same call (client token and inbound token) got before.
    ///
    /// Looked up before the token is judged, because the first call consumed it: without this a lost answer would
    /// look like a stale token.
    #[must_use]
    pub fn replayed(&self, request: &CheckpointRequest, now_ms: i64) -> Option<CheckpointAnswer> {
        let client_token = request.client_token.as_deref().filter(|token| !token.is_empty())?;
        self.replays
            .iter()
            .find(|replay| {
                replay.client_token == client_token
                    && replay.inbound_token == request.checkpoint_token
                    && now_ms - replay.answered_ms <= REPLAY_MS
            })
            .map(|replay| replay.answer.clone())
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
        self.remember(request, &answer, now_ms);
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

    /// Whether a token is the current one; between invocations and after the end none is.
    #[must_use]
    pub fn is_current_token(&self, token: &str) -> bool {
        !self.is_closed() && self.core.invocation.is_some() && token == self.current_token()
    }

    fn remember(&mut self, request: &CheckpointRequest, answer: &CheckpointAnswer, now_ms: i64) {
        let Some(client_token) = request.client_token.clone().filter(|token| !token.is_empty()) else {
            return;
        };
        self.replays.retain(|replay| now_ms - replay.answered_ms <= REPLAY_MS);
        if self.replays.len() >= MAX_REPLAYS {
            self.replays.remove(0);
        }
        self.replays.push(Replay {
            client_token,
            inbound_token: request.checkpoint_token.clone(),
            answered_ms: now_ms,
            answer: answer.clone(),
        });
    }
}
