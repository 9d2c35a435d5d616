//! Faults that last: a stopped durable service, a skewed clock.

use tokio::time::Instant;

use super::{Effect, Faults};
use crate::clock;

impl Faults {
    /// True while the durable service is stopped.
    #[must_use]
    pub fn is_durable_stopped(&self) -> bool {
        self.durable_stop().is_some()
    }

    /// Waits while the durable service is stopped.
    pub(crate) async fn durable_runs(&self) {
        let mut changes = self.changes();
        while let Some(((), until)) = self.durable_stop() {
            tokio::select! {
                _ = changes.changed() => {}
                () = at(until) => {}
            }
        }
    }

    /// Puts the host's clock right, or wrong again, when a rule ends. Runs for ever.
    pub async fn keep_clock(self) {
        let mut changes = self.changes();
        loop {
            let until = self.set_clock();
            tokio::select! {
                _ = changes.changed() => {}
                () = at(until) => {}
            }
        }
    }

    /// Sets the skew of the host's clock by the rules, and returns until when it holds.
    pub(super) fn set_clock(&self) -> Option<Instant> {
        let skew = self.in_force(|effect| match effect {
            Effect::SkewMs(skew) => Some(*skew),
            _ => None,
        });
        let (skew_ms, until) = skew.unwrap_or_default();
        clock::set_skew_ms(skew_ms);
        until
    }

    fn durable_stop(&self) -> Option<((), Option<Instant>)> {
        self.in_force(|effect| matches!(effect, Effect::Stop).then_some(()))
    }
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn plan(text: &str) -> super::super::Plan {
        serde_json::from_str(text).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_stopped_service_runs_again_after_its_time_or_when_it_is_told_to() {
        let faults = Faults::default();
        faults.durable_runs().await;
        faults.add(plan(
            r#"{"rules": [{"operation": "durable", "duration_ms": 5000, "effect": {"stop": true}}]}"#,
        ));
        assert!(faults.is_durable_stopped());
        let began = Instant::now();
        faults.durable_runs().await;
        assert_eq!(began.elapsed(), Duration::from_secs(5));
        faults.replace(plan(
            r#"{"rules": [{"operation": "durable", "effect": {"stop": true}}]}"#,
        ));
        let waits = tokio::spawn({
            let faults = faults.clone();
            async move { faults.durable_runs().await }
        });
        tokio::time::sleep(Duration::from_hours(1)).await;
        assert!(!waits.is_finished());
        faults.clear();
        waits.await.unwrap();
    }
}
