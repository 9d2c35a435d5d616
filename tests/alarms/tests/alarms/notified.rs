//! The notifications of one fault that makes many alarms fire.

use super::faults::{FAULTS, with};
use super::world::{BEGIN_MS, MINUTE_MS, Minute, World, deployment, files, healthy};
use tracehook_alarms::engine_of;
use tracehook_local_cloudwatch::{Notification, Severity, State};

/// The notifications of a fault of `fault_minutes` after five healthy days, until `minutes` after its begin.
fn notified(fault: &Minute, fault_minutes: i64, minutes: i64) -> Vec<Notification> {
    notified_in(World::default(), fault, fault_minutes, minutes)
}

fn notified_in(mut world: World, fault: &Minute, fault_minutes: i64, minutes: i64) -> Vec<Notification> {
    let fault_end = BEGIN_MS + fault_minutes * MINUTE_MS;
    world.add(BEGIN_MS - 5 * 24 * 60 * MINUTE_MS, BEGIN_MS, &healthy(10.0));
    world.add(BEGIN_MS, fault_end, fault);
    world.add(fault_end, i64::MAX / 2, &healthy(10.0));
    let mut engine = engine_of(&files(), &deployment()).unwrap();
    (0..=minutes)
        .flat_map(|minute| engine.tick(BEGIN_MS + minute * MINUTE_MS, &world))
        .collect()
}

fn changes(definitions: &[&str], key: &str) -> Minute {
    let mut minute = healthy(10.0);
    for (definition, changes) in FAULTS {
        if definitions.contains(definition) {
            minute = with(minute, changes, key);
        }
    }
    minute
}

fn names(notified: &[Notification]) -> Vec<(&str, Severity, State)> {
    notified
        .iter()
        .map(|notified| (notified.name.as_str(), notified.severity, notified.state))
        .collect()
}

#[test]
fn a_table_that_is_down_is_one_page_and_not_ten() {
    let mut fault = changes(
        &[
            "intake-5xx",
            "source-unavailable",
            "durable-failed",
            "function-errors",
            "completed-burn",
        ],
        "github",
    );
    fault = with(
        fault,
        &[(
            "Tracehook/hooks WebhooksRejected service=validator source=shop reason=store_unavailable",
            &[(1.0, 60.0)],
        )],
        "",
    );
    for operation in ["PutItem", "UpdateItem", "GetItem", "Query"] {
        let (_, errors) = FAULTS
            .iter()
            .find(|(definition, _)| *definition == "table-system-errors")
            .unwrap();
        fault = with(fault, errors, operation);
    }
    let notified = notified(&fault, 20, 40);
    let pages: Vec<_> = notified
        .iter()
        .filter(|notified| notified.severity == Severity::Page)
        .collect();
    assert_eq!(pages.len(), 2, "{notified:#?}");
    assert_eq!(
        (pages[0].name.as_str(), pages[0].state),
        ("service-unhealthy", State::Alarm)
    );
    assert_eq!(
        (pages[1].name.as_str(), pages[1].state),
        ("service-unhealthy", State::Ok)
    );
    let during = notified
        .iter()
        .filter(|notified| notified.at_ms <= BEGIN_MS + 20 * MINUTE_MS);
    assert_eq!(during.count(), 1, "alarms that follow are suppressed: {notified:#?}");
}

#[test]
fn a_rotated_secret_of_one_source_pages_for_that_source() {
    let notified = notified(&changes(&["source-vanished"], "github"), 30, 60);
    assert_eq!(
        names(&notified),
        [
            ("producer-trouble", Severity::Ticket, State::Alarm),
            ("source-refused-github", Severity::Page, State::Alarm),
            ("source-refused-github", Severity::Page, State::Ok),
            ("producer-trouble", Severity::Ticket, State::Ok)
        ]
    );
}

#[test]
fn a_flood_of_unsigned_requests_is_a_ticket_and_no_page() {
    let notified = notified(&changes(&["signature-missing"], "github"), 30, 60);
    assert_eq!(
        names(&notified),
        [
            ("producer-trouble", Severity::Ticket, State::Alarm),
            ("producer-trouble", Severity::Ticket, State::Ok)
        ]
    );
}

#[test]
fn a_durable_service_that_is_down_pages_that_starts_wait() {
    let mut fault = changes(&["starts-deferred"], "github");
    for name in ["Started", "Succeeded", "Duration", "Operations", "StorageWrittenBytes"] {
        let metric = format!("AWS/Lambda DurableExecution{name} FunctionName=hooks-processor");
        fault = with(fault, &[(&metric, &[])], "");
    }
    let notified = notified(&fault, 30, 60);
    assert_eq!(
        names(&notified),
        [
            ("starts-delayed", Severity::Page, State::Alarm),
            ("starts-delayed", Severity::Page, State::Ok)
        ]
    );
}

