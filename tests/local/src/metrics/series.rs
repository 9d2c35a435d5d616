//! One metric over time.

use std::collections::BTreeMap;
use std::time::Duration;

use tracehook_local_cloudwatch::Distribution;

/// The shortest period that is kept apart.
pub const PERIOD: Duration = Duration::from_secs(10);

/// The age up to which periods are kept.
pub const KEPT: Duration = Duration::from_hours(6);

/// The values of one metric.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// The unit of its latest value.
    pub unit: Option<String>,
    /// All values since the start of the host.
    pub total: Distribution,
    /// The latest value.
    pub last: f64,
    /// When it was emitted, epoch milliseconds.
    pub last_ms: i64,
    periods: BTreeMap<i64, Distribution>,
}

/// The values of one period.
#[derive(Clone, Debug, PartialEq)]
pub struct Period {
    /// Its begin, epoch milliseconds, a multiple of its length.
    pub start_ms: i64,
    /// The values in it.
    pub values: Distribution,
}

impl Series {
    pub(super) fn add(&mut self, unit: Option<String>, values: &[(f64, u64)], at_ms: i64, now_ms: i64) {
        let period = self.periods.entry(floor(at_ms, PERIOD)).or_default();
        for (value, count) in values {
            period.add(*value, *count);
            self.total.add(*value, *count);
        }
        if let Some((value, _)) = values.last()
            && at_ms >= self.last_ms
        {
            (self.last, self.last_ms) = (*value, at_ms);
        }
        self.unit = unit.or_else(|| self.unit.take());
        let oldest_ms = now_ms.saturating_sub(length_ms(KEPT));
        while let Some(first) = self.periods.first_entry()
            && *first.key() < oldest_ms
        {
            first.remove();
        }
    }

    pub(super) fn periods(&self, from_ms: i64, to_ms: i64, period: Duration) -> Vec<Period> {
        let mut periods: Vec<Period> = Vec::new();
        if from_ms >= to_ms {
            return periods;
        }
        for (start_ms, values) in self.periods.range(from_ms..to_ms) {
            let start_ms = floor(*start_ms, period);
            match periods.last_mut() {
                Some(last) if last.start_ms == start_ms => last.values.merge(values),
                _ => periods.push(Period {
                    start_ms,
                    values: values.clone(),
                }),
            }
        }
        periods
    }
}

fn floor(at_ms: i64, period: Duration) -> i64 {
    let length_ms = length_ms(period.max(PERIOD));
    at_ms.saturating_sub(at_ms.rem_euclid(length_ms))
}

fn length_ms(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}
