//! A rate limit that spaces calls evenly and allows no burst after a pause.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// Spaces calls evenly.
#[derive(Debug)]
pub struct Pace {
    spacing: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// Allows `per_second` calls in a second, at least one.
    #[must_use]
    pub fn new(per_second: u32) -> Self {
        Self {
            spacing: Duration::from_secs(1) / per_second.max(1),
            next: Mutex::new(None),
        }
    }

    /// Waits for the next call's turn.
    pub async fn turn(&self) {
        let mut next = self.next.lock().await;
        let now = Instant::now();
        let turn = next.map_or(now, |planned| planned.max(now));
        *next = Some(turn + self.spacing);
        drop(next);
        sleep_until(turn).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn calls_are_spaced_and_a_pause_gives_no_burst() {
        let pace = Pace::new(10);
        let began = Instant::now();
        for call in 0..5 {
            pace.turn().await;
            assert_eq!(began.elapsed().as_millis(), call * 100);
        }
        tokio::time::advance(Duration::from_mins(1)).await;
        let began = Instant::now();
        pace.turn().await;
        pace.turn().await;
        assert_eq!(began.elapsed().as_millis(), 100);
    }
}
