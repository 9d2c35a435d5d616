//! The time that an answer may take, and the parts of it.
//!
//! Producers give up after 1 to 10 seconds, and many of them send nothing again by themselves. What is stored is safe, so the
//! writes come before the start, and each part ends at a time of its own after the arrival of the request: what came before it
//! took its time from nobody.

use std::time::Duration;

use tokio::time::Instant;

/// Percent of the budget after which the secrets have to be known.
const SECRETS: u32 = 64;
/// Percent of the budget after which the webhook has to be stored.
const WRITES: u32 = 84;
/// Percent of the budget after which the answer is made.
const START: u32 = 96;

/// The longest that an answer waits for the start. Stored is enough to answer: a start that takes longer goes on after it.
const START_WAIT: Duration = Duration::from_millis(300);

/// The time of one answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    began: Instant,
    whole: Duration,
}

impl Budget {
    /// A budget that begins now.
    pub(crate) fn begin(whole: Duration) -> Self {
        Self {
            began: Instant::now(),
            whole,
        }
    }

    /// When a request whose secrets are not known is refused.
    pub(crate) fn secrets_end(self) -> Instant {
        self.at(SECRETS)
    }

    /// When a request that is not stored is refused.
    pub(crate) fn writes_end(self) -> Instant {
        self.at(WRITES)
    }

    /// When the answer does not wait for the start any more.
    pub(crate) fn start_wait_ends(self) -> Instant {
        self.at(START).min(Instant::now() + START_WAIT)
    }

    fn at(self, percent: u32) -> Instant {
        self.began + self.whole * percent / 100
    }
}
