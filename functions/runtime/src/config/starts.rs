//! The executions that a function starts, and how long the records that it opens for them are kept.

use std::time::Duration;

use tracehook_core::Timestamp;
use tracehook_core::env::Env;
use tracehook_core::record::ExecutionPrefix;

const DAY: Duration = Duration::from_hours(24);

/// The executions that a function starts, and how long the records that it opens for them are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Starts {
    /// `PROCESSOR_FUNCTION`: name or ARN of the durable function, with its version or alias.
    pub processor: String,
    /// `EXECUTION_NAME_PREFIX`.
    pub prefix: ExecutionPrefix,
    /// How long the items of a webhook are kept.
    pub life: Life,
}

/// How long the items of a webhook are kept. Its limits hold: the state outlives the payload, and the payload outlives an
/// execution by a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// `DEDUPLICATION_DAYS`: how long the state is kept after its last attempt was opened.
    pub deduplication_days: u32,
    /// `RETENTION_DAYS`: how long the payload is kept after its receipt or its redrive.
    pub retention_days: u32,
    /// `EXECUTION_TIMEOUT_SECONDS`: the longest that an execution may take, as the durable function has it.
    pub execution_timeout: Duration,
}

impl Life {
    /// When the state of a record expires whose attempt is opened at `at`.
    #[must_use]
    pub const fn state_expiry(&self, at: Timestamp) -> Timestamp {
        at.plus_days(self.deduplication_days)
    }

    /// When the payload of a record expires that is written, or kept longer, at `at`. Its source may say for how many days; it is
    /// kept as long as its attempt may need it in any case.
    #[must_use]
    pub fn payload_expiry(&self, at: Timestamp, of_source: Option<u32>) -> Timestamp {
        let asked = at.plus_days(of_source.unwrap_or(self.retention_days));
        asked.max(self.payload_needed_until(at))
    }

    /// Whether payloads may be kept for so many days: longer than an execution by a day, and not longer than states.
    #[must_use]
    pub fn may_keep_payloads(&self, days: u32) -> bool {
        days <= self.deduplication_days && DAY * days >= self.execution_timeout + DAY
    }

    /// The end of the time for which an attempt that is opened at `at` may read its payload.
    #[must_use]
    pub fn payload_needed_until(&self, at: Timestamp) -> Timestamp {
        at.plus(self.execution_timeout).plus(DAY)
    }
}

impl Starts {
    /// Reads the variables of this group. `None` when one is bad or they contradict each other.
    pub fn read<F: Fn(&str) -> Option<String>>(env: &mut Env<F>) -> Option<Self> {
        let processor = env.required("PROCESSOR_FUNCTION");
        let prefix = env.required("EXECUTION_NAME_PREFIX");
        let life = Life::read(env);
        Some(Self {
            processor: processor?,
            prefix: prefix?,
            life: life?,
        })
    }
}

impl Life {
    fn read<F: Fn(&str) -> Option<String>>(env: &mut Env<F>) -> Option<Self> {
        let deduplication_days = env.within("DEDUPLICATION_DAYS", 1..=3650, 35);
        let retention_days = env.within("RETENTION_DAYS", 1..=3650, 7);
        let timeout = env.within("EXECUTION_TIMEOUT_SECONDS", 1..=31_622_400, 93_600);
        let life = Self {
            deduplication_days: deduplication_days?,
            retention_days: retention_days?,
            execution_timeout: Duration::from_secs(timeout?),
        };
        if life.deduplication_days < life.retention_days {
            env.problem("DEDUPLICATION_DAYS must not be below RETENTION_DAYS");
            return None;
        }
        if DAY * life.retention_days < life.execution_timeout + DAY {
            env.problem("RETENTION_DAYS must be at least a day longer than EXECUTION_TIMEOUT_SECONDS");
            return None;
        }
        Some(life)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(changes: &[(&str, &str)]) -> Result<Starts, String> {
        let good = [("PROCESSOR_FUNCTION", "p:live"), ("EXECUTION_NAME_PREFIX", "t")];
        let mut env = Env::new(|name| {
            let value = changes.iter().chain(&good).find(|(known, _)| *known == name)?.1;
            Some(value.to_owned())
        });
        let starts = Starts::read(&mut env);
        env.finish(|| starts).map_err(|error| error.to_string())
    }

    #[test]
    fn the_state_outlives_the_payload_and_the_payload_an_execution() {
        for (dedup, retention, timeout, refused) in [
            ("35", "7", "3600", None),
            ("7", "7", "518400", None),
            ("6", "7", "3600", Some("DEDUPLICATION_DAYS must not be below")),
            (
                "35",
                "7",
                "518401",
                Some("RETENTION_DAYS must be at least a day longer"),
            ),
            ("35", "1", "1", Some("RETENTION_DAYS must be at least a day longer")),
            ("3650", "367", "31622400", None),
        ] {
            let settings = [
                ("DEDUPLICATION_DAYS", dedup),
                ("RETENTION_DAYS", retention),
                ("EXECUTION_TIMEOUT_SECONDS", timeout),
            ];
            let read = read(&settings);
            match refused {
                None => assert!(read.is_ok(), "{settings:?}: {read:?}"),
                Some(problem) => assert!(read.unwrap_err().contains(problem), "{settings:?}"),
            }
        }
    }

    #[test]
    fn an_attempt_may_read_its_payload_for_a_day_longer_than_it_may_take() {
        let life = read(&[]).unwrap().life;
        let at = Timestamp::from_epoch_ms(0);
        assert_eq!(life.payload_needed_until(at).epoch_seconds(), 93_600 + 86_400);
        assert!(life.payload_expiry(at, None) > life.payload_needed_until(at));
        assert!(life.state_expiry(at) > life.payload_expiry(at, None));
        assert_eq!(life.payload_expiry(at, Some(30)), at.plus_days(30));
        assert_eq!(life.payload_expiry(at, Some(1)), life.payload_needed_until(at));
        assert_eq!(
            [2, 3, 35, 36].map(|days| life.may_keep_payloads(days)),
            [false, true, true, false]
        );
    }
}
