//! Faults on purpose: rules that say which calls fail, when, and how.
//!
//! A rule in JSON, as `POST /local/faults` takes it:
//! ```json
//! {"operation": "dynamodb:PutItem", "function": "tracehook-validator", "skip": 0, "count": 1, "phase": "before",
//!  "effect": {"status": 500, "code": "InternalServerError"}}
//! ```
//! `operation` is named as in IAM. `function` is optional. The first `skip` calls are left alone, the next `count` are
//! hit. `phase` is `before` (the call has no effect) or `after` (it has, and the caller hears something else). `effect`
//! is one of `{"status": N, "code": "…"}`, `{"drop": true}` (the connection closes without an answer), `{"hang": true}`
//! (no answer ever), `{"delay_ms": N}`, `{"kill": true}` (the caller's process is killed with SIGKILL).
//!
//! `otlp:ExportTraceServiceRequest` is an export of spans to the local receiver, by whichever function.

mod http;
mod router;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

pub use router::Faulty;

/// When a fault happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// In place of the call.
    Before,
    /// When the call has had its effect.
    After,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "EffectFields", into = "EffectFields")]
pub enum Effect {
    /// The service answers with an error.
    Status {
        /// The HTTP status.
        status: u16,
        /// The error's code.
        code: String,
    },
    /// The connection closes without an answer.
    Drop,
    /// No answer ever comes.
    Hang,
    /// The call takes longer, in milliseconds.
    DelayMs(u64),
    /// The caller's process is killed.
    Kill,
}

/// An effect as it is written: exactly one of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct EffectFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    drop: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    hang: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_ms: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    kill: bool,
}

impl TryFrom<EffectFields> for Effect {
    type Error = &'static str;

    fn try_from(fields: EffectFields) -> Result<Self, &'static str> {
        let EffectFields {
            status,
            code,
            drop,
            hang,
            delay_ms,
            kill,
        } = fields;
        match (status, code, drop, hang, delay_ms, kill) {
            (Some(status), Some(code), false, false, None, false) if (400..600).contains(&status) => {
                Ok(Self::Status { status, code })
            }
            (None, None, true, false, None, false) => Ok(Self::Drop),
            (None, None, false, true, None, false) => Ok(Self::Hang),
            (None, None, false, false, Some(delay), false) => Ok(Self::DelayMs(delay)),
            (None, None, false, false, None, true) => Ok(Self::Kill),
            _ => Err("an effect is one of status (400 to 599) with code, drop, hang, delay_ms, kill"),
        }
    }
}

impl From<Effect> for EffectFields {
    fn from(effect: Effect) -> Self {
        let none = Self::default();
        match effect {
            Effect::Status { status, code } => Self {
                status: Some(status),
                code: Some(code),
                ..none
            },
            Effect::Drop => Self { drop: true, ..none },
            Effect::Hang => Self { hang: true, ..none },
            Effect::DelayMs(delay) => Self {
                delay_ms: Some(delay),
                ..none
            },
            Effect::Kill => Self { kill: true, ..none },
        }
    }
}

/// Which calls fail, and how. See the module's documentation.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    operation: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    function: Option<String>,
    #[serde(default)]
    skip: u64,
    #[serde(default = "once")]
    count: u64,
    phase: Phase,
    effect: Effect,
    /// How many calls it has left alone.
    #[serde(skip_deserializing)]
    skipped: u64,
    /// How many calls it has hit.
    #[serde(skip_deserializing)]
    matched: u64,
}

const fn once() -> u64 {
    1
}

/// The planned faults. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Vec<Rule>>>);

impl Faults {
    /// The routes under `/local/faults`.
    pub fn router(&self) -> axum::Router {
        http::router(self.clone())
    }

    /// Plans one more.
    pub fn add(&self, rule: Rule) {
        self.rules().push(rule);
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.rules().clear();
    }

    /// The rules with what they have done.
    #[must_use]
    pub fn list(&self) -> Vec<Rule> {
        self.rules().clone()
    }

    /// The fault that happens to a call now, if one does.
    pub(crate) fn next(&self, operation: &str, function: &str, phase: Phase) -> Option<Effect> {
        let mut rules = self.rules();
        let about_it = |rule: &&mut Rule| {
            rule.operation == operation
                && rule.phase == phase
                && rule.function.as_deref().is_none_or(|wanted| wanted == function)
        };
        for rule in rules.iter_mut().filter(about_it) {
            if rule.skipped < rule.skip {
                rule.skipped += 1;
            } else if rule.matched < rule.count {
                rule.matched += 1;
                return Some(rule.effect.clone());
            }
        }
        None
    }

    fn rules(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: &str) -> Result<Rule, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn a_rule_skips_then_hits_as_often_as_it_says() {
        let faults = Faults::default();
        let plan = r#"{"operation":"dynamodb:PutItem","function":"f","skip":1,"count":2,"phase":"before","effect":{"drop":true}}"#;
        faults.add(rule(plan).unwrap());
        let next = |operation, function, phase| faults.next(operation, function, phase);
        assert_eq!(next("dynamodb:GetItem", "f", Phase::Before), None);
        assert_eq!(next("dynamodb:PutItem", "other", Phase::Before), None);
        assert_eq!(next("dynamodb:PutItem", "f", Phase::After), None);
        let put = || next("dynamodb:PutItem", "f", Phase::Before);
        assert_eq!(
            [put(), put(), put(), put()],
            [None, Some(Effect::Drop), Some(Effect::Drop), None]
        );
    }

    #[test]
    fn an_effect_is_exactly_one() {
        let with = |effect: &str| rule(&format!(r#"{{"operation":"a","phase":"after","effect":{effect}}}"#));
        for (effect, expected) in [
            (r#"{"kill":true}"#, Effect::Kill),
            (r#"{"hang":true}"#, Effect::Hang),
            (r#"{"delay_ms":5}"#, Effect::DelayMs(5)),
            (
                r#"{"status":429,"code":"Slow"}"#,
                Effect::Status {
                    status: 429,
                    code: "Slow".into(),
                },
            ),
        ] {
            let rule = with(effect).unwrap();
            assert_eq!(rule.effect, expected);
            let shown = serde_json::to_value(&rule).unwrap();
            let written: serde_json::Value = serde_json::from_str(effect).unwrap();
            assert_eq!(shown["effect"], written, "it is shown as it was written");
        }
        for wrong in [
            "{}",
            r#"{"kill":true,"drop":true}"#,
            r#"{"status":500}"#,
            r#"{"status":200,"code":"a"}"#,
        ] {
            assert!(with(wrong).is_err(), "{wrong}");
        }
    }
}
