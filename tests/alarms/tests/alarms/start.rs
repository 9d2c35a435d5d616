//! A new deployment: what its alarms say of time in which there was nothing. `CloudWatch` judges a new alarm over windows that
//! begin before it.

use super::fire::remembers;
use super::world::{BEGIN_MS, MINUTE_MS, Minute, World, deployment, files, healthy, key};
use tracehook_alarms::{Deployment, alarms_of, engine_of};
use tracehook_local_cloudwatch::{Engine, Notification, State};

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// A deployment that began with [`BEGIN_MS`], from hour to hour.
struct New {
    world: World,
    engine: Engine,
    minute: i64,
}

impl New {
    fn of(deployment: &Deployment) -> Self {
        Self {
            world: World::default(),
            engine: engine_of(&files(), deployment).unwrap(),
            minute: 0,
        }
    }

    /// So many minutes of traffic, and who is told of what.
    fn passes(&mut self, minutes: i64, traffic: &Minute) -> Vec<Notification> {
        let at_ms = |minute: i64| BEGIN_MS + minute * MINUTE_MS;
        let begin = self.minute;
        self.minute += minutes;
        self.world.add(at_ms(begin), at_ms(self.minute), traffic);
        // Over days, every quarter of an hour is enough.
        (begin..self.minute)
            .step_by(if minutes > 3 * HOUR { 15 } else { 1 })
            .flat_map(|minute| self.engine.tick(at_ms(minute + 1), &self.world))
            .collect()
    }

    /// The alarms that show a fault: those of a source's traffic show a state.
    fn faults(&self) -> Vec<String> {
        let composite = self.engine.composite_alarms().map(|(alarm, _)| alarm.name.clone());
        composite
            .filter(|name| self.engine.state(name) == State::Alarm)
            .collect()
    }
}

fn told(notified: &[Notification]) -> Vec<(&str, i64)> {
    notified
        .iter()
        .map(|notified| (notified.name.as_str(), (notified.at_ms - BEGIN_MS) / MINUTE_MS))
        .collect()
}

/// Nobody sends, and the first sweep comes when rule and function are there.
fn idle(is_swept: bool) -> Minute {
    let mut idle = healthy(0.0);
    if !is_swept {
        idle.retain(|(namespace, _, dimensions), _| {
            !namespace.starts_with("Tracehook/")
                || dimensions.get("service").is_none_or(|service| service != "reconciler")
        });
    }
    idle
}

fn verified() -> Minute {
    let verified = key(
        "Tracehook/hooks",
        "WebhooksVerified",
        [("service", "validator"), ("source", "shop")],
    );
    let mut minute = idle(true);
    minute.insert(verified, vec![(1.0, 1.0)]);
    minute
}

#[test]
fn an_idle_new_deployment_tells_nobody_of_anything() {
    let mut new = New::of(&deployment());
    // Terraform makes alarms before and after what they watch.
    assert_eq!(told(&new.passes(10, &Minute::new())), []);
    assert_eq!(told(&new.passes(15, &idle(false))), []);
    for hour in 0..4 {
        assert_eq!(told(&new.passes(HOUR, &idle(true))), [], "hour {hour}");
        assert_eq!(new.faults(), [""; 0], "hour {hour}");
    }
    assert_eq!(told(&new.passes(3 * DAY, &idle(true))), []);
    assert_eq!(new.faults(), [""; 0]);
}

#[test]
fn a_source_is_silent_from_its_first_webhook_on() {
    let mut new = New::of(&deployment());
    assert_eq!(told(&new.passes(DAY, &idle(true))), []);
    assert_eq!(new.engine.state("silence-shop"), State::Alarm);
    assert_eq!(told(&new.passes(1, &verified())), []);
    // Two hours of silence, as the source is configured.
    assert_eq!(told(&new.passes(2 * HOUR - 1, &idle(true))), []);
    let after = DAY + 1 + 2 * HOUR;
    assert_eq!(told(&new.passes(HOUR, &idle(true))), [("source-silent-shop", after)]);
    // For as long as it is silent, and again after the next webhook.
    assert_eq!(told(&new.passes(DAY, &idle(true))), []);
    assert_eq!(new.engine.state("source-silent-shop"), State::Alarm);
    assert_eq!(new.passes(1, &verified()).len(), 1);
    assert_eq!(new.passes(3 * HOUR, &idle(true)).len(), 1);
}

#[test]
fn sweeps_that_never_come_are_told_after_an_hour() {
    let mut new = New::of(&deployment());
    assert_eq!(told(&new.passes(HOUR, &idle(false))), []);
    assert_eq!(new.engine.state("sweep-seen"), State::InsufficientData);
    let notified = new.passes(HOUR, &idle(false));
    // service-unhealthy has two minutes to suppress it.
    assert_eq!(told(&notified), [("reconciler-trouble", 63)]);
    assert_eq!(told(&new.passes(DAY, &idle(false))), []);
    assert_eq!(new.faults(), ["reconciler-trouble"]);
}

#[test]
fn sweeps_that_stop_are_told_within_minutes_from_the_first_one_on() {
    let mut new = New::of(&deployment());
    assert_eq!(told(&new.passes(20, &idle(true))), []);
    assert_eq!(told(&new.passes(30, &idle(false))), [("reconciler-trouble", 32)]);
}

/// Without a value an alarm keeps its state: `missing: ignore` is what remembers.
#[test]
fn what_happened_once_is_remembered() {
    let memories: Vec<String> = alarms_of(&files(), &deployment())
        .unwrap()
        .metric
        .into_iter()
        .filter(|alarm| remembers(&alarm.alarm))
        .map(|alarm| alarm.name)
        .collect();
    assert_eq!(memories, ["source-heard-shop", "sweep-seen"]);
    let mut new = New::of(&deployment());
    let states = |new: &New| memories.iter().map(|name| new.engine.state(name)).collect::<Vec<_>>();
    new.passes(3 * HOUR, &idle(false));
    assert_eq!(states(&new), [State::InsufficientData; 2]);
    new.passes(1, &verified());
    new.passes(2 * DAY, &Minute::new());
    assert_eq!(states(&new), [State::Ok; 2]);
}
