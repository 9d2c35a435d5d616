//! Each metric alarm fires under its fault and recovers after it. The result is a table, `alarms/ALARMS.md`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::faults::{FAULTS, minute_of};
use super::world::{BEGIN_MS, MINUTE_MS, World, deployment, files, healthy, root};
use tracehook_alarms::alarms_of;
use tracehook_local_cloudwatch::evaluate::{judge, points};
use tracehook_local_cloudwatch::{MetricAlarm, Missing, Named, State};

const DAY_MINUTES: i64 = 24 * 60;

/// Minutes from the fault to ALARM, and from its end to OK.
struct Times {
    fires: i64,
    recovers: i64,
}

/// Five healthy days, the fault until the alarm fires, and healthy minutes until it recovers.
fn prove(alarm: &Named<MetricAlarm>) -> Times {
    // Half of what is sent on any day.
    let mut world = World::default().expecting(2250.0);
    world.add(BEGIN_MS - 5 * DAY_MINUTES * MINUTE_MS, BEGIN_MS, &healthy(10.0));
    let state = |world: &World, minute: i64, before: State| {
        let points = points(&alarm.alarm, world, BEGIN_MS + minute * MINUTE_MS).unwrap();
        judge(&alarm.alarm, &points, before).state
    };
    assert_eq!(
        state(&world, 0, State::InsufficientData),
        State::Ok,
        "{} before the fault",
        alarm.name
    );
    let window = i64::from(alarm.alarm.period_seconds) / 60 * i64::from(alarm.alarm.periods);
    let mut minute = 0;
    let fault = minute_of(alarm);
    let mut now = State::Ok;
    // Values count when their period has ended, so the fault needs no end yet.
    world.add(BEGIN_MS, i64::MAX / 2, &fault);
    while now != State::Alarm {
        minute += 1;
        now = state(&world, minute, now);
        assert!(minute <= window + 60, "{} does not fire", alarm.name);
    }
    let fires = minute;
    let end_ms = BEGIN_MS + fires * MINUTE_MS;
    world.end(end_ms);
    world.add(end_ms, i64::MAX / 2, &healthy(10.0));
    while now != State::Ok {
        minute += 1;
        now = state(&world, minute, now);
        assert!(minute <= fires + window + 60, "{} does not recover", alarm.name);
    }
    Times {
        fires,
        recovers: minute - fires,
    }
}

#[test]
fn every_alarm_fires_under_its_fault_and_recovers_after_it() {
    let alarms = alarms_of(&files(), &deployment()).unwrap();
    let mut table = String::from(
        "# Alarms on metrics\n\nMinutes from a fault to the alarm and from its end to OK, through the evaluator of `tests/local/cloudwatch` at 10 \
         webhooks per second, with the fault of `tests/alarms/tests/alarms/faults.rs`. CloudWatch adds its delay of a \
         minute or two. A test keeps this table true.\n\n| alarm | breaches when | of | fires after | recovers after |\n| --- | --- \
         | --- | --- | --- |\n",
    );
    for alarm in alarms.metric.iter().filter(|alarm| !remembers(&alarm.alarm)) {
        let Times { fires, recovers } = prove(alarm);
        let MetricAlarm {
            period_seconds,
            periods,
            ..
        } = &alarm.alarm;
        let first = alarms.metric.iter().find(|other| {
            // Sources and functions differ in their name alone.
            other.definition == alarm.definition && !alarm.definition.ends_with("burn")
        });
        if first.is_none_or(|first| first.name == alarm.name) {
            let name = if alarm.definition.ends_with("burn") {
                &alarm.name
            } else {
                &alarm.definition
            };
            let needed = alarm.alarm.needed();
            writeln!(
                table,
                "| [{name}](runbooks/{}.md) | {} | {needed} of {periods} × {period_seconds} s | {fires} min | {recovers} min |",
                alarm.runbook,
                alarm.alarm.comparison(),
            )
            .unwrap();
        }
    }
    let path = root().join("alarms/ALARMS.md");
    if std::env::var_os("UPDATE_ALARMS").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(path).unwrap_or_default(),
        table,
        "UPDATE_ALARMS=1 writes it"
    );
}

/// An alarm that keeps that something happened once has no fault: `start.rs` proves those.
pub(crate) fn remembers(alarm: &MetricAlarm) -> bool {
    alarm.missing == Missing::Ignore
}

#[test]
fn every_fault_is_one_of_a_definition() {
    let alarms = alarms_of(&files(), &deployment()).unwrap().metric.into_iter();
    let defined: BTreeSet<String> = alarms
        .filter(|alarm| !remembers(&alarm.alarm))
        .map(|alarm| alarm.definition)
        .collect();
    let proved: BTreeSet<String> = FAULTS.iter().map(|(definition, _)| (*definition).to_owned()).collect();
    let (without, unknown): (Vec<_>, Vec<_>) = (
        defined.difference(&proved).collect(),
        proved.difference(&defined).collect(),
    );
    assert!(
        without.is_empty() && unknown.is_empty(),
        "faults.rs lacks {without:?} and names {unknown:?}, which no file defines"
    );
    assert_eq!(FAULTS.len(), proved.len(), "a definition has two faults");
}
