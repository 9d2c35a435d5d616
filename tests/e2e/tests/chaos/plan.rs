//! All faults at 1 to 5 %.

use serde_json::{Value, json};

use crate::chance::Chance;

/// Each fault with its operation and phase. A call that hangs costs its caller two seconds and a killed one its process,
/// so these are at 1 %.
const FAULTS: [(&str, &str, &str, bool); 16] = [
    (
        "*",
        "before",
        r#"{"status": 500, "code": "InternalServerError"}"#,
        false,
    ),
    ("*", "before", r#"{"throttle": true}"#, false),
    ("*", "before", r#"{"drop": true}"#, false),
    ("*", "after", r#"{"drop": true}"#, false),
    ("*", "after", r#"{"status": 503, "code": "ServiceUnavailable"}"#, false),
    ("*", "before", r#"{"delay_ms": 100}"#, false),
    ("*", "before", r#"{"hang": true}"#, true),
    ("lambda:*", "after", r#"{"hang": true}"#, true),
    ("lambda:CheckpointDurableExecution", "before", r#"{"kill": true}"#, true),
    ("lambda:CheckpointDurableExecution", "after", r#"{"kill": true}"#, true),
    (
        "lambda:CheckpointDurableExecution",
        "before",
        r#"{"status": 400, "code": "InvalidParameterValueException", "message": "Invalid checkpoint token"}"#,
        true,
    ),
    (
        "lambda:CheckpointDurableExecution",
        "after",
        r#"{"without": "CheckpointToken"}"#,
        true,
    ),
    ("dynamodb:*", "after", r#"{"kill": true}"#, true),
    ("s3:*", "after", r#"{"kill": true}"#, true),
    ("event:*", "before", r#"{"drop": true}"#, false),
    ("event:*", "before", r#"{"duplicate": true}"#, false),
];

/// The plan of a seed.
pub(crate) fn of(seed: u64) -> Value {
    let mut chance = Chance::new(seed);
    let mut rules = Vec::new();
    for (operation, phase, effect, is_dear) in FAULTS {
        let percent = if is_dear { 1 } else { 1 + chance.below(5) };
        let effect: Value = serde_json::from_str(effect).unwrap();
        let ratio = f64::from(u32::try_from(percent).unwrap()) / 100.0;
        rules.push(json!({"operation": operation, "phase": phase, "ratio": ratio, "effect": effect}));
    }
    for effect in [json!({"delay_ms": 500}), json!({"reorder": true})] {
        let ratio = f64::from(u32::try_from(1 + chance.below(5)).unwrap()) / 100.0;
        rules.push(json!({"operation": "event:*", "ratio": ratio, "effect": effect}));
    }
    // At every start of the service, and a clock that is up to half a minute wrong.
    rules.push(json!({"operation": "durable", "duration_ms": 1500, "effect": {"stop": true}}));
    let skew_ms = i64::try_from(chance.below(60_000)).unwrap() - 30_000;
    rules.push(json!({"operation": "clock", "effect": {"skew_ms": skew_ms}}));
    json!({"seed": seed, "rules": rules})
}
