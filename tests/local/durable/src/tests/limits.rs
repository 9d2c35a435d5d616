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
fn ids_and_kinds_are_words_and_names_are_printable_ascii() {
    let word = |limit| "aZ0-_".repeat(limit).chars().take(limit).collect::<String>();
    for (key, limit) in [("Id", 64), ("SubType", 32)] {
        assert!(accepted(&step("START", key, &json!(word(limit)))), "{key}");
        for wrong in [word(limit + 1), String::new(), "a b".into(), "a.b".into(), "é".into()] {
            assert!(!accepted(&step("START", key, &json!(wrong))), "{key} {wrong:?}");
        }
    }
    let name = |name: String| accepted(&step("START", "Name", &json!(name)));
    let printable: String = (' '..='~').collect();
    assert!(name(printable) && name("x".repeat(256)));
    for wrong in [
        "x".repeat(257),
        String::new(),
        "ü".into(),
        "a\nb".into(),
        "\u{7f}".into(),
    ] {
        assert!(!name(wrong.clone()), "{wrong:?}");
    }
    assert!(
        !accepted(&json!({ "Type": "STEP", "Action": "START" })),
        "an update without an id"
    );
    assert!(!accepted(&step("START", "ParentId", &json!("a b"))));
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
fn a_result_is_at_most_256_kilobytes() {
    for kind in ["STEP", "CONTEXT"] {
        let result =
            |length: usize| json!({ "Id": "a", "Type": kind, "Action": "SUCCEED", "Payload": "x".repeat(length) });
        assert!(accepted(&result(262_144)), "{kind}");
        assert!(!accepted(&result(262_145)), "{kind}");
    }
    let mut state = step("RETRY", "Payload", &json!("x".repeat(262_145)));
    state["StepOptions"] = json!({ "NextAttemptDelaySeconds": 1 });
    assert!(!accepted(&state), "the state of a step that waits for a condition");
    // Bytes, not characters.
    assert!(!accepted(&step("SUCCEED", "Payload", &json!("é".repeat(131_073)))));
}
