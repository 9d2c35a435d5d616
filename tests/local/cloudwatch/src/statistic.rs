//! Statistics as alarms name them.

use std::str::FromStr;

/// A statistic of the values of a period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// `Sum`.
    Sum,
    /// `Average`.
    Average,
    /// `Minimum`.
    Minimum,
    /// `Maximum`.
    Maximum,
    /// `SampleCount`.
    SampleCount,
    /// `p99`, `p99.9`: 0 to 100.
    Percentile(f64),
    /// `PR(:1000)`: the percentage of values up to this one, itself included.
    ShareUpTo(f64),
}

/// The text names no statistic that alarms and this crate know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no statistic: Sum, Average, Minimum, Maximum, SampleCount, p0 to p100 or PR(:n)")]
pub struct UnknownStatistic;

impl FromStr for Statistic {
    type Err = UnknownStatistic;

    fn from_str(text: &str) -> Result<Self, UnknownStatistic> {
        let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
        Ok(match text {
            "Sum" => Self::Sum,
            "Average" => Self::Average,
            "Minimum" => Self::Minimum,
            "Maximum" => Self::Maximum,
            "SampleCount" => Self::SampleCount,
            _ => {
                if let Some(bound) = text.strip_prefix("PR(:").and_then(|rest| rest.strip_suffix(')')) {
                    Self::ShareUpTo(number(bound).ok_or(UnknownStatistic)?)
                } else {
                    let percent = text.strip_prefix('p').and_then(number).ok_or(UnknownStatistic)?;
                    if !(0.0..=100.0).contains(&percent) {
                        return Err(UnknownStatistic);
                    }
                    Self::Percentile(percent)
                }
            }
        })
    }
}

impl Statistic {
    /// The statistic of values, each with how often it occurred. None when there are no values.
    #[must_use]
    pub fn of(self, values: &[(f64, f64)]) -> Option<f64> {
        let count: f64 = values.iter().map(|(_, count)| count).sum();
        if count <= 0.0 {
            return None;
        }
        let sum: f64 = values.iter().map(|(value, count)| value * count).sum();
        let all = || values.iter().map(|(value, _)| *value);
        match self {
            Self::Sum => Some(sum),
            Self::Average => Some(sum / count),
            Self::SampleCount => Some(count),
            Self::Minimum => all().reduce(f64::min),
            Self::Maximum => all().reduce(f64::max),
            Self::ShareUpTo(bound) => {
                let within = values.iter().filter(|(value, _)| *value <= bound);
                Some(100.0 * within.map(|(_, count)| count).sum::<f64>() / count)
            }
            Self::Percentile(percent) => {
                let mut sorted = values.to_vec();
                sorted.sort_by(|(a, _), (b, _)| a.total_cmp(b));
                let rank = percent / 100.0 * count;
                let mut seen = 0.0;
                sorted
                    .iter()
                    .find(|(_, count)| {
                        seen += count;
                        seen >= rank
                    })
                    .or(sorted.last())
                    .map(|(value, _)| *value)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statistic_is_what_its_name_says() {
        let values: Vec<(f64, f64)> = (1..=100).map(|value| (f64::from(value), 2.0)).collect();
        for (name, expected) in [
            ("Sum", 10_100.0),
            ("Average", 50.5),
            ("Minimum", 1.0),
            ("Maximum", 100.0),
            ("SampleCount", 200.0),
            ("p50", 50.0),
            ("p99", 99.0),
            ("p100", 100.0),
            ("PR(:75)", 75.0),
            ("PR(:1000)", 100.0),
            ("PR(:0.5)", 0.0),
        ] {
            let statistic: Statistic = name.parse().unwrap();
            assert_eq!(statistic.of(&values), Some(expected), "{name}");
            assert_eq!(statistic.of(&[]), None);
        }
    }

    #[test]
    fn what_names_no_statistic_is_refused() {
        for text in [
            "",
            "p",
            "p101",
            "pNaN",
            "sum",
            "TM(10%:90%)",
            "PR(:)",
            "PR(1:2)",
            "PR(:x)",
        ] {
            assert_eq!(text.parse::<Statistic>(), Err(UnknownStatistic), "{text}");
        }
    }
}
