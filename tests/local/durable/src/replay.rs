//! Answers to earlier checkpoints, kept for the repeat of a call whose answer was lost.

use crate::{CheckpointAnswer, CheckpointRequest};

/// Milliseconds for which a repeated call gets the same answer (durable execution service documentation: 15 minutes).
const REPLAY_MS: i64 = 15 * 60 * 1000;
const MAX_REPLAYS: usize = 256;

/// The latest answers of one execution, at most [`MAX_REPLAYS`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Replays(Vec<Replay>);

#[derive(Clone, Debug)]
struct Replay {
    client_token: String,
    inbound_token: String,
    answered_ms: i64,
    answer: CheckpointAnswer,
}

impl Replays {
    /// The answer that a call with the same client token and checkpoint token got before.
    pub(crate) fn find(&self, request: &CheckpointRequest, now_ms: i64) -> Option<&CheckpointAnswer> {
        let client_token = client_token(request)?;
        self.0
            .iter()
            .find(|replay| {
                replay.client_token == client_token
                    && replay.inbound_token == request.checkpoint_token
                    && now_ms - replay.answered_ms <= REPLAY_MS
            })
            .map(|replay| &replay.answer)
    }

    /// The latest answer.
    pub(crate) fn last(&self) -> Option<&CheckpointAnswer> {
        self.0.last().map(|replay| &replay.answer)
    }

    /// Keeps the answer to a call that has a client token.
    pub(crate) fn add(&mut self, request: &CheckpointRequest, answer: &CheckpointAnswer, now_ms: i64) {
        let Some(client_token) = client_token(request) else {
            return;
        };
        self.0.retain(|replay| now_ms - replay.answered_ms <= REPLAY_MS);
        if self.0.len() >= MAX_REPLAYS {
            self.0.remove(0);
        }
        self.0.push(Replay {
            client_token: client_token.to_owned(),
            inbound_token: request.checkpoint_token.clone(),
            answered_ms: now_ms,
            answer: answer.clone(),
        });
    }
}

fn client_token(request: &CheckpointRequest) -> Option<&str> {
    request.client_token.as_deref().filter(|token| !token.is_empty())
}
