//! Rotation of a producer's secret: bodies signed with the old and the new one are accepted, and no others.

use serde_json::{Value, json};
use tracehook_test_support::{Delivery, SECRET, Service, sign};

const BODY: &str = r#"{"a":1}"#;

fn signed_with(secret: &str) -> Delivery {
    Delivery::github("push", BODY).with("X-Hub-Signature-256", sign(secret, BODY.as_bytes()))
}

/// Makes `secret` the current one, as `aws secretsmanager put-secret-value` does: the current one becomes previous.
fn rotate(service: &Service, secret: &str) {
    let path = service.path("state/secrets.json");
    let mut file: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let mut current = file["AWSCURRENT"].clone();
    current["sources"]["github"] = json!(secret);
    file["AWSPREVIOUS"] = std::mem::replace(&mut file["AWSCURRENT"], current);
    std::fs::write(&path, file.to_string()).unwrap();
}

async fn status_of(service: &Service, secret: &str) -> u16 {
    service.send(&signed_with(secret)).await.unwrap().status
}

#[tokio::test]
async fn both_secrets_are_live_after_a_rotation_and_the_older_one_is_not_after_the_next() {
    let service = Service::start().await.unwrap();
    assert_eq!(status_of(&service, SECRET).await, 202);
    assert_eq!(status_of(&service, "second").await, 401);

    rotate(&service, "second");
    // A new process reads the secret; a running one reads it again after a failed verification, at most every 30 s.
    service.kill_function("tracehook-validator").await.unwrap();
    assert_eq!(
        [status_of(&service, SECRET).await, status_of(&service, "second").await],
        [202, 202]
    );

    rotate(&service, "third");
    service.kill_function("tracehook-validator").await.unwrap();
    assert_eq!(
        [
            status_of(&service, SECRET).await,
            status_of(&service, "second").await,
            status_of(&service, "third").await
        ],
        [401, 202, 202]
    );
}

#[tokio::test]
async fn a_redelivery_after_a_rotation_is_still_a_duplicate() {
    let service = Service::start().await.unwrap();
    let first = signed_with(SECRET).with("X-GitHub-Delivery", "d-1");
    let token = service.send(&first).await.unwrap().token().unwrap();
    rotate(&service, "second");
    service.kill_function("tracehook-validator").await.unwrap();
    let again = signed_with("second").with("X-GitHub-Delivery", "d-1");
    let answer = service.send(&again).await.unwrap();
    assert_eq!(
        (answer.token().unwrap(), &answer.json["duplicate"]),
        (token, &json!(true))
    );
}
