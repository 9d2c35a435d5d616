//! `CloudWatch`'s rules for an alarm on metrics: what `PutMetricAlarm` refuses.

use std::collections::BTreeSet;

use crate::expression::{ExpressionError, parse};
use crate::{MetricAlarm, Operator, Statistic};

const MAX_METRICS: usize = 10;
const DAY_SECONDS: u64 = 86_400;

/// Everything that is wrong with an alarm.
#[must_use]
pub fn problems(alarm: &MetricAlarm) -> Vec<String> {
    let mut problems = Vec::new();
    let mut require = |holds: bool, problem: &str| {
        if !holds {
            problems.push(problem.to_owned());
        }
    };
    let period = alarm.period_seconds;
    require(
        matches!(period, 10 | 20 | 30) || (period > 0 && period.is_multiple_of(60)),
        "a period is 10, 20, 30 or a multiple of 60 seconds",
    );
    require(alarm.periods >= 1, "at least one period is looked at");
    require(
        (1..=alarm.periods).contains(&alarm.needed()),
        "as many periods have to breach as are looked at, or fewer",
    );
    let longest = if period < 3600 { DAY_SECONDS } else { 7 * DAY_SECONDS };
    require(
        alarm.window_seconds() <= longest,
        "the window is at most a day, or a week where the period is an hour",
    );
    require(!alarm.metrics.is_empty(), "there is a metric");
    require(alarm.metrics.len() <= MAX_METRICS, "there are at most 10 metrics");
    require(
        alarm.expression.is_some() || (alarm.metrics.len() == 1 && alarm.expressions.is_empty()),
        "without an expression there is one metric",
    );
    require(
        alarm.threshold.is_none_or(f64::is_finite) && alarm.threshold.is_some() != alarm.band.is_some(),
        "there is a threshold or a band",
    );
    require(
        (alarm.operator == Operator::LessThanLowerThreshold) == alarm.band.is_some(),
        "a band has an operator of its own",
    );
    require(
        alarm.band.is_none_or(|width| width > 0.0 && alarm.expression.is_some()),
        "a band has a width and is around an expression",
    );
    for (id, metric) in &alarm.metrics {
        require(is_id(id), "an id begins with a lower-case letter");
        require(
            metric.statistic.parse::<Statistic>().is_ok(),
            "every statistic is known",
        );
        require(metric.dimensions.len() <= 30, "a metric has at most 30 dimensions");
    }
    if let Err(problem) = expressions(alarm) {
        problems.push(problem.to_string());
    }
    problems
}

fn expressions(alarm: &MetricAlarm) -> Result<(), ExpressionError> {
    let wrong = |text: &str, problem: String| ExpressionError {
        text: text.to_owned(),
        problem,
    };
    let mut used = BTreeSet::new();
    for (id, text) in alarm
        .expressions
        .iter()
        .map(|(id, text)| (Some(id), text))
        .chain(alarm.expression.iter().map(|text| (None, text)))
    {
        let expression = parse(text)?;
        if expression.searches() {
            return Err(wrong(text, "SEARCH is not allowed in an alarm".to_owned()));
        }
        // The whole has the id `result`, and its band the id `band`.
        if id.is_some_and(|id| !is_id(id) || id == "result" || id == "band" || alarm.metrics.contains_key(id)) {
            return Err(wrong(text, "its id is a metric's or no id".to_owned()));
        }
        for name in expression.ids() {
            if !alarm.metrics.contains_key(name) && !alarm.expressions.contains_key(name) {
                return Err(wrong(text, format!("{name} is not defined")));
            }
            used.insert(name.to_owned());
        }
    }
    let defined = alarm.metrics.keys().chain(alarm.expressions.keys());
    match defined
        .into_iter()
        .find(|id| alarm.expression.is_some() && !used.contains(*id))
    {
        Some(unused) => Err(wrong(unused, "it is not used".to_owned())),
        None => Ok(()),
    }
}

fn is_id(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn with(changes: Value) -> Vec<String> {
        let metric = json!({"namespace": "N", "name": "M", "dimensions": {}, "statistic": "Sum"});
        let mut alarm = json!({
            "title": "t", "why": "w", "severity": "page", "unit": "Count", "period_seconds": 60, "periods": 3,
            "operator": "GreaterThanThreshold", "threshold": 0, "metrics": {"m": metric},
        });
        alarm
            .as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        problems(&serde_json::from_value(alarm).unwrap())
    }

    #[test]
    fn what_cloudwatch_refuses_is_found() {
        let metric = json!({"namespace": "N", "name": "M", "dimensions": {}, "statistic": "Sum"});
        let many: serde_json::Map<String, Value> = (0..11).map(|at| (format!("m{at}"), metric.clone())).collect();
        assert!(with(json!({})).is_empty());
        assert!(with(json!({"period_seconds": 259_200, "periods": 1})).is_empty());
        let band = json!({"expression": "m", "band": 2, "threshold": null, "operator": "LessThanLowerThreshold"});
        assert!(with(band).is_empty());
        for wrong in [
            json!({"period_seconds": 45}),
            json!({"period_seconds": 0}),
            json!({"periods": 0}),
            json!({"datapoints": 4}),
            json!({"period_seconds": 1800, "periods": 49}),
            json!({"period_seconds": 259_200, "periods": 3}),
            json!({"metrics": {}}),
            json!({"metrics": many}),
            json!({"metrics": {"M": metric}}),
            json!({"metrics": {"a": metric, "b": metric}}),
            json!({"expression": "m + n"}),
            json!({"expression": "1"}),
            json!({"expression": "m + SUM([SEARCH('a', 'Sum', 60)])"}),
            json!({"expression": "m", "expressions": {"m": "1"}}),
            json!({"expression": "m", "band": 2}),
            json!({"expression": "m", "band": 2, "threshold": null}),
            json!({"threshold": null}),
            json!({"operator": "LessThanLowerThreshold"}),
            json!({"band": 2, "threshold": null, "operator": "LessThanLowerThreshold"}),
            json!({"expression": "m", "band": 0, "threshold": null, "operator": "LessThanLowerThreshold"}),
            json!({"metrics": {"m": {"namespace": "N", "name": "M", "dimensions": {}, "statistic": "p200"}}}),
        ] {
            assert!(!with(wrong.clone()).is_empty(), "{wrong}");
        }
    }
}
