//! The rules that are in force, and what each has done.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::watch;
use tokio::time::Instant;

use super::chance::draws;
use super::{Effect, Phase, Plan, Rule};

/// The planned faults. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    rules: Mutex<Vec<Planned>>,
    changes: watch::Sender<()>,
    /// The number of events delivered or lost so far.
    events: watch::Sender<u64>,
}

#[derive(Debug)]
struct Planned {
    rule: Rule,
    since: Instant,
    /// Calls in the rule's scope, after those that it skips.
    tried: u64,
    counts: Counts,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Counts {
    /// Calls that the rule skipped.
    skipped: u64,
    /// Calls that the rule hit.
    matched: u64,
}

/// A rule with what it has done.
#[derive(Clone, Debug, Serialize)]
pub struct RuleReport {
    #[serde(flatten)]
    rule: Rule,
    #[serde(flatten)]
    counts: Counts,
}

/// A call that a rule may be about.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// As in IAM.
    pub operation: &'a str,
    /// The calling function; empty when it is not known.
    pub function: &'a str,
    /// The steps that a checkpoint is about.
    pub steps: &'a [String],
}

impl Planned {
    fn new(rule: Rule) -> Self {
        Self {
            rule,
            since: Instant::now(),
            tried: 0,
            counts: Counts::default(),
        }
    }

    /// When it ends, if it does.
    fn until(&self) -> Option<Instant> {
        // A duration beyond the clock's range never ends.
        self.rule.duration.and_then(|duration| self.since.checked_add(duration))
    }

    fn is_over(&self) -> bool {
        self.until().is_some_and(|until| until <= Instant::now())
    }

    fn is_about(&self, seen: Seen<'_>, phase: Phase) -> bool {
        let rule = &self.rule;
        rule.phase == phase
            && rule.operation.is_about(seen.operation)
            && rule
                .function
                .as_deref()
                .is_none_or(|function| function == seen.function)
            && rule.step.as_ref().is_none_or(|step| seen.steps.contains(step))
    }

    /// Counts a call that it is about.
    fn hits(&mut self) -> bool {
        let is_used_up = self.rule.count.is_some_and(|count| self.counts.matched >= count);
        if is_used_up || self.is_over() {
            return false;
        }
        if self.counts.skipped < self.rule.skip {
            self.counts.skipped += 1;
            return false;
        }
        let index = self.tried;
        self.tried += 1;
        let seed = self.rule.seed.unwrap_or_default();
        let hits = self.rule.ratio.is_none_or(|ratio| draws(seed, index, ratio));
        self.counts.matched += u64::from(hits);
        hits
    }
}

impl Faults {
    /// Adds the rules of a plan to the present ones, and returns the seed.
    pub fn add(&self, plan: Plan) -> u64 {
        let (seed, rules) = plan.seeded();
        self.rules().extend(rules.into_iter().map(Planned::new));
        self.changed();
        seed
    }

    /// Replaces all rules by a plan, and returns the seed.
    pub fn replace(&self, plan: Plan) -> u64 {
        let (seed, rules) = plan.seeded();
        *self.rules() = rules.into_iter().map(Planned::new).collect();
        self.changed();
        seed
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.rules().clear();
        self.changed();
    }

    /// The rules with what they have done.
    #[must_use]
    pub fn list(&self) -> Vec<RuleReport> {
        let report = |planned: &Planned| RuleReport {
            rule: planned.rule.clone(),
            counts: planned.counts,
        };
        self.rules().iter().map(report).collect()
    }

    /// The fault that happens to a call now, if one does.
    #[must_use]
    pub fn next(&self, seen: Seen<'_>, phase: Phase) -> Option<Effect> {
        let mut rules = self.rules();
        let mut about_it = rules.iter_mut().filter(|planned| planned.is_about(seen, phase));
        about_it.find_map(|planned| planned.hits().then(|| planned.rule.effect.clone()))
    }

    /// True when a rule names the step of a checkpoint.
    #[must_use]
    pub fn ask_for_steps(&self) -> bool {
        self.rules().iter().any(|planned| planned.rule.step.is_some())
    }

