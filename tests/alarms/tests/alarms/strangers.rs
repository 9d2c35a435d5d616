//! Drills: what somebody without the secret sends neither raises a page nor hides nor holds one back. Each has its control: the
//! page still comes for the fault itself.

use super::faults::with;
use super::world::{BEGIN_MS, MINUTE_MS, Minute, World, deployment, files, healthy};
use tracehook_alarms::engine_of;
use tracehook_local_cloudwatch::{Notification, Severity, State};

type Change<'a> = (&'a str, &'a [(f64, f64)]);

const VERIFIED: &str = "Tracehook/hooks WebhooksVerified service=validator source=github";
const RECEIVED: &str = "Tracehook/hooks WebhooksReceived service=validator source=github";
const MISMATCH: &str = "Tracehook/hooks WebhooksRejected service=validator source=github reason=signature_mismatch";
const MISSING: &str = "Tracehook/hooks WebhooksRejected service=validator source=github reason=signature_missing";
const TOO_LARGE: &str = "Tracehook/hooks WebhooksRejected service=validator source=github reason=payload_too_large";
const SECRET_MISSING: &str = "Tracehook/hooks WebhooksRejected service=validator source=github reason=secret_missing";
const UNAVAILABLE: &str = "Tracehook/hooks RequestsUnavailable service=validator";
const FAILED: &str = "Tracehook/hooks RequestsFailed service=validator";
const ANSWER_TIME: &str = "Tracehook/hooks AnswerTime service=validator";
const GATEWAY_COUNT: &str = "AWS/ApiGateway Count ApiName=hooks Stage=v1 Method=POST Resource=/webhook/{source}";
const GATEWAY_5XX: &str = "AWS/ApiGateway 5XXError ApiName=hooks Stage=v1 Method=POST Resource=/webhook/{source}";
const GATEWAY_LATENCY: &str = "AWS/ApiGateway Latency ApiName=hooks Stage=v1 Method=POST Resource=/webhook/{source}";

