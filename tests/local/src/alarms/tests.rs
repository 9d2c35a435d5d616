//! A drill: wrong signatures come in as the validator measures them, the alarms fire, and end after it.

use serde_json::json;

use super::*;
use crate::deployment::NAMESPACE;

const MINUTE_MS: i64 = 60_000;
const BEGIN_MS: i64 = 1_800_000_000_000 - 1_800_000_000_000 % MINUTE_MS;

/// Lines as the functions write them: so many requests of the source `github` with a good and with a wrong signature in a minute, and a sweep.
fn emit(metrics: &Metrics, minute: i64, verified: u32, wrong: u32) {
    let at_ms = BEGIN_MS + minute * MINUTE_MS + 30_000;
    for (name, value, dimensions) in [
        (
            "WebhooksVerified",
            verified,
            json!({ "service": "validator", "source": "github" }),
        ),
        (
            "WebhooksRejected",
            wrong,
            json!({ "service": "validator", "source": "github", "reason": "signature_mismatch" }),
        ),
        ("Sweeps", 1, json!({ "service": "reconciler", "outcome": "complete" })),
    ] {
        if value == 0 {
            continue;
        }
        let names: Vec<_> = dimensions.as_object().unwrap().keys().collect();
        let mut line = json!({
            "_aws": {"Timestamp": at_ms, "CloudWatchMetrics": [{
                "Namespace": NAMESPACE, "Dimensions": [names], "Metrics": [{"Name": name, "Unit": "Count"}],
            }]},
            name: value,
        });
        line.as_object_mut()
            .unwrap()
            .extend(dimensions.as_object().unwrap().clone());
        metrics.read_text(&line.to_string(), at_ms);
    }
}

fn row(alarms: &Alarms, name: &str) -> Row {
    alarms.rows().into_iter().find(|row| row.name == name).unwrap()
}

#[test]
fn a_rotated_secret_fires_and_ends_and_the_right_one_is_told_once() {
    let metrics = Metrics::default();
    let alarms = Alarms::new(&Config::development(), metrics.clone()).unwrap();
    let mut states = Vec::new();
    for minute in 0..200 {
        // The secret is wrong for 20 minutes after two hours.
        let (verified, wrong) = if (140..160).contains(&minute) { (0, 20) } else { (20, 0) };
        emit(&metrics, minute, verified, wrong);
        alarms.evaluate(BEGIN_MS + (minute + 1) * MINUTE_MS);
        let state = row(&alarms, "source-vanished-github").state;
        if states.last() != Some(&state) {
            states.push(state);
        }
        if state == State::Alarm {
            assert!(
                row(&alarms, "source-vanished-github")
                    .reason
                    .starts_with("2 of 2 ≥ 5 Count")
            );
        }
    }
    assert_eq!(states, [State::Ok, State::Alarm, State::Ok]);
    let told: Vec<_> = alarms
        .notifications()
        .into_iter()
        .rev()
        .map(|told| (told.name, told.severity, told.state))
        .collect();
    let refused = "source-refused-github".to_owned();
    let trouble = "producer-trouble".to_owned();
    assert_eq!(
        told,
        [
            (trouble.clone(), Severity::Ticket, State::Alarm),
            (refused.clone(), Severity::Page, State::Alarm),
            (refused, Severity::Page, State::Ok),
            (trouble, Severity::Ticket, State::Ok),
        ]
    );
}

#[test]
fn every_alarm_has_a_row_with_its_runbook_and_those_in_alarm_come_first() {
    let metrics = Metrics::default();
    let alarms = Alarms::new(&Config::development(), metrics.clone()).unwrap();
    for minute in 0..6 {
        emit(&metrics, minute, 20, 30);
    }
    alarms.evaluate(BEGIN_MS + 6 * MINUTE_MS);
    let rows = alarms.rows();
    assert!(rows.iter().all(|row| embedded::runbook(&row.runbook).is_some()));
    let firing: Vec<&str> = rows
        .iter()
        .take_while(|row| row.state == State::Alarm)
        .map(|row| row.name.as_str())
        .collect();
    // Both sources are quiet: six minutes of traffic are few.
    let expected = [
        "producer-trouble",
        "signature-mismatch-github",
        "source-quiet-default",
        "source-quiet-github",
    ];
    assert_eq!(firing, expected);
    assert!(rows.iter().skip(expected.len()).all(|row| row.state == State::Ok));
}
