//! What one execution may do and write in all.

use serde_json::{Value, json};

use super::{T0, invoked, refusal, send, update};

fn step(id: usize, action: &str) -> Value {
    json!({ "Id": id.to_string(), "Type": "STEP", "Action": action })
}

fn retry(id: usize) -> Value {
    let mut retry = step(id, "RETRY");
    retry["StepOptions"] = json!({ "NextAttemptDelaySeconds": 1 });
    retry
}

#[test]
fn an_execution_has_three_thousand_operations_with_itself_and_its_retries() {
    let mut execution = invoked();
    let steps: Vec<Value> = (0..2997).map(|id| step(id, "START")).collect();
    send(&mut execution, &json!(steps), T0).unwrap();
    // An end is no operation of its own, a retry is one.
    update(&mut execution, &step(0, "SUCCEED"), T0);
    update(&mut execution, &retry(1), T0);
    for beyond in [
        json!([step(3000, "START"), step(3001, "START")]),
        json!([step(3000, "START"), retry(2)]),
    ] {
        assert_eq!(
            refusal(&execution, &beyond),
            "An execution has at most 3000 operations.",
            "the whole checkpoint"
        );
    }
    update(&mut execution, &step(3000, "START"), T0);
    assert_eq!(execution.core().operations, 3000);
    assert!(send(&mut execution, &json!([retry(2)]), T0).is_err());
    update(&mut execution, &step(2, "SUCCEED"), T0);
}

#[test]
fn an_execution_writes_at_most_100_megabytes() {
    const LARGEST: usize = 262_144;
    let mut execution = invoked();
    let input = execution.input().len();
    let payload = |id: usize, bytes: usize| {
        let mut step = step(id, "SUCCEED");
        step["Payload"] = json!("x".repeat(bytes));
        step
    };
    for id in 0..399 {
        update(&mut execution, &payload(id, LARGEST), T0);
        // As the host does; the events would be copied again and again.
        execution.take_changes();
    }
    let left = LARGEST - input;
    assert_eq!(
        refusal(&execution, &json!([payload(399, left + 1)])),
        "An execution writes at most 104857600 bytes."
    );
    update(&mut execution, &payload(399, left), T0);
    assert_eq!(execution.core().written_bytes, 104_857_600);
    update(&mut execution, &step(400, "SUCCEED"), T0);
    let error = json!({ "Id": "401", "Type": "STEP", "Action": "FAIL", "Error": { "ErrorType": "T" } });
    assert!(
        send(&mut execution, &json!([error]), T0).is_err(),
        "errors are written, too"
    );
}
