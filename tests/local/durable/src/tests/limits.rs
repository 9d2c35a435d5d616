//! Lengths, sizes and ranges.

use serde_json::{Value, json};

use super::{T0, invoked, send};

fn accepted(update: &Value) -> bool {
    send(&mut invoked(), &json!([update]), T0).is_ok()
}

fn step(action: &str, key: &str, value: &Value) -> Value {
    let mut update = json!({ "Id": "a", "Type": "STEP", "Action": action });
    update[key] = value.clone();
    update
}

#[test]
fn texts_may_be_as_long_as_the_model_says() {
    for (key, limit) in [("Id", 64), ("Name", 256), ("SubType", 32)] {
        // Characters, not bytes.
        assert!(accepted(&step("START", key, &json!("é".repeat(limit)))), "{key}");
        assert!(!accepted(&step("START", key, &json!("x".repeat(limit + 1)))), "{key}");
    }
    assert!(!accepted(&step("START", "Id", &json!(""))));
    assert!(
        !accepted(&json!({ "Type": "STEP", "Action": "START" })),
        "an update without an id"
    );
}

#[test]
fn delays_are_one_second_to_a_year() {
    for (seconds, ok) in [
        (0, false),
        (1, true),
        (31_622_400, true),
        (31_622_401, false),
        (-1, false),
    ] {
        let wait = json!({ "Id": "a", "Type": "WAIT", "Action": "START", "WaitOptions": { "WaitSeconds": seconds } });
        assert_eq!(accepted(&wait), ok, "wait {seconds}");
        let retry = step("RETRY", "StepOptions", &json!({ "NextAttemptDelaySeconds": seconds }));
        assert_eq!(accepted(&retry), ok, "retry {seconds}");
    }
}

#[test]
fn delays_are_required() {
    for options in [json!(null), json!({})] {
        let wait = json!({ "Id": "a", "Type": "WAIT", "Action": "START", "WaitOptions": options });
        assert!(!accepted(&wait), "{options}");
        assert!(!accepted(&step("RETRY", "StepOptions", &options)), "{options}");
    }
}

#[test]
fn an_error_is_at_most_32_768_bytes_of_json() {
    let frame = json!({ "ErrorMessage": "" }).to_string().len();
    let error = |length: usize| json!({ "ErrorMessage": "x".repeat(length - frame) });
    assert!(accepted(&step("FAIL", "Error", &error(32_768))));
    assert!(!accepted(&step("FAIL", "Error", &error(32_769))));
}

#[test]
fn a_payload_is_at_most_six_mebibytes() {
    let limit = 6 * 1024 * 1024;
    assert!(accepted(&step("SUCCEED", "Payload", &json!("x".repeat(limit)))));
    assert!(!accepted(&step("SUCCEED", "Payload", &json!("x".repeat(limit + 1)))));
}
