//! Figures with their limits.

use serde_json::{Value, json};

#[derive(Debug)]
struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    /// The promised maximum, if there is one.
    limit: Option<f64>,
}

/// All figures, in the order of measuring.
#[derive(Debug, Default)]
pub(crate) struct Report(Vec<Figure>);

impl Report {
    /// A figure without a promise.
    pub(crate) fn add(&mut self, name: impl Into<String>, value: f64, unit: &'static str) {
        self.push(name.into(), value, unit, None);
    }

    /// A figure that is promised to be at most `limit`.
    pub(crate) fn add_at_most(&mut self, name: impl Into<String>, value: f64, unit: &'static str, limit: f64) {
        self.push(name.into(), value, unit, Some(limit));
    }

    fn push(&mut self, name: String, value: f64, unit: &'static str, limit: Option<f64>) {
        // An empty sum is minus zero.
        let value = value + 0.0;
        eprintln!("  {name}: {value:.2} {unit}");
        self.0.push(Figure {
            name,
            value,
            unit,
            limit,
        });
    }

    /// A table on standard output, then the same as one line of JSON.
    pub(crate) fn print(&self) {
        println!("| figure | measured | expected |\n| --- | --- | --- |");
        for Figure {
            name,
            value,
            unit,
            limit,
        } in &self.0
        {
            let expected = limit.map_or_else(String::new, |limit| {
                let verdict = if *value <= limit { "" } else { " **missed**" };
                format!("≤ {limit} {unit}{verdict}")
            });
            println!("| {name} | {value:.2} {unit} | {expected} |");
        }
        let rows: Vec<Value> = self
            .0
            .iter()
            .map(|figure| json!({"name": figure.name, "value": figure.value, "unit": figure.unit, "atMost": figure.limit}))
            .collect();
        println!("\n{}", Value::Array(rows));
    }
}

/// The value below which `percent` of the samples are.
pub(crate) fn percentile(samples: &mut [f64], percent: usize) -> f64 {
    samples.sort_by(f64::total_cmp);
    let index = (samples.len() * percent).div_ceil(100).saturating_sub(1);
    samples.get(index).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_sample() {
        let mut samples: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        let (half, most, only) = (
            percentile(&mut samples, 50),
            percentile(&mut samples, 99),
            percentile(&mut [7.0], 99),
        );
        assert_eq!((half, most, only), (50.0, 99.0, 7.0));
    }
}
