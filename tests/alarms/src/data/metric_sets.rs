//! Named sets of metrics, which several alarms or graphs read.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::DataError;

/// Sets of metrics, by name. A set has metrics by id, as an entry's `metrics` has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricSets(BTreeMap<String, Map<String, Value>>);

impl MetricSets {
    /// Adds the sets of one file.
    ///
    /// # Errors
    /// When a name stands twice.
    pub fn add(&mut self, sets: BTreeMap<String, Map<String, Value>>) -> Result<(), DataError> {
        for (name, metrics) in sets {
            if self.0.contains_key(&name) {
                return Err(DataError::Twice(name));
            }
            self.0.insert(name, metrics);
        }
        Ok(())
    }

    /// Replaces an entry's `metric_sets` by their metrics, which join its own `metrics`.
    ///
    /// # Errors
    /// Names a set that does not exist, or a metric that stands twice.
    pub fn resolve(&self, entry: &mut Value) -> Result<(), String> {
        let Some(members) = entry.as_object_mut() else {
            return Ok(());
        };
        let Some(names) = members.remove("metric_sets") else {
            return Ok(());
        };
        let names: Vec<String> = serde_json::from_value(names).map_err(|error| format!("metric_sets: {error}"))?;
        let metrics = members
            .entry("metrics")
            .or_insert_with(|| Value::Object(Map::new()))
            .as_object_mut()
            .ok_or("metrics is no map")?;
        for name in names {
            let set = self
                .0
                .get(&name)
                .ok_or_else(|| format!("metric_sets: there is no {name}"))?;
            for (id, metric) in set {
                if metrics.insert(id.clone(), metric.clone()).is_some() {
                    return Err(format!("the metric {id} stands twice"));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sets() -> MetricSets {
        let mut sets = MetricSets::default();
        sets.add(serde_json::from_value(json!({"a": {"x": 1, "y": 2}, "b": {"z": 3}})).unwrap())
            .unwrap();
        sets
    }

    #[test]
    fn the_metrics_of_sets_join_those_of_the_entry() {
        for (mut entry, expected) in [
            (json!({"metric_sets": ["a"]}), json!({"metrics": {"x": 1, "y": 2}})),
            (
                json!({"metric_sets": ["a", "b"], "metrics": {"w": 0}}),
                json!({"metrics": {"w": 0, "x": 1, "y": 2, "z": 3}}),
            ),
            (json!({"rule": "r"}), json!({"rule": "r"})),
        ] {
            sets().resolve(&mut entry).unwrap();
            assert_eq!(entry, expected);
        }
    }

    #[test]
    fn an_unknown_set_and_a_metric_that_stands_twice_are_refused() {
        for mut entry in [
            json!({"metric_sets": ["c"]}),
            json!({"metric_sets": "a"}),
            json!({"metric_sets": ["a", "a"]}),
            json!({"metric_sets": ["b"], "metrics": {"z": 0}}),
        ] {
            assert!(sets().resolve(&mut entry).is_err(), "{entry}");
        }
        let again = serde_json::from_value(json!({"a": {}})).unwrap();
        assert!(matches!(sets().add(again), Err(DataError::Twice(name)) if name == "a"));
    }
}