    /// The effect of the first rule that says how things are, and when it ends.
    pub(super) fn in_force<T>(&self, wanted: impl Fn(&Effect) -> Option<T>) -> Option<(T, Option<Instant>)> {
        let rules = self.rules();
        let mut in_force = rules.iter().filter(|planned| !planned.is_over());
        in_force.find_map(|planned| Some((wanted(&planned.rule.effect)?, planned.until())))
    }

    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.0.changes.subscribe()
    }

    pub(super) fn events(&self) -> &watch::Sender<u64> {
        &self.0.events
    }

    fn changed(&self) {
        // Before anybody is answered that the rules are in force.
        self.set_clock();
        self.0.changes.send_replace(());
    }

    fn rules(&self) -> MutexGuard<'_, Vec<Planned>> {
        self.0.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(rules: &str) -> Faults {
        let faults = Faults::default();
        faults.add(serde_json::from_str(&format!(r#"{{"seed": 1, "rules": [{rules}]}}"#)).unwrap());
        faults
    }

    fn call<'a>(operation: &'a str, function: &'a str) -> Seen<'a> {
        Seen {
            operation,
            function,
            steps: &[],
        }
    }

    #[test]
    fn a_rule_skips_then_hits_as_often_as_it_says() {
        let faults = planned(
            r#"{"operation":"dynamodb:PutItem","function":"f","skip":1,"count":2,"phase":"before","effect":{"drop":true}}"#,
        );
        let next = |operation, function, phase| faults.next(call(operation, function), phase);
        assert_eq!(next("dynamodb:GetItem", "f", Phase::Before), None);
        assert_eq!(next("dynamodb:PutItem", "other", Phase::Before), None);
        assert_eq!(next("dynamodb:PutItem", "f", Phase::After), None);
        let put = || next("dynamodb:PutItem", "f", Phase::Before);
        assert_eq!(
            [put(), put(), put(), put()],
            [None, Some(Effect::Drop), Some(Effect::Drop), None]
        );
        let listed = serde_json::to_value(faults.list()).unwrap();
        assert_eq!((&listed[0]["skipped"], &listed[0]["matched"]), (&1.into(), &2.into()));
    }

    #[test]
    fn a_seed_repeats_the_same_faults_whatever_else_is_called() {
        let rules = r#"{"operation":"dynamodb:*","ratio":0.3,"effect":{"drop":true}},
            {"operation":"lambda:*","ratio":0.3,"effect":{"hang":true}}"#;
        let one = planned(rules);
        let other = planned(rules);
        let put = |faults: &Faults| faults.next(call("dynamodb:PutItem", "f"), Phase::Before).is_some();
        let first: Vec<bool> = (0..100).map(|_| put(&one)).collect();
        let second: Vec<bool> = (0..100)
            .map(|_| {
                let _ = other.next(call("lambda:Invoke", "f"), Phase::Before);
                put(&other)
            })
            .collect();
        assert_eq!(first, second);
        assert!(first.contains(&true) && first.contains(&false));
    }

    #[tokio::test(start_paused = true)]
    async fn a_rule_ends_when_its_time_is_over() {
        let faults = planned(r#"{"operation":"lambda:Invoke","duration_ms":1000,"effect":{"throttle":true}}"#);
        let next = || faults.next(call("lambda:Invoke", "f"), Phase::Before);
        assert_eq!([next(), next()], [Some(Effect::Throttle), Some(Effect::Throttle)]);
        tokio::time::advance(std::time::Duration::from_millis(999)).await;
        assert_eq!(next(), Some(Effect::Throttle));
        tokio::time::advance(std::time::Duration::from_millis(1)).await;
        assert_eq!(next(), None);
    }

    #[test]
    fn the_checkpoint_of_one_step_is_hit_and_no_other() {
        let faults =
            planned(r#"{"operation":"lambda:CheckpointDurableExecution","step":"process","effect":{"kill":true}}"#);
        let of = |step: &str| {
            let steps = [step.to_owned()];
            let seen = Seen {
                operation: super::super::CHECKPOINT,
                function: "f",
                steps: &steps,
            };
            faults.next(seen, Phase::Before)
        };
        assert_eq!([of("validate"), of("process")], [None, Some(Effect::Kill)]);
    }
}
