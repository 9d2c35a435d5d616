//! Every alarm of a deployment, from minute to minute.

use std::collections::BTreeMap;

use super::metric::{Math, judge, points_of};
use super::telling::{Told, Voice};
use super::{Readings, Rule, State};
use crate::data::{Files, Named, Suppressor};
use crate::{Alarms, CompositeAlarm, DataError, Deployment, MetricAlarm, Missing, Severity};

/// How an alarm stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Its state.
    pub state: State,
    /// Since when, epoch milliseconds.
    pub since_ms: i64,
    /// Why, as text.
    pub reason: String,
}

/// The alarms with their states.
#[derive(Debug)]
pub struct Engine {
    metric: Vec<(Named<MetricAlarm>, Math)>,
    /// Those that others name come first.
    composite: Vec<(Named<CompositeAlarm>, Rule)>,
    standings: BTreeMap<String, Standing>,
    voices: BTreeMap<String, Voice>,
    known_since_ms: i64,
}

impl Engine {
    /// Takes definitions for a deployment.
    ///
    /// # Errors
    /// When an entry, an expression or a rule cannot be read, or rules name each other in a circle.
    pub fn new(files: &Files, deployment: &Deployment) -> Result<Self, DataError> {
        let alarms = Alarms::of(files, deployment)?;
        let is_definition = |name: &str| files.metric.contains_key(name) || files.composite.contains_key(name);
        let entry = |name: &str, problem: String| DataError::Entry {
            file: String::new(),
            entry: name.to_owned(),
            problem,
        };
        let mut waiting = Vec::new();
        for named in &alarms.composite {
            let rule = Rule::parse(&named.alarm.rule, &alarms, is_definition);
            waiting.push((
                named.clone(),
                rule.map_err(|error| entry(&named.name, error.to_string()))?,
            ));
        }
        let mut metric = Vec::new();
        for named in alarms.metric {
            let math = Math::of(&named.alarm).map_err(|error| entry(&named.name, error.to_string()))?;
            metric.push((named, math));
        }
        Ok(Self {
            metric,
            composite: in_order(waiting).map_err(|name| entry(&name, "its rule leads back to itself".to_owned()))?,
            standings: BTreeMap::new(),
            voices: BTreeMap::new(),
            known_since_ms: i64::MIN,
        })
    }

    /// Says since when there are readings, epoch milliseconds. That a value of an earlier time is missing tells nothing:
    /// alarms for which it counts as breaching are not judged before their whole window is known.
    #[must_use]
    pub fn known_since(mut self, at_ms: i64) -> Self {
        self.known_since_ms = at_ms;
        self
    }

    /// The alarms on metrics.
    pub fn metric_alarms(&self) -> impl Iterator<Item = &Named<MetricAlarm>> {
        self.metric.iter().map(|(named, _)| named)
    }

    /// The alarms on alarms.
    pub fn composite_alarms(&self) -> impl Iterator<Item = (&Named<CompositeAlarm>, &Rule)> {
        self.composite.iter().map(|(named, rule)| (named, rule))
    }

    /// How an alarm stands; nothing before the first tick.
    #[must_use]
    pub fn standing(&self, name: &str) -> Option<&Standing> {
        self.standings.get(name)
    }

    /// The state of an alarm.
    #[must_use]
    pub fn state(&self, name: &str) -> State {
        self.standing(name)
            .map_or(State::InsufficientData, |standing| standing.state)
    }

