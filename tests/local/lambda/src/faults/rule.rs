//! One rule: the operation, the condition and the effect.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::effect::Effect;
use super::operation::{CHECKPOINT, INVOCATION, Kind, Operation};

/// When a fault happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// In place of the call.
    #[default]
    Before,
    /// When the call has had its effect.
    After,
}

/// A rule: calls that fail, and their effect. See the module's documentation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub struct Rule {
    pub(super) operation: Operation,
    pub(super) function: Option<String>,
    pub(super) step: Option<String>,
    pub(super) phase: Phase,
    pub(super) skip: u64,
    /// Unbounded when none.
    pub(super) count: Option<u64>,
    /// Of those that are not skipped; 0 to 1.
    pub(super) ratio: Option<f64>,
    /// From when the rule was added.
    pub(super) duration: Option<Duration>,
    pub(super) seed: Option<u64>,
    pub(super) effect: Effect,
}

/// A rule as it is written.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    operation: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    function: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    skip: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(default)]
    phase: Phase,
    effect: Effect,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl TryFrom<Fields> for Rule {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let operation = Operation::parse(fields.operation)?;
        let kind = operation.kind;
        if !fields.effect.can_happen_to(kind) {
            return Err(format!("this effect cannot happen to {}", operation.as_str()));
        }
        if fields.phase == Phase::After && !matches!(kind, Kind::Call | Kind::Export) {
            return Err("the phase after is for calls only".to_owned());
        }
        if matches!(fields.effect, Effect::Without(_)) && fields.phase != Phase::After {
            return Err("an answer can lack a member in the phase after only".to_owned());
        }
        if fields.effect == Effect::GiveUp && operation.as_str() != INVOCATION {
            return Err(format!("only {INVOCATION} is given up"));
        }
        if fields.function.is_some() && !matches!(kind, Kind::Call | Kind::Event) {
            return Err("function is for calls of AWS and for events only".to_owned());
        }
        if fields.step.is_some() && operation.as_str() != CHECKPOINT {
            return Err(format!("step is for {CHECKPOINT} only"));
        }
        if !fields.ratio.is_none_or(|ratio| (0.0..=1.0).contains(&ratio)) {
            return Err("ratio is from 0 to 1".to_owned());
        }
        let is_state = matches!(kind, Kind::Durable | Kind::Clock);
        if is_state && (fields.skip > 0 || fields.count.is_some() || fields.ratio.is_some()) {
            return Err(format!("{} takes duration_ms only", operation.as_str()));
        }
        // Once, unless something else bounds it.
        let once = !is_state && fields.ratio.is_none() && fields.duration_ms.is_none();
        Ok(Self {
            operation,
            function: fields.function,
            step: fields.step,
            phase: fields.phase,
            skip: fields.skip,
            count: fields.count.or_else(|| once.then_some(1)),
            ratio: fields.ratio,
            duration: fields.duration_ms.map(Duration::from_millis),
            seed: fields.seed,
            effect: fields.effect,
        })
    }
}

impl From<Rule> for Fields {
    fn from(rule: Rule) -> Self {
        Self {
            operation: rule.operation.as_str().to_owned(),
            function: rule.function,
            step: rule.step,
            skip: rule.skip,
            count: rule.count,
            ratio: rule.ratio,
            duration_ms: rule
                .duration
                .map(|duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)),
            seed: rule.seed,
            phase: rule.phase,
            effect: rule.effect,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: &str) -> Result<Rule, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn a_rule_hits_once_unless_something_else_bounds_it() {
        for (more, count) in [
            ("", Some(1)),
            (r#""count": 7,"#, Some(7)),
            (r#""ratio": 0.5,"#, None),
            (r#""duration_ms": 1000,"#, None),
            (r#""duration_ms": 1000, "count": 2,"#, Some(2)),
        ] {
            let written = format!(r#"{{"operation": "lambda:Invoke", {more} "effect": {{"drop": true}}}}"#);
            assert_eq!(rule(&written).unwrap().count, count, "{more}");
        }
    }

    #[test]
    fn a_rule_that_could_never_hit_is_refused_with_the_reason() {
        for (wrong, why) in [
            (r#"{"operation": "lambda", "effect": {"drop": true}}"#, "no operation"),
            (r#"{"operation": "*", "effect": {"duplicate": true}}"#, "cannot happen"),
            (r#"{"operation": "event:*", "effect": {"kill": true}}"#, "cannot happen"),
            (
                r#"{"operation": "event:*", "effect": {"give_up": true}}"#,
                "only event:Invoke",
            ),
            (
                r#"{"operation": "event:*", "phase": "after", "effect": {"drop": true}}"#,
                "phase",
            ),
            (
                r#"{"operation": "otlp:*", "function": "f", "effect": {"drop": true}}"#,
                "function",
            ),
            (
                r#"{"operation": "lambda:*", "step": "process", "effect": {"drop": true}}"#,
                "step",
            ),
            (r#"{"operation": "*", "ratio": 1.5, "effect": {"drop": true}}"#, "ratio"),
            (
                r#"{"operation": "durable", "count": 1, "effect": {"stop": true}}"#,
                "duration_ms",
            ),
        ] {
            let problem = rule(wrong).unwrap_err().to_string();
            assert!(problem.contains(why), "{wrong}: {problem}");
        }
    }

    #[test]
    fn a_rule_is_shown_so_that_it_can_be_given_again() {
        let written = r#"{"operation": "lambda:CheckpointDurableExecution", "function": "f", "step": "process",
            "skip": 1, "ratio": 0.5, "duration_ms": 1000, "seed": 7, "phase": "after", "effect": {"kill": true}}"#;
        let read = rule(written).unwrap();
        assert_eq!(rule(&serde_json::to_string(&read).unwrap()).unwrap(), read);
    }
}