/// A minute of both sources with so many webhooks per second, and changes.
fn minute(per_second: f64, changes: &[Change<'_>]) -> Minute {
    with(healthy(per_second), changes, "")
}

/// The notifications of an hour that follows on five days of `before`, and the states of alarms at its end.
fn notified(before: &Minute, hour: &Minute, minutes: i64) -> Vec<Notification> {
    let mut world = World::default();
    world.add(BEGIN_MS - 5 * 24 * 60 * MINUTE_MS, BEGIN_MS, before);
    world.add(BEGIN_MS, i64::MAX / 2, hour);
    let mut engine = engine_of(&files(), &deployment()).unwrap();
    // The deployment is known for as long as the longest of its windows that matters here.
    for minute in -180..0 {
        engine.tick(BEGIN_MS + minute * MINUTE_MS, &world);
    }
    (0..=minutes)
        .flat_map(|minute| engine.tick(BEGIN_MS + minute * MINUTE_MS, &world))
        .collect()
}

/// The names of the pages.
fn pages(notified: &[Notification]) -> Vec<&str> {
    notified
        .iter()
        .filter(|notified| notified.severity == Severity::Page && notified.state == State::Alarm)
        .map(|notified| notified.name.as_str())
        .collect()
}

/// One webhook a minute for each source.
const SLOW: f64 = 2.0 / 60.0;
/// Six webhooks a minute for each source.
const USUAL: f64 = 12.0 / 60.0;

#[test]
fn w1_slow_unsigned_requests_make_nothing_unhealthy_and_slow_answers_to_producers_do() {
    // Twelve requests a minute whose second byte comes after 1.2 s, as the gateway measures them.
    let noise = [
        (GATEWAY_LATENCY, &[(40.0, 12.0), (1300.0, 12.0)][..]),
        (GATEWAY_COUNT, &[(1.0, 24.0)]),
        (MISSING, &[(1.0, 12.0)]),
    ];
    let before = minute(USUAL, &[]);
    assert_eq!(pages(&notified(&before, &minute(USUAL, &noise), 60)), [""; 0]);
    let slow = [(ANSWER_TIME, &[(1300.0, 12.0)][..])];
    assert_eq!(
        pages(&notified(&before, &minute(USUAL, &slow), 60)),
        ["service-unhealthy"]
    );
    // The noise does not dilute it either.
    let both = minute(USUAL, &[&noise[..], &slow[..]].concat());
    assert_eq!(pages(&notified(&before, &both, 60)), ["service-unhealthy"]);
}

#[test]
fn w2_forged_requests_beside_the_producers_page_nobody_at_any_number() {
    for (per_second, forged) in [(SLOW, 2.0), (SLOW, 200.0), (USUAL, 60_000.0), (0.0, 2.0), (0.0, 600.0)] {
        for reason in [MISMATCH, MISSING, TOO_LARGE] {
            let noise = [(reason, &[(1.0, forged)][..]), (RECEIVED, &[(1.0, forged + 1.0)])];
            let noise = minute(per_second, &noise);
            let before = minute(per_second, &[]);
            let silent_anyway: &[&str] = if per_second == 0.0 {
                &["source-silent-shop"]
            } else {
                &[]
            };
            let pages = pages(&notified(&before, &noise, 60))
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>();
            assert!(
                pages.iter().all(|page| silent_anyway.contains(&&**page)),
                "{forged} {reason}: {pages:?}"
            );
        }
    }
}

#[test]
fn w3_a_producer_that_is_refused_altogether_pages_whatever_is_sent_beside_it() {
    for before in [SLOW, USUAL, 10.0] {
        let webhooks = before * 30.0;
        for refused in [MISMATCH, MISSING, TOO_LARGE, SECRET_MISSING] {
            for (unsigned, forged) in [(0.0, 0.0), (8.0, 0.0), (8.0, 8.0), (60_000.0, 60_000.0)] {
                let mut hour = minute(before, &[(VERIFIED, &[])]);
                let mut counts = [
                    (MISMATCH, forged),
                    (MISSING, unsigned),
                    (TOO_LARGE, 0.0),
                    (SECRET_MISSING, 0.0),
                ];
                for (reason, count) in &mut counts {
                    *count += if *reason == refused { webhooks } else { 0.0 };
                    hour = with(hour, &[(reason, &[(1.0, *count)])], "");
                }
                let notified = notified(&minute(before, &[]), &hour, 20);
                assert_eq!(
                    pages(&notified),
                    ["source-refused-github"],
                    "{before} {refused} {unsigned} {forged}"
                );
            }
        }
    }
}

#[test]
fn w4_large_bodies_of_strangers_are_told_as_what_they_are() {
    let texts = files().metric;
    let why = |name: &str| texts[name].text["why"].to_string();
    assert!(why("body-rejected").contains("has the secret"));
    assert!(why("body-unread").contains("Nobody can say who sent them"));
    let before = minute(SLOW, &[]);
    let state = |hour: &Minute| {
        let mut world = World::default();
        world.add(BEGIN_MS - 24 * 60 * MINUTE_MS, BEGIN_MS, &before);
        world.add(BEGIN_MS, i64::MAX / 2, hour);
        let mut engine = engine_of(&files(), &deployment()).unwrap();
        for minute in 0..60 {
            engine.tick(BEGIN_MS + minute * MINUTE_MS, &world);
        }
        ["body-rejected-github", "body-unread-github"].map(|name| engine.state(name))
    };
    let large = minute(SLOW, &[(TOO_LARGE, &[(1.0, 2.0)])]);
    assert_eq!(state(&large), [State::Ok, State::Alarm]);
    let not_json = MISMATCH.replace("signature_mismatch", "body_not_json");
    let signed = minute(10.0, &[(&not_json, &[(1.0, 100.0)])]);
    assert_eq!(state(&signed), [State::Alarm, State::Ok]);
}

#[test]
fn one_unsigned_request_for_each_window_is_no_sign_of_life() {
    let gone = "Tracehook/hooks WebhooksVerified service=validator source=shop";
    let received = gone.replace("Verified", "Received");
    let missing = MISSING.replace("github", "shop");
    let noise = [(gone, &[][..]), (&received, &[(1.0, 2.0)]), (&missing, &[(1.0, 2.0)])];
    let silent = notified(&minute(SLOW, &[]), &minute(SLOW, &noise), 150);
    assert!(pages(&silent).contains(&"source-silent-shop"), "{silent:?}");
    let alive = notified(&minute(SLOW, &[]), &minute(SLOW, &noise[1..]), 150);
    assert_eq!(pages(&alive), [""; 0]);
}

#[test]
fn a_flood_that_is_answered_401_hides_no_outage() {
    // Half of the webhooks cannot be stored, and the gateway counts a flood beside them.
    let store = MISMATCH.replace("signature_mismatch", "store_unavailable");
    let outage = [
        (&*store, &[(1.0, 3.0)][..]),
        (FAILED, &[(1.0, 6.0)]),
        (UNAVAILABLE, &[(1.0, 6.0)]),
        (GATEWAY_5XX, &[(1.0, 6.0)]),
    ];
    let flood = [
        (GATEWAY_COUNT, &[(1.0, 12_000.0)][..]),
        (RECEIVED, &[(1.0, 12_000.0)]),
        (MISMATCH, &[(1.0, 12_000.0)]),
    ];
    let before = minute(USUAL, &[]);
    for hour in [
        minute(USUAL, &outage),
        minute(USUAL, &[&outage[..], &flood[..]].concat()),
    ] {
        assert_eq!(pages(&notified(&before, &hour, 30)), ["service-unhealthy"]);
    }
    // A function that crashes is no answer of its own.
    let crashes = [(GATEWAY_5XX, &[(1.0, 6.0)][..]), (GATEWAY_COUNT, &[(1.0, 12_000.0)])];
    assert_eq!(
        pages(&notified(&before, &minute(USUAL, &crashes), 30)),
        ["service-unhealthy"]
    );
    assert_eq!(pages(&notified(&before, &minute(USUAL, &flood), 60)), [""; 0]);
}

#[test]
fn strangers_who_get_503_of_a_source_that_is_not_ready_page_nobody() {
    // `github` has no secret yet: whoever sends to it gets 503, a thousand times a minute.
    let noise = [
        (VERIFIED, &[][..]),
        (SECRET_MISSING, &[(1.0, 1000.0)]),
        (UNAVAILABLE, &[(1.0, 1000.0)]),
        (GATEWAY_5XX, &[(1.0, 1000.0), (0.0, 12.0)]),
        (GATEWAY_COUNT, &[(1.0, 1012.0)]),
    ];
    let before = minute(USUAL, &[(VERIFIED, &[])]);
    let notified = notified(&before, &minute(USUAL, &noise), 60);
    assert_eq!(pages(&notified), [""; 0], "{notified:?}");
    let tickets: Vec<_> = notified.iter().map(|notified| notified.name.as_str()).collect();
    assert_eq!(tickets, ["producer-trouble"]);
}
