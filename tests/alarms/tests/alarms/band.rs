//! A source with fewer webhooks than usual. What is usual comes from `CloudWatch`'s anomaly detection, and here from the test.

use super::faults::with;
use super::world::{BEGIN_MS, MINUTE_MS, Minute, World, deployment, files, healthy};
use tracehook_alarms::engine_of;
use tracehook_local_cloudwatch::{Severity, State};

const HOUR_MS: i64 = 60 * MINUTE_MS;
const QUARTER_MS: i64 = 15 * MINUTE_MS;

/// By day both sources send 300 a minute, by night nothing.
fn is_night(at_ms: i64) -> bool {
    at_ms.rem_euclid(24 * HOUR_MS) / HOUR_MS < 8
}

/// Half of a quarter of an hour by day. What overlaps with the night is not judged: a band is wide where the traffic changes.
fn lower(from_ms: i64, to_ms: i64) -> f64 {
    let is_day = !is_night(from_ms) && !is_night(to_ms);
    if is_day { 2250.0 } else { 0.0 }
}

fn silent(source: &str) -> Minute {
    let verified = format!("Tracehook/hooks WebhooksVerified service=validator source={source}");
    with(healthy(10.0), &[(&verified, &[])], "")
}

/// A night and a day that end at midnight, and then these hours.
fn told(hours: &[(i64, &Minute)], mut world: World) -> Vec<(String, Severity, State, i64)> {
    let midnight = BEGIN_MS - BEGIN_MS.rem_euclid(24 * HOUR_MS);
    let mut at_ms = midnight - 24 * HOUR_MS;
    let mut add = |hours: i64, minute: &Minute| {
        world.add(at_ms, at_ms + hours * HOUR_MS, minute);
        at_ms += hours * HOUR_MS;
    };
    add(8, &healthy(0.0));
    add(16, &healthy(10.0));
    for (length, minute) in hours {
        add(*length, minute);
    }
    let mut deployment = deployment();
    deployment.silent_sources.clear();
    let mut engine = engine_of(&files(), &deployment).unwrap();
    let minutes = (at_ms - midnight) / MINUTE_MS;
    (0..=minutes)
        .step_by(5)
        .flat_map(|minute| engine.tick(midnight + minute * MINUTE_MS, &world))
        .map(|told| {
            (
                told.name,
                told.severity,
                told.state,
                (told.at_ms - midnight) / MINUTE_MS,
            )
        })
        .collect()
}

fn days() -> World {
    World::default().expecting_by(|from_ms, to_ms| Some(lower(from_ms, to_ms)))
}

#[test]
fn an_unusual_silence_of_one_source_is_a_ticket() {
    // From noon to three.
    let told = told(
        &[
            (8, &healthy(0.0)),
            (4, &healthy(10.0)),
            (3, &silent("shop")),
            (3, &healthy(10.0)),
        ],
        days(),
    );
    let names: Vec<_> = told
        .iter()
        .map(|(name, severity, state, _)| (name.as_str(), *severity, *state))
        .collect();
    let ticket = Severity::Ticket;
    assert_eq!(
        names,
        [
            ("traffic-unusual", ticket, State::Alarm),
            ("traffic-unusual", ticket, State::Ok)
        ]
    );
    let minutes = told[0].3 - 12 * 60;
    assert!((45..=75).contains(&minutes), "{minutes} minutes after noon");
}

#[test]
fn a_normal_night_is_told_to_nobody() {
    let day = (16, &healthy(10.0));
    let night = (8, &healthy(0.0));
    assert_eq!(told(&[night, day, night], days()), []);
}

#[test]
fn a_pause_that_is_shorter_than_an_hour_is_told_to_nobody() {
    let mut world = days();
    let noon = BEGIN_MS - BEGIN_MS.rem_euclid(24 * HOUR_MS) + 12 * HOUR_MS;
    // Three quarters of an hour beside whole ones.
    world.add(noon, noon + QUARTER_MS, &healthy(10.0));
    let hours = [
        (8, &healthy(0.0)),
        (4, &healthy(10.0)),
        (1, &silent("shop")),
        (3, &healthy(10.0)),
    ];
    assert_eq!(told(&hours, world), []);
}

#[test]
fn what_is_usual_is_not_known_at_first_and_tells_nobody() {
    let hours = [(8, &healthy(0.0)), (4, &healthy(10.0)), (6, &silent("shop"))];
    assert_eq!(told(&hours, World::default()), []);
    assert_eq!(told(&hours, World::default().expecting_by(|_, _| None)), []);
    assert_eq!(told(&hours, days()).len(), 1);
}
