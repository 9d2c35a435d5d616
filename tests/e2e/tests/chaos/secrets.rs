//! A rotation in the middle, and what it asks of the service: a rightly signed request that is sent two seconds after the
//! rotation or later is not refused.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use tracehook_test_support::{SECRET, Service};

/// The secret after the rotation.
const NEXT: &str = "the-secret-after-the-rotation";
/// A new secret is taken within this time.
const TAKEN_WITHIN: Duration = Duration::from_secs(2);

/// What became of rightly signed requests.
pub(crate) struct Outcome {
    /// Those that were accepted under the new secret.
    pub accepted: usize,
    /// Those that were refused within the time.
    pub early: usize,
    /// When the others were refused, after the rotation.
    pub late: Vec<Duration>,
}

/// The producers' secrets, and what they were refused.
#[derive(Default)]
pub(crate) struct Secrets {
    rotated: OnceLock<Instant>,
    accepted: AtomicUsize,
    early: AtomicUsize,
    late: Mutex<Vec<Duration>>,
}

impl Secrets {
    /// Rotates; from now on every other producer signs with the new secret.
    pub(crate) fn rotate(&self, service: &Service) {
        service.rotate("github", NEXT).unwrap();
        self.rotated.set(Instant::now()).unwrap();
    }

    /// The secret that the producer of a webhook signs with now.
    pub(crate) fn of(&self, number: u64) -> &'static str {
        match self.rotated.get() {
            Some(_) if number.is_multiple_of(2) => NEXT,
            _ => SECRET,
        }
    }

    /// Notes that a request that is signed with this secret was accepted.
    pub(crate) fn accepted(&self, secret: &str) {
        if secret == NEXT {
            self.accepted.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Notes a refusal of a rightly signed request.
    pub(crate) fn refused(&self, sent: Instant) {
        let after = self
            .rotated
            .get()
            .map_or(Duration::MAX, |at| sent.saturating_duration_since(*at));
        if after < TAKEN_WITHIN {
            self.early.fetch_add(1, Ordering::Relaxed);
        } else {
            self.late.lock().unwrap().push(after);
        }
    }

    pub(crate) fn outcome(&self) -> Outcome {
        Outcome {
            accepted: self.accepted.load(Ordering::Relaxed),
            early: self.early.load(Ordering::Relaxed),
            late: self.late.lock().unwrap().clone(),
        }
    }
}