    /// Evaluates everything as of `now_ms`, and says who is told.
    pub fn tick(&mut self, now_ms: i64, readings: &dyn Readings) -> Vec<Told> {
        let mut speaking: Vec<(String, Severity, Option<Suppressor>)> = Vec::new();
        for (named, math) in &self.metric {
            let before = self
                .standings
                .get(&named.name)
                .map_or(State::InsufficientData, |standing| standing.state);
            let window_ms = i64::try_from(named.alarm.window_seconds() * 1000).unwrap_or(i64::MAX);
            let is_known = now_ms.saturating_sub(window_ms) >= self.known_since_ms;
            if named.alarm.missing == Missing::Breaching && !is_known {
                let reason = "nothing is known yet of its whole window".to_owned();
                enter(
                    &mut self.standings,
                    &named.name,
                    State::InsufficientData,
                    reason,
                    now_ms,
                );
                continue;
            }
            let judgement = judge(&named.alarm, &points_of(&named.alarm, math, readings, now_ms), before);
            let reason = reason(&named.alarm, &judgement.values, judgement.breaching);
            enter(&mut self.standings, &named.name, judgement.state, reason, now_ms);
            speaking.push((named.name.clone(), named.alarm.severity, None));
        }
        for (named, rule) in &self.composite {
            let state = |name: &str| {
                self.standings
                    .get(name)
                    .map_or(State::InsufficientData, |standing| standing.state)
            };
            let holds = rule.holds(&state);
            let mut in_alarm: Vec<&str> = rule
                .names()
                .into_iter()
                .filter(|name| state(name) == State::Alarm)
                .collect();
            in_alarm.dedup();
            let reason = if in_alarm.is_empty() {
                "no alarm of it".to_owned()
            } else {
                format!("in alarm: {}", in_alarm.join(", "))
            };
            let state = if holds { State::Alarm } else { State::Ok };
            enter(&mut self.standings, &named.name, state, reason, now_ms);
            speaking.push((
                named.name.clone(),
                named.alarm.severity,
                named.alarm.suppressed_by.clone(),
            ));
        }
        let spoken = speaking.into_iter().filter_map(|(name, severity, suppressor)| {
            if severity == Severity::None {
                return None;
            }
            let standing = self.standings.get(&name)?;
            let suppressor = suppressor.as_ref().map(|rule| {
                (
                    rule,
                    self.standings
                        .get(&rule.alarm)
                        .map_or(State::InsufficientData, |standing| standing.state),
                )
            });
            let voice = self.voices.entry(name.clone()).or_insert_with(Voice::new);
            let state = voice.next(standing.state, standing.since_ms, suppressor, now_ms)?;
            Some(Told {
                at_ms: now_ms,
                name,
                severity,
                state,
            })
        });
        spoken.collect()
    }
}

fn enter(standings: &mut BTreeMap<String, Standing>, name: &str, state: State, reason: String, now_ms: i64) {
    let before = standings.get(name);
    let since_ms = before
        .filter(|before| before.state == state)
        .map_or(now_ms, |before| before.since_ms);
    standings.insert(
        name.to_owned(),
        Standing {
            state,
            since_ms,
            reason,
        },
    );
}

fn reason(alarm: &MetricAlarm, values: &[f64], breaching: usize) -> String {
    if values.is_empty() {
        return "no data".to_owned();
    }
    let shown: Vec<String> = values
        .iter()
        .map(|value| format!("{}", (value * 100.0).round() / 100.0))
        .collect();
    let unit = match alarm.unit.as_str() {
        "None" => String::new(),
        unit => format!(" {unit}"),
    };
    format!(
        "{breaching} of {} {} {}{unit}, newest first: {}",
        alarm.periods,
        alarm.operator.sign(),
        alarm.threshold,
        shown.join(", ")
    )
}

type Ruled = (Named<CompositeAlarm>, Rule);

/// Those that others name first. Fails with the name of one in a circle.
fn in_order(mut waiting: Vec<Ruled>) -> Result<Vec<Ruled>, String> {
    let mut ordered: Vec<Ruled> = Vec::new();
    while !waiting.is_empty() {
        let names: Vec<String> = waiting.iter().map(|(named, _)| named.name.clone()).collect();
        let is_free = |(_, rule): &Ruled| !rule.names().iter().any(|name| names.iter().any(|waits| waits == name));
        let (free, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_free);
        if free.is_empty() {
            return Err(names.into_iter().next().unwrap_or_default());
        }
        ordered.extend(free);
        waiting = rest;
    }
    Ok(ordered)
}
