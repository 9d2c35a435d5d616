//! Every alarm of a deployment, from minute to minute.

use std::collections::BTreeMap;

use super::metric::{Math, judge, points_of};
use super::notification::{Notification, Notifier};
use super::{Readings, Rule, State};
use crate::{Alarms, CompositeAlarm, MetricAlarm, Missing, Named, Severity, Suppressor};

/// An alarm that cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{alarm}: {problem}")]
pub struct EngineError {
    /// The alarm's name.
    pub alarm: String,
    /// The unreadable expression or rule, or the circle of rules.
    pub problem: String,
}

/// The state of an alarm with its history and reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub state: State,
    /// The time of the last change of the state, epoch milliseconds.
    pub since_ms: i64,
    /// An explanation for people.
    pub reason: String,
}

/// All alarms of a deployment with their states.
#[derive(Debug)]
pub struct Engine {
    metric: Vec<(Named<MetricAlarm>, Math)>,
    /// Those that others name come first.
    composite: Vec<(Named<CompositeAlarm>, Rule)>,
    standings: BTreeMap<String, Standing>,
    notifiers: BTreeMap<String, Notifier>,
    known_since_ms: i64,
}

impl Engine {
    /// An engine that has evaluated nothing yet.
    ///
    /// # Errors
    /// When an expression or a rule cannot be read, or rules name each other in a circle.
    pub fn new(alarms: Alarms) -> Result<Self, EngineError> {
        let error = |alarm: &str, problem: String| EngineError {
            alarm: alarm.to_owned(),
            problem,
        };
        let mut waiting = Vec::new();
        for named in &alarms.composite {
            let rule = Rule::parse(&named.alarm.rule, &alarms);
            waiting.push((
                named.clone(),
                rule.map_err(|problem| error(&named.name, problem.to_string()))?,
            ));
        }
        let mut metric = Vec::new();
        for named in alarms.metric {
            let math = Math::of(&named.alarm).map_err(|problem| error(&named.name, problem.to_string()))?;
            metric.push((named, math));
        }
        Ok(Self {
            metric,
            composite: in_order(waiting).map_err(|name| error(&name, "its rule leads back to itself".to_owned()))?,
            standings: BTreeMap::new(),
            notifiers: BTreeMap::new(),
            known_since_ms: i64::MIN,
        })
    }

    /// Sets the time since which there are readings, epoch milliseconds. Earlier values are unknown rather than missing:
    /// alarms for which it counts as breaching do not fire before their whole window is known.
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

    /// The standing of an alarm; none before the first tick.
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

    /// Evaluates all alarms as of `now_ms` and returns the notifications that they send.
    pub fn tick(&mut self, now_ms: i64, readings: &dyn Readings) -> Vec<Notification> {
        let mut notifying: Vec<(String, Severity, Option<Suppressor>)> = Vec::new();
        for (named, math) in &self.metric {
            let before = self
                .standings
                .get(&named.name)
                .map_or(State::InsufficientData, |standing| standing.state);
            let window_ms = i64::try_from(named.alarm.window_seconds() * 1000).unwrap_or(i64::MAX);
            let is_known = now_ms.saturating_sub(window_ms) >= self.known_since_ms;
            let judgement = judge(&named.alarm, &points_of(&named.alarm, math, readings, now_ms), before);
            // What is unknown counts as breaching: an alarm that is OK all the same stays so.
            if named.alarm.missing == Missing::Breaching && !is_known && judgement.state != State::Ok {
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
            let reason = reason(&named.alarm, &judgement.values, judgement.breaching);
            enter(&mut self.standings, &named.name, judgement.state, reason, now_ms);
            notifying.push((named.name.clone(), named.alarm.severity, None));
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
            notifying.push((
                named.name.clone(),
                named.alarm.severity,
                named.alarm.suppressed_by.clone(),
            ));
        }
        let notifications = notifying.into_iter().filter_map(|(name, severity, suppressor)| {
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
            let notifier = self.notifiers.entry(name.clone()).or_insert_with(Notifier::new);
            let state = notifier.next(standing.state, standing.since_ms, suppressor, now_ms)?;
            Some(Notification {
                at_ms: now_ms,
                name,
                severity,
                state,
            })
        });
        notifications.collect()
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
    let compared = alarm.comparison();
    let what = if alarm.band.is_some() { "above it, " } else { "" };
    format!(
        "{breaching} of {} {compared}, {what}newest first: {}",
        alarm.periods,
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
