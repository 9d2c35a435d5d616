//! The triggers of the reconciler.

use std::time::Duration;

use serde::Deserialize;

/// The triggers of the reconciler. Absent values are what the deployment has.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Triggers {
    /// The time between two sweeps; 0 for none.
    pub sweep_seconds: u64,
    /// Delivers the engine's status events; without them the sweep detects ends by itself.
    pub status_events: bool,
    /// Delivers the messages of the dead-letter queue; without that they stay in it.
    pub dead_letters: bool,
    /// Milliseconds until a message of the dead-letter queue that was not handled is delivered again.
    pub dead_letter_delay_ms: u64,
}

impl Default for Triggers {
    fn default() -> Self {
        Self {
            sweep_seconds: 60,
            status_events: true,
            dead_letters: true,
            dead_letter_delay_ms: 30_000,
        }
    }
}

impl Triggers {
    pub(crate) fn sweep_every(&self) -> Option<Duration> {
        (self.sweep_seconds > 0).then(|| Duration::from_secs(self.sweep_seconds))
    }

    pub(crate) const fn dead_letter_delay(&self) -> Duration {
        Duration::from_millis(self.dead_letter_delay_ms)
    }
}
