//! The deployment's alarms over what this machine measures, so that a drill can be watched before an account exists.
//!
//! Contract: the same definitions and the same evaluator as the tests of `tests/alarms`, over the functions' own metrics
//! and those of AWS that [`crate::measures`] has. An alarm on what is not measured here says why. Windows are those of
//! the deployment: what takes five minutes there takes five minutes here. Nothing of it survives the host.

mod json;
mod readings;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use tracehook_alarms::{DataError, Deployment, embedded, engine_of};
use tracehook_local_cloudwatch::{Engine, Notification, Severity, State};
use tracehook_local_lambda::clock;

use crate::config::Config;
use crate::deployment::{FunctionName, PREFIX, TABLE};
use crate::measures::unmeasured;
use crate::metrics::{KEPT as KEPT_METRICS, Metrics, now_ms};

/// The interval of evaluations. `CloudWatch`'s is a minute.
const TICK: Duration = Duration::from_secs(5);

/// The interval of evaluations of the time that a move of the clock went over.
const MINUTE: Duration = Duration::from_mins(1);

/// The number of notifications that are kept.
const KEPT: usize = 100;

/// The alarms. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Alarms {
    metrics: Metrics,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    notifications: VecDeque<Notification>,
}

/// The present state of an alarm.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its name without the prefix.
    pub name: String,
    /// The text that people read.
    pub title: String,
    /// The recipients.
    pub severity: Severity,
    /// The state at the last evaluation.
    pub state: State,
    /// Since when, epoch milliseconds; none before the first evaluation.
    pub since_ms: Option<i64>,
    /// The explanation of the state.
    pub reason: String,
    /// Its runbook's name.
    pub runbook: String,
    /// True for an alarm on alarms.
    pub is_composite: bool,
    /// The alarm that suppresses it now.
    pub suppressor: Option<String>,
    /// The reason why it has no data here, when none of its metrics is measured.
    pub unmeasured: Option<&'static str>,
}

impl Alarms {
    /// The project's alarms for this machine's functions and sources, over these metrics.
    ///
    /// # Errors
    /// When the definitions are not of their form.
    pub fn new(config: &Config, metrics: Metrics) -> Result<Self, DataError> {
        let mut deployment = Deployment::named(PREFIX, config.sources.keys().map(String::as_str));
        deployment
            .functions
            .retain(|part, _| FunctionName::ALL.iter().any(|name| name.as_str() == part));
        TABLE.clone_into(&mut deployment.table);
        let engine = engine_of(&embedded::files()?, &deployment)?.known_since(now_ms());
        let notifications = VecDeque::new();
        Ok(Self {
            metrics,
            inner: Arc::new(Mutex::new(Inner { engine, notifications })),
        })
    }

    /// Evaluates them until it is dropped.
    pub async fn run(self) {
        let mut last_ms = now_ms();
        loop {
            let now_ms = now_ms();
            // Like CloudWatch, every minute that a move of the clock went over, as far as the metrics are kept.
            last_ms = last_ms.max(now_ms.saturating_sub(length_ms(KEPT_METRICS)));
            while now_ms.saturating_sub(last_ms) > length_ms(MINUTE) {
                last_ms = last_ms.saturating_add(length_ms(MINUTE));
                self.evaluate(last_ms);
                tokio::task::yield_now().await;
            }
            self.evaluate(now_ms);
            last_ms = now_ms;
            clock::sleep(TICK).await;
        }
    }

    /// Evaluates them as of a time.
    pub fn evaluate(&self, now_ms: i64) {
        let mut inner = self.lock();
        let sent = inner.engine.tick(now_ms, &self.metrics);
        inner.notifications.extend(sent);
        while inner.notifications.len() > KEPT {
            inner.notifications.pop_front();
        }
    }

    /// Every alarm, those in alarm and those that notify first.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let inner = self.lock();
        let engine = &inner.engine;
        let row = |name: &str, title: &str, severity, runbook: &str, unmeasured| {
            let standing = engine.standing(name);
            Row {
                name: name.to_owned(),
                title: title.to_owned(),
                severity,
                state: engine.state(name),
                since_ms: standing.map(|standing| standing.since_ms),
                reason: standing.map(|standing| standing.reason.clone()).unwrap_or_default(),
                runbook: runbook.to_owned(),
                is_composite: false,
                suppressor: None,
                unmeasured,
            }
        };
        let composite = engine.composite_alarms().map(|(named, _)| Row {
            is_composite: true,
            suppressor: named.alarm.suppressed_by.as_ref().and_then(|rule| {
                let states = [&rule.alarm, &named.name].map(|name| engine.state(name));
                (states == [State::Alarm; 2]).then(|| rule.alarm.clone())
            }),
            ..row(
                &named.name,
                &named.alarm.title,
                named.alarm.severity,
                &named.runbook,
                None,
            )
        });
        let metric = engine.metric_alarms().map(|named| {
            let mut metrics = named.alarm.metrics.values();
            let unmeasured = metrics
                .find_map(|metric| unmeasured(&metric.namespace, &metric.name))
                .or(named
                    .alarm
                    .band
                    .map(|_| "one machine learns no band of expected values"));
            row(
                &named.name,
                &named.alarm.title,
                named.alarm.severity,
                &named.runbook,
                unmeasured,
            )
        });
        let mut rows: Vec<Row> = composite.chain(metric).collect();
        rows.sort_by_key(|row| {
            (
                row.state != State::Alarm,
                row.unmeasured.is_some(),
                row.severity,
                !row.is_composite,
                row.name.clone(),
            )
        });
        rows
    }

    /// The notifications, newest first.
    #[must_use]
    pub fn notifications(&self) -> Vec<Notification> {
        self.lock().notifications.iter().rev().cloned().collect()
    }

    /// `GET /local/alarms`: everything as JSON.
    pub fn router(&self) -> Router {
        json::router(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn length_ms(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
