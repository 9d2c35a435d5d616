//! The values of a metric in little memory: counted in buckets that grow by two per cent, as `CloudWatch` does for
//! percentiles.

use std::collections::BTreeMap;

use crate::Statistic;

/// The width of a bucket. A percentile is at most one per cent off.
const GROWTH: f64 = 1.02;

/// Values that were added, of which count, sum, minimum and maximum are exact.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distribution {
    count: u64,
    sum: f64,
    min: f64,
    max: f64,
    /// By sign and logarithm; the order is that of the values.
    buckets: BTreeMap<(i8, i32), u64>,
}

impl Distribution {
    /// Adds a value that occurred `count` times. A value that is not finite counts as nothing.
    pub fn add(&mut self, value: f64, count: u64) {
        if !value.is_finite() || count == 0 {
            return;
        }
        self.min = if self.count == 0 { value } else { self.min.min(value) };
        self.max = if self.count == 0 { value } else { self.max.max(value) };
        self.count = self.count.saturating_add(count);
        self.sum += value * count as f64;
        *self.buckets.entry(bucket(value)).or_default() += count;
    }

    /// Adds all values of another one.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        self.min = if self.count == 0 {
            other.min
        } else {
            self.min.min(other.min)
        };
        self.max = if self.count == 0 {
            other.max
        } else {
            self.max.max(other.max)
        };
        self.count = self.count.saturating_add(other.count);
        self.sum += other.sum;
        for (bucket, count) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += count;
        }
    }

    /// The number of values.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The exact sum of the values.
    #[must_use]
    pub const fn sum(&self) -> f64 {
        self.sum
    }

    /// A statistic of them; none when there are no values.
    #[must_use]
    pub fn statistic(&self, statistic: Statistic) -> Option<f64> {
        (self.count > 0).then(|| match statistic {
            Statistic::Sum => self.sum,
            Statistic::Average => self.sum / self.count as f64,
            Statistic::Minimum => self.min,
            Statistic::Maximum => self.max,
            Statistic::SampleCount => self.count as f64,
            Statistic::Percentile(percent) => self.percentile(percent),
            Statistic::ShareUpTo(bound) => self.share_up_to(bound),
        })
    }

    /// The percentage of values up to `bound`, itself included, within one per cent of the bound.
    fn share_up_to(&self, bound: f64) -> f64 {
        if bound >= self.max {
            return 100.0;
        }
        let within = self.buckets.range(..=bucket(bound)).map(|(_, count)| count);
        100.0 * within.sum::<u64>() as f64 / self.count as f64
    }

    /// The smallest value that `percent` of the values do not exceed.
    fn percentile(&self, percent: f64) -> f64 {
        let rank = (percent / 100.0 * self.count as f64).ceil().max(1.0);
        let mut seen = 0;
        for (bucket, count) in &self.buckets {
            seen += count;
            if seen as f64 >= rank {
                // The edges are known exactly.
                return middle(*bucket).clamp(self.min, self.max);
            }
        }
        self.max
    }
}

fn bucket(value: f64) -> (i8, i32) {
    if value == 0.0 {
        return (0, 0);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the logarithm of a number is far within the range"
    )]
    let exponent = (value.abs().ln() / GROWTH.ln()).ceil() as i32;
    if value > 0.0 { (1, exponent) } else { (-1, -exponent) }
}

fn middle((sign, exponent): (i8, i32)) -> f64 {
    let exponent = if sign < 0 { -exponent } else { exponent };
    f64::from(sign) * GROWTH.powi(exponent) * 2.0 / (1.0 + GROWTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = f64>) -> Distribution {
        let mut distribution = Distribution::default();
        for value in values {
            distribution.add(value, 1);
        }
        distribution
    }

    #[test]
    fn every_statistic_of_the_numbers_to_a_thousand_is_known_and_percentiles_within_one_per_cent() {
        let distribution = of((1..=1000).map(f64::from));
        for (name, expected, tolerance) in [
            ("Sum", 500_500.0, 0.0),
            ("Average", 500.5, 0.0),
            ("Minimum", 1.0, 0.0),
            ("Maximum", 1000.0, 0.0),
            ("SampleCount", 1000.0, 0.0),
            ("p50", 500.0, 5.0),
            ("p90", 900.0, 9.0),
            ("p99", 990.0, 9.9),
            ("p99.9", 999.0, 10.0),
            ("p100", 1000.0, 10.0),
        ] {
            let value = distribution.statistic(name.parse().unwrap()).unwrap();
            assert!((value - expected).abs() <= tolerance, "{name}: {value}");
        }
    }

    #[test]
    fn the_share_up_to_a_bound_is_known_within_the_width_of_a_bucket() {
        let distribution = of((1..=1000).map(f64::from));
        for (bound, expected) in [
            (0.5, 0.0),
            (250.0, 25.0),
            (900.0, 90.0),
            (1000.0, 100.0),
            (5000.0, 100.0),
        ] {
            let share = distribution.statistic(Statistic::ShareUpTo(bound)).unwrap();
            assert!((share - expected).abs() <= 2.0, "{bound}: {share}");
        }
        assert_eq!(of([]).statistic(Statistic::ShareUpTo(1.0)), None);
    }

    #[test]
    fn merging_is_the_same_as_adding() {
        let mut merged = of((1..=500).map(f64::from));
        merged.merge(&of((501..=1000).map(f64::from)));
        merged.merge(&Distribution::default());
        assert_eq!(merged, of((1..=1000).map(f64::from)));
        let mut empty = Distribution::default();
        empty.merge(&merged);
        assert_eq!(empty, merged);
    }

    #[test]
    fn a_single_value_is_every_percentile_exactly() {
        for value in [0.0, 0.37, -3.7, 12_345.678] {
            assert_eq!(of([value]).statistic(Statistic::Percentile(50.0)), Some(value));
        }
        assert_eq!(of([]).statistic(Statistic::Sum), None);
        assert_eq!(of([f64::NAN, f64::INFINITY]).count(), 0);
    }

    #[test]
    fn negative_values_keep_their_order() {
        let distribution = of([-100.0, -1.0, 0.0, 1.0, 100.0]);
        let shown: Vec<f64> = [20.0, 40.0, 60.0, 80.0]
            .map(|percent| distribution.percentile(percent).round())
            .to_vec();
        assert_eq!(shown, [-100.0, -1.0, 0.0, 1.0]);
    }
}