/// Executions as the engine and as the processor count them: `failed` of the webhooks of these sources fail.
fn failing(sources: &[&str], failed: f64) -> Minute {
    let mut minute = healthy(10.0);
    let share = 300.0;
    let bad = failed * share * sources.len() as f64;
    let engine = |name: &str| format!("AWS/Lambda DurableExecution{name} FunctionName=hooks-processor");
    minute = with(
        minute,
        &[
            (&engine("Failed"), &[(1.0, bad)]),
            (&engine("Succeeded"), &[(1.0, 600.0 - bad)]),
        ],
        "",
    );
    for source in sources {
        let own = |name: &str| format!("Tracehook/hooks {name} service=processor source={source}");
        minute = with(
            minute,
            &[
                (&own("WebhooksFailed"), &[(1.0, failed * share)]),
                (&own("ExecutionsCompleted"), &[(1.0, (1.0 - failed) * share)]),
            ],
            "",
        );
    }
    minute
}

#[test]
fn one_source_that_fails_is_a_ticket_that_names_it() {
    // 12 % of one of two sources: 6 % of all, which is below what pages within minutes.
    let notified = notified(&failing(&["shop"], 0.12), 30, 70);
    let names: Vec<_> = names(&notified)
        .into_iter()
        .filter(|notified| notified.2 == State::Alarm)
        .collect();
    assert_eq!(
        names,
        [
            ("webhooks-failed", Severity::Ticket, State::Alarm),
            ("source-failing-shop", Severity::Ticket, State::Alarm)
        ]
    );
}

#[test]
fn a_processor_that_fails_is_one_page_and_every_source_is_in_the_list_without_a_word() {
    let mut world = World::default();
    world.add(BEGIN_MS - 5 * 24 * 60 * MINUTE_MS, BEGIN_MS, &healthy(10.0));
    world.add(BEGIN_MS, i64::MAX / 2, &failing(&["github", "shop"], 1.0));
    let mut engine = engine_of(&files(), &deployment()).unwrap();
    let notified: Vec<_> = (0..=20)
        .flat_map(|minute| engine.tick(BEGIN_MS + minute * MINUTE_MS, &world))
        .collect();
    assert_eq!(
        names(&notified),
        [
            ("webhooks-failed", Severity::Ticket, State::Alarm),
            ("service-unhealthy", Severity::Page, State::Alarm)
        ]
    );
    for source in ["source-failing-github", "source-failing-shop"] {
        assert_eq!(engine.state(source), State::Alarm, "{source}");
    }
}

/// Each composite fires with the fault of one of its definitions, and notifies unless another one represents it.
#[test]
fn every_composite_that_tells_somebody_is_told_of_a_fault_of_its_own() {
    for (composite, fault, key) in [
        ("service-unhealthy", "intake-5xx", ""),
        ("source-refused-shop", "source-unavailable", "shop"),
        ("starts-delayed", "queue-age", "processor"),
        ("webhooks-failed", "dead-letters", ""),
        ("source-refused-shop", "secret-unusable", "shop"),
        ("producer-trouble", "body-rejected", "shop"),
        ("producer-trouble", "body-unread", "shop"),
        ("producer-trouble", "secret-missing", "shop"),
        ("producer-trouble", "signature-mismatch", "shop"),
        ("source-failing-shop", "executions-failing", "shop"),
        ("starts-delayed", "webhooks-stuck", "unstarted"),
        ("reconciler-trouble", "webhooks-stuck", "open"),
        ("reconciler-trouble", "sweep-missing", ""),
        ("reconciler-trouble", "contradictions", ""),
        ("reconciler-trouble", "dead-letters-unread", ""),
        ("reconciler-trouble", "events-failed", "status"),
        ("reconciler-trouble", "events-lost", "sweep"),
        ("function-trouble", "function-duration", "status"),
        ("traffic-unusual", "traffic-below", "shop"),
        ("table-trouble", "table-throttles", "PutItem"),
        ("limits-near", "durable-storage", ""),
        ("traces-incomplete", "telemetry-dropped", "status"),
        ("source-silent-shop", "silence", "shop"),
        ("account-concurrency", "account-concurrency", ""),
    ] {
        let minutes = match fault {
            "silence" => 140,
            "traffic-below" => 70,
            _ => 30,
        };
        let world = if fault == "traffic-below" {
            World::default().expecting(2250.0)
        } else {
            World::default()
        };
        let notified = notified_in(world, &changes(&[fault], key), minutes, minutes + 40);
        let notified: Vec<_> = notified
            .iter()
            .map(|notified| (notified.name.as_str(), notified.state))
            .collect();
        assert_eq!(notified, [(composite, State::Alarm), (composite, State::Ok)], "{fault}");
    }
}
