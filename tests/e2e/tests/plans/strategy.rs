//! The strategy that draws a case.
//!
//! A call fails a few times and then works: no execution meets five failed invocations in a row, which would end it
//! rightly as failed. So each webhook has one right end, and every other one is a false one.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use serde_json::{Value, json};

/// Some webhooks, and the faults meanwhile.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub webhooks: Vec<Webhook>,
    pub rules: Vec<Value>,
}

/// What its handler does, and how it is sent once more after its end, if it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Webhook {
    pub script: Script,
    pub again: Option<Again>,
}

/// A delivery under an id that was received before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// The same, long after the attempt began.
    Same,
    /// Another body.
    Changed,
    /// The same, after the record has expired and before the table has deleted it.
    Expired,
    /// The same, after the table has deleted the record.
    Deleted,
}

/// The script of the handler.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Script {
    Succeed,
    FailOnce,
    Refuse,
}

impl Script {
    pub(crate) const fn body(self) -> &'static str {
        match self {
            Self::Succeed => "{}",
            Self::FailOnce => r#"{"script":{"failures":1}}"#,
            Self::Refuse => r#"{"script":{"then":"permanent"}}"#,
        }
    }

    /// The only right end: the status of the record and the state of the execution.
    pub(crate) const fn end(self) -> (&'static str, &'static str) {
        match self {
            Self::Succeed | Self::FailOnce => ("completed", "SUCCEEDED"),
            Self::Refuse => ("failed", "FAILED"),
        }
    }
}

pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let script = prop_oneof![Just(Script::Succeed), Just(Script::FailOnce), Just(Script::Refuse)];
    let again = prop_oneof![
        Just(None),
        Just(Some(Again::Same)),
        Just(Some(Again::Changed)),
        Just(Some(Again::Expired)),
        Just(Some(Again::Deleted)),
    ];
    let webhook = (script, again).prop_map(|(script, again)| Webhook { script, again });
    (vec(webhook, 1..4), vec(rule(), 1..5)).prop_map(|(webhooks, rules)| Case { webhooks, rules })
}

fn rule() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => call(),
        1 => stale_token(),
        2 => event(),
        1 => (1_u64..1500).prop_map(|time| json!({"operation": "durable", "duration_ms": time, "effect": {"stop": true}})),
        // A try that is due by a fast clock waits as long once the clock is right again, so the skew stays below `PATIENCE`.
        1 => (-15_000_i64..15_000).prop_map(|skew| json!({"operation": "clock", "effect": {"skew_ms": skew}})),
    ]
}

fn call() -> impl Strategy<Value = Value> {
    let operation = prop_oneof![
        Just("*"),
        Just("dynamodb:*"),
        Just("dynamodb:PutItem"),
        Just("dynamodb:UpdateItem"),
        Just("dynamodb:Query"),
        Just("dynamodb:GetItem"),
        Just("lambda:*"),
        Just("lambda:Invoke"),
        Just("lambda:CheckpointDurableExecution"),
        Just("secretsmanager:GetSecretValue"),
    ];
    let effect = prop_oneof![
        (1_u64..4).prop_map(|count| (json!({"status": 500, "code": "InternalServerError"}), count)),
        (1_u64..4).prop_map(|count| (json!({"throttle": true}), count)),
        (1_u64..4).prop_map(|count| (json!({"drop": true}), count)),
        (1_u64..4).prop_map(|count| (json!({"delay_ms": 50}), count)),
        Just((json!({"hang": true}), 1)),
        Just((json!({"kill": true}), 1)),
    ];
    let phase = any::<bool>().prop_map(|after| if after { "after" } else { "before" });
    (operation, effect, phase, 0_u64..6).prop_map(|(operation, (effect, count), phase, skip)| {
        json!({"operation": operation, "phase": phase, "skip": skip, "count": count, "effect": effect})
    })
}

/// The durable service takes the token of a checkpoint for stale, or answers without the next one.
fn stale_token() -> impl Strategy<Value = Value> {
    let refused =
        json!({"status": 400, "code": "InvalidParameterValueException", "message": "Invalid checkpoint token"});
    let answer = prop_oneof![
        Just(("before", refused)),
        Just(("after", json!({"without": "CheckpointToken"}))),
    ];
    (answer, 0_u64..4).prop_map(|((phase, effect), skip)| {
        json!({"operation": "lambda:CheckpointDurableExecution", "phase": phase, "skip": skip, "count": 1, "effect": effect})
    })
}

fn event() -> impl Strategy<Value = Value> {
    let operation = prop_oneof![Just("event:*"), Just("event:Invoke"), Just("event:StatusChange")];
    let effect = prop_oneof![
        Just(json!({"drop": true})),
        Just(json!({"duplicate": true})),
        Just(json!({"reorder": true})),
        Just(json!({"delay_ms": 200})),
    ];
    (operation, effect, 1_u64..4)
        .prop_map(|(operation, effect, count)| json!({"operation": operation, "count": count, "effect": effect}))
}
