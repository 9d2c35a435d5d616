//! One alarm on metrics: its points and their judgement.
//!
//! Source: "Alarm evaluation" and "Configuring how `CloudWatch` alarms treat missing data" of the `CloudWatch` user guide.

use std::collections::BTreeMap;

use super::{Readings, State};
use crate::expression::{self, Expression, ExpressionError, Values};
use crate::{MetricAlarm, Missing, Statistic};

/// Periods that are looked at beyond those of the alarm, for real values in place of missing ones. `CloudWatch` does not
/// say how many; its examples have five for three.
const FURTHER: u32 = 2;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_SECONDS: u64 = 86_400;

/// The result of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The state.
    pub state: State,
    /// The values that decided, newest first.
    pub values: Vec<f64>,
    /// The number of breaching values.
    pub breaching: usize,
}

/// An alarm's expressions, read once.
#[derive(Clone, Debug)]
pub(super) struct Math {
    parts: BTreeMap<String, Expression>,
    whole: Expression,
}

impl Math {
    pub(super) fn of(alarm: &MetricAlarm) -> Result<Self, ExpressionError> {
        let parts = alarm
            .expressions
            .iter()
            .map(|(id, text)| Ok((id.clone(), expression::parse(text)?)));
        let only = alarm.metrics.keys().next().map(String::as_str).unwrap_or_default();
        Ok(Self {
            parts: parts.collect::<Result<_, _>>()?,
            whole: expression::parse(alarm.expression.as_deref().unwrap_or(only))?,
        })
    }
}

struct Period<'a> {
    alarm: &'a MetricAlarm,
    math: &'a Math,
    readings: &'a dyn Readings,
    from_ms: i64,
    to_ms: i64,
    /// Expressions that are being evaluated: one that needs itself has no value.
    depth: usize,
}

impl Values for Period<'_> {
    fn value(&self, id: &str) -> Option<f64> {
        if let Some(metric) = self.alarm.metrics.get(id) {
            let statistic: Statistic = metric.statistic.parse().ok()?;
            return self.readings.value(metric, statistic, self.from_ms, self.to_ms);
        }
        if self.depth > self.math.parts.len() {
            return None;
        }
        let part = self.math.parts.get(id)?;
        expression::evaluate(
            part,
            &Period {
                depth: self.depth + 1,
                ..*self
            },
        )
    }

    fn period_seconds(&self) -> f64 {
        f64::from(self.alarm.period_seconds)
    }
}

/// The values of the periods that end at `now_ms`, newest first; with a band, how far each is above its lower bound. The window slides: it ends with the last full minute,
/// or with the last full hour where it is longer than a day.
///
/// # Errors
/// When an expression cannot be read.
pub fn points(alarm: &MetricAlarm, readings: &dyn Readings, now_ms: i64) -> Result<Vec<Option<f64>>, ExpressionError> {
    Ok(points_of(alarm, &Math::of(alarm)?, readings, now_ms))
}

pub(super) fn points_of(alarm: &MetricAlarm, math: &Math, readings: &dyn Readings, now_ms: i64) -> Vec<Option<f64>> {
    let period_ms = i64::from(alarm.period_seconds) * 1000;
    let step_ms = match alarm.period_seconds {
        ..60 => period_ms.max(1000),
        _ if alarm.window_seconds() > DAY_SECONDS => HOUR_MS,
        _ => MINUTE_MS,
    };
    let end_ms = now_ms - now_ms.rem_euclid(step_ms);
    (0..i64::from(alarm.periods + FURTHER))
        .map(|back| {
            let to_ms = end_ms - back * period_ms;
            let from_ms = to_ms - period_ms;
            let period = Period {
                alarm,
                math,
                readings,
                from_ms,
                to_ms,
                depth: 0,
            };
            let value = expression::evaluate(&math.whole, &period)?;
            match alarm.band {
                Some(_) => Some(value - readings.lower_bound(alarm, from_ms, to_ms)?),
                None => Some(value),
            }
        })
        .collect()
}

/// Judges points, newest first, M of N.
#[must_use]
pub fn judge(alarm: &MetricAlarm, points: &[Option<f64>], before: State) -> Judgement {
    let periods = usize::try_from(alarm.periods).unwrap_or(usize::MAX);
    let needed = usize::try_from(alarm.needed()).unwrap_or(usize::MAX);
    // Points of a band are differences from it.
    let threshold = alarm.threshold.unwrap_or_default();
    // Missing values do not count when there are enough real ones.
    let values: Vec<f64> = points.iter().flatten().copied().take(periods).collect();
    let breaching = values
        .iter()
        .filter(|value| alarm.operator.holds(**value, threshold))
        .count();
    let missing = periods - values.len();
    let state = match alarm.missing {
        _ if breaching >= needed => State::Alarm,
        Missing::Breaching if breaching + missing >= needed => State::Alarm,
        Missing::Breaching | Missing::NotBreaching => State::Ok,
        Missing::Ignore if values.is_empty() || breaching == values.len() => before,
        Missing::Missing if values.is_empty() => State::InsufficientData,
        // All known values breach.
        Missing::Missing if breaching == values.len() => State::Alarm,
        Missing::Ignore | Missing::Missing => State::Ok,
    };
    Judgement {
        state,
        values,
        breaching,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn alarm(datapoints: u32, missing: &str) -> MetricAlarm {
        serde_json::from_value(json!({
            "title": "t", "why": "w", "severity": "page", "unit": "Count", "period_seconds": 60, "periods": 3,
            "datapoints": datapoints, "missing": missing, "operator": "GreaterThanThreshold", "threshold": 0,
            "metrics": {"m": {"namespace": "N", "name": "M", "dimensions": {}, "statistic": "Sum"}},
        }))
        .unwrap()
    }

    /// The two tables of the user guide: 0 is good, X is bad, - is missing, the newest is last. K keeps the state.
    #[test]
    fn missing_data_is_treated_as_the_tables_of_the_guide_say() {
        let tables = [
            (3, "0-X-X", ["OK"; 4]),
            (3, "0----", ["OK"; 4]),
            (3, "-----", ["INSUFFICIENT_DATA", "K", "ALARM", "OK"]),
            (3, "0XX-X", ["ALARM"; 4]),
            (3, "--X--", ["ALARM", "K", "ALARM", "OK"]),
            (2, "0-X-X", ["ALARM"; 4]),
            (2, "00X0X", ["ALARM"; 4]),
            (2, "0-X--", ["OK", "OK", "ALARM", "OK"]),
            (2, "----0", ["OK", "OK", "ALARM", "OK"]),
            (2, "---X-", ["ALARM", "K", "ALARM", "OK"]),
        ];
        for (needed, points, expected) in tables {
            let newest_first: Vec<Option<f64>> = points
                .chars()
                .rev()
                .map(|point| match point {
                    '0' => Some(0.0),
                    'X' => Some(1.0),
                    _ => None,
                })
                .collect();
            for (missing, expected) in ["missing", "ignore", "breaching", "notBreaching"].iter().zip(expected) {
                for before in [State::Ok, State::Alarm] {
                    let state = judge(&alarm(needed, missing), &newest_first, before).state;
                    let expected = if expected == "K" { before.as_str() } else { expected };
                    assert_eq!(
                        state.as_str(),
                        expected,
                        "{needed} of 3, {points}, {missing}, {before:?}"
                    );
                }
            }
        }
    }
}
