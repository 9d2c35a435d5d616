//! A token bucket, as AWS throttles by.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// So many per second on average, and so many at once.
#[derive(Debug)]
pub struct Throttle {
    /// Tokens per second.
    rate: f64,
    /// Tokens at most.
    burst: f64,
    bucket: Mutex<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

impl Throttle {
    /// A full bucket.
    #[must_use]
    pub fn new(rate: f64, burst: u32) -> Self {
        let burst = f64::from(burst.max(1));
        Self {
            rate,
            burst,
            bucket: Mutex::new(Bucket {
                tokens: burst,
                filled_at: Instant::now(),
            }),
        }
    }

    /// Takes a token; false when there is none.
    #[must_use]
    pub fn admits(&self) -> bool {
        self.admits_at(Instant::now())
    }

    fn admits_at(&self, now: Instant) -> bool {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let elapsed = now.saturating_duration_since(bucket.filled_at).as_secs_f64();
        bucket.tokens = elapsed.mul_add(self.rate, bucket.tokens).min(self.burst);
        bucket.filled_at = now;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let throttle = Throttle::new(10.0, 3);
        let start = Instant::now();
        let at = |ms| throttle.admits_at(start + Duration::from_millis(ms));
        assert_eq!([at(0), at(0), at(0), at(0)], [true, true, true, false]);
        assert_eq!([at(100), at(100), at(250), at(250)], [true, false, true, false]);
        assert_eq!(
            [at(9000), at(9000), at(9000), at(9000)],
            [true, true, true, false],
            "no more than the burst"
        );
    }
}
