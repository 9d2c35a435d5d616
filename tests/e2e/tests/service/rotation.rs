//! Rotation of a producer's secret: bodies signed with the old and the new one are accepted, and no others.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use tracehook_test_support::{Delivery, SECRET, Service, sign};

const BODY: &str = r#"{"a":1}"#;
const SECOND: &str = "the-second-secret";
const THIRD: &str = "the-third-secret-of-all";
const GUESS: &str = "a-guess-of-a-stranger";

fn signed_with(secret: &str) -> Delivery {
    Delivery::github("push", BODY).with("X-Hub-Signature-256", sign(secret, BODY.as_bytes()))
}

async fn status_of(service: &Service, secret: &str) -> u16 {
    service.send(&signed_with(secret)).await.unwrap().status
}

#[tokio::test]
async fn both_secrets_are_live_after_a_rotation_and_the_older_one_is_not_after_the_next() {
    let service = Service::start().await.unwrap();
    assert_eq!(status_of(&service, SECRET).await, 202);
    assert_eq!(status_of(&service, SECOND).await, 401);

    service.rotate("github", SECOND).unwrap();
    // A new process reads the secret at once.
    service.kill_function("tracehook-validator").await.unwrap();
    assert_eq!(
        [status_of(&service, SECRET).await, status_of(&service, SECOND).await],
        [202, 202]
    );

    service.rotate("github", THIRD).unwrap();
    service.kill_function("tracehook-validator").await.unwrap();
    assert_eq!(
        [
            status_of(&service, SECRET).await,
            status_of(&service, SECOND).await,
            status_of(&service, THIRD).await
        ],
        [401, 202, 202]
    );
}

#[tokio::test]
async fn a_redelivery_after_a_rotation_is_still_a_duplicate() {
    let service = Service::start().await.unwrap();
    let first = signed_with(SECRET).with("X-GitHub-Delivery", "d-1");
    let token = service.send(&first).await.unwrap().token().unwrap();
    service.rotate("github", SECOND).unwrap();
    service.kill_function("tracehook-validator").await.unwrap();
    let again = signed_with(SECOND).with("X-GitHub-Delivery", "d-1");
    let answer = service.send(&again).await.unwrap();
    assert_eq!(
        (answer.token().unwrap(), &answer.json["duplicate"]),
        (token, &json!(true))
    );
}

/// Four signed requests and as many forged ones at a time, to as many instances, until all have the new secret. In how many
/// seconds that is, the validator's tests say, on a clock of their own.
#[tokio::test]
async fn running_instances_take_a_new_secret_although_strangers_send_wrong_signatures() {
    let service = Service::start().await.unwrap();
    let statuses = async |secrets: &[&str]| join_all(secrets.iter().map(|secret| status_of(&service, secret))).await;
    let before = [SECRET, GUESS, SECRET, GUESS, SECRET, GUESS, SECRET, GUESS];
    for _ in 0..10 {
        assert_eq!(statuses(&before).await, [202, 401, 202, 401, 202, 401, 202, 401]);
    }
    let instances = service.pids_of("tracehook-validator").await.unwrap();
    assert!(instances.len() > 1, "one instance shows little");
    service.rotate("github", SECOND).unwrap();
    let after = [SECRET, GUESS, SECOND, GUESS, SECRET, GUESS, SECOND, GUESS];
    // Whoever has taken the new secret keeps it, so rounds without a refusal follow each other once all have.
    let (began, mut good_rounds) = (Instant::now(), 0);
    while good_rounds < 10 {
        assert!(began.elapsed() < Duration::from_mins(1), "the new secret is not taken");
        let answers = statuses(&after).await;
        let mut refused = 0;
        for (secret, status) in after.iter().zip(answers) {
            match (*secret, status) {
                (GUESS, 401) | (SECRET | SECOND, 202) => {}
                (SECOND, 401) => refused += 1,
                other => panic!("{other:?}"),
            }
        }
        good_rounds = if refused == 0 { good_rounds + 1 } else { 0 };
    }
    let still = service.pids_of("tracehook-validator").await.unwrap();
    assert!(
        instances.iter().all(|pid| still.contains(pid)),
        "an instance was started anew"
    );
}
