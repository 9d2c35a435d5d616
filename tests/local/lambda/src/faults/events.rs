//! The delivery of events under the planned faults.

use std::time::Duration;

use super::{Effect, Faults, Phase, Seen};

/// The longest wait of an event for the one that is to go before it.
const LONGEST: Duration = Duration::from_secs(2);
/// The head start of the one that goes before it.
const HEAD_START: Duration = Duration::from_millis(100);

/// The delivery of an event under the planned faults.
#[derive(Debug)]
pub enum Delivery {
    /// Deliver now.
    Now,
    /// Deliver twice.
    Twice,
    /// Deliver after the delay.
    Later(Delay),
    /// Do not deliver.
    Lost,
    /// Give it up as one that is too old.
    GivenUp,
}

/// The delay of an event.
#[derive(Debug)]
pub enum Delay {
    /// For a fixed time.
    For(Duration),
    /// Until another event has come.
    Behind(tokio::sync::watch::Receiver<u64>),
    /// Until the rules change.
    Held(tokio::sync::watch::Receiver<()>),
}

impl Delay {
    /// Sleeps for as long as the delay lasts.
    pub async fn over(self) {
        match self {
            Self::For(time) => tokio::time::sleep(time).await,
            Self::Behind(mut events) => {
                if tokio::time::timeout(LONGEST, events.changed()).await.is_ok() {
                    tokio::time::sleep(HEAD_START).await;
                }
            }
            // The rules do not change any more when nobody is there to change them.
            Self::Held(mut changes) => drop(changes.changed().await),
        }
    }
}

impl Faults {
    /// The delivery of an event for a function.
    #[must_use]
    pub fn delivery(&self, operation: &str, function: &str) -> Delivery {
        self.events().send_modify(|events| *events += 1);
        let seen = Seen {
            operation,
            function,
            steps: &[],
        };
        match self.next(seen, Phase::Before) {
            Some(Effect::Drop) => Delivery::Lost,
            Some(Effect::GiveUp) => Delivery::GivenUp,
            Some(Effect::DelayMs(delay)) => Delivery::Later(Delay::For(Duration::from_millis(delay))),
            Some(Effect::Hang) => Delivery::Later(Delay::Held(self.changes())),
            Some(Effect::Duplicate) => Delivery::Twice,
            Some(Effect::Reorder) => Delivery::Later(Delay::Behind(self.events().subscribe())),
            _ => Delivery::Now,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::super::INVOCATION;
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_event_that_is_held_back_goes_behind_the_next_one_or_at_last_alone() {
        let faults = Faults::default();
        let plan = r#"{"rules": [{"operation": "event:Invoke", "count": 2, "effect": {"reorder": true}}]}"#;
        faults.add(serde_json::from_str(plan).unwrap());
        let held = |fate| match fate {
            Delivery::Later(wait) => wait,
            other => panic!("{other:?}"),
        };
        let (first, second) = (
            held(faults.delivery(INVOCATION, "f")),
            held(faults.delivery(INVOCATION, "f")),
        );
        let began = Instant::now();
        first.over().await;
        assert_eq!(began.elapsed(), HEAD_START, "the second one has come");
        second.over().await;
        assert_eq!(began.elapsed(), HEAD_START + LONGEST, "no third one comes");
    }

    #[tokio::test(start_paused = true)]
    async fn an_event_that_hangs_is_held_back_until_the_rules_change() {
        let faults = Faults::default();
        let plan = r#"{"rules": [{"operation": "event:Invoke", "effect": {"hang": true}}]}"#;
        faults.add(serde_json::from_str(plan).unwrap());
        let Delivery::Later(wait) = faults.delivery(INVOCATION, "f") else {
            panic!("it is handed over");
        };
        let waits = tokio::spawn(wait.over());
        tokio::time::sleep(Duration::from_hours(1)).await;
        assert!(!waits.is_finished());
        faults.clear();
        waits.await.unwrap();
    }

    #[tokio::test]
    async fn an_event_is_lost_doubled_or_late_as_planned() {
        let faults = Faults::default();
        let plan = r#"{"rules": [
            {"operation": "event:Invoke", "function": "f", "effect": {"drop": true}},
            {"operation": "event:*", "function": "f", "effect": {"duplicate": true}},
            {"operation": "event:*", "function": "f", "effect": {"delay_ms": 5}}]}"#;
        faults.add(serde_json::from_str(plan).unwrap());
        let fate = |function| faults.delivery(INVOCATION, function);
        assert!(matches!(fate("other"), Delivery::Now));
        assert!(matches!(fate("f"), Delivery::Lost));
        assert!(matches!(fate("f"), Delivery::Twice));
        assert!(matches!(fate("f"), Delivery::Later(Delay::For(time)) if time == Duration::from_millis(5)));
        assert!(matches!(fate("f"), Delivery::Now));
    }
}
