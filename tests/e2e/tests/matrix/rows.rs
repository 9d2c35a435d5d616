//! The calls, the scenes in which they are made, and the faults.

use serde_json::{Value, json};
use tracehook_core::record::StepName;

/// Bytes that make a body large: above 32 KiB.
const LARGE: usize = 40_000;

/// Tries of one call by the SDKs.
const TRIES: u64 = 3;

/// A call of a function.
pub(crate) struct Row {
    pub function: &'static str,
    /// The IAM action.
    pub call: &'static str,
    /// Tells equal calls apart; empty where there is one.
    pub which: &'static str,
    /// Equal calls before it in the scene; [`rows`] counts them.
    pub skip: u64,
    pub scene: Scene,
}

/// The situation in which a call is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scene {
    /// A producer delivers.
    Receive,
    /// A producer delivers a large body.
    ReceiveLarge,
    /// The execution runs.
    Process,
    /// The execution of a large payload runs.
    ProcessLarge,
    /// A reader asks.
    Ask,
    /// The sweep finds a webhook without an execution.
    SweepStart,
    /// The sweep finds a webhook whose start was repeated, accepted and lost by the service.
    SweepAsk,
    /// The sweep finds a webhook whose execution timed out without an event.
    SweepCompare,
    /// The engine's event reports an execution that timed out.
    Event,
    /// The dead-letter queue has the start of an execution that timed out.
    DeadLetter,
    /// An operator redrives a webhook that failed, and that fails again.
    Redrive,
    /// The producer sends a webhook again that failed, and that fails again.
    Redeliver,
    /// The same with a large payload that would soon expire.
    RedriveLate,
}

impl Scene {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Receive => "receive",
            Self::ReceiveLarge => "receive, large body",
            Self::Process => "process",
            Self::ProcessLarge => "process, large payload",
            Self::Ask => "ask",
            Self::SweepStart => "sweep: not started",
            Self::SweepAsk => "sweep: start lost",
            Self::SweepCompare => "sweep: timed out",
            Self::Event => "event: timed out",
            Self::DeadLetter => "dead letter: timed out",
            Self::Redrive => "redrive",
            Self::Redeliver => "redeliver",
            Self::RedriveLate => "redrive near expiry",
        }
    }

    /// The script of the handler.
    pub(crate) fn body(self) -> String {
        let script = match self {
            Self::SweepCompare | Self::Event | Self::DeadLetter => r#""hang_ms":8000"#,
            Self::Redrive | Self::RedriveLate | Self::Redeliver => r#""then":"permanent""#,
            _ => "",
        };
        let filler = "x".repeat(if self.is_large() { LARGE } else { 0 });
        format!(r#"{{"script":{{{script}}},"filler":"{filler}"}}"#)
    }

    /// Whether the payload is an object.
    const fn is_large(self) -> bool {
        matches!(self, Self::ReceiveLarge | Self::ProcessLarge | Self::RedriveLate)
    }

    /// Whether an operator redrives.
    pub(crate) const fn is_redrive(self) -> bool {
        matches!(self, Self::Redrive | Self::RedriveLate)
    }

    /// The only right end.
    pub(crate) const fn end(self) -> &'static str {
        match self {
            Self::SweepCompare | Self::Event | Self::DeadLetter => "timed_out",
            Self::Redrive | Self::RedriveLate | Self::Redeliver => "failed",
            _ => "completed",
        }
    }

    /// Ages of a second, delays of a moment; nothing invokes the reconciler but the scene.
    pub(crate) fn config(self) -> String {
        // The handler has begun by then, on a loaded machine too, and is still at work.
        let timeout_seconds = if self.end() == "timed_out" { 5 } else { 3600 };
        let (events, dead_letters) = (self == Self::Event, self == Self::DeadLetter);
        // An execution may take longer by now than when the payload was stored.
        let (retention_days, redriven_seconds) = if self == Self::RedriveLate {
            (2, 172_800)
        } else {
            (7, timeout_seconds)
        };
        format!(
            "[functions.validator.environment]\nRETENTION_DAYS = \"{retention_days}\"\n\
             [functions.reconciler.environment]\nRECEIVED_AGE_SECONDS = \"1\"\nSTARTED_AGE_SECONDS = \"1\"\n\
             EXECUTION_TIMEOUT_SECONDS = \"{redriven_seconds}\"\nENGINE_CALLS_PER_SECOND = \"30\"\n[durable]\nfailure_delay_ms = 50\n\
             execution_timeout_seconds = {timeout_seconds}\n[asynchronous]\nretry_delay_ms = 50\n[triggers]\n\
             sweep_seconds = 0\nstatus_events = {events}\ndead_letters = {dead_letters}\ndead_letter_delay_ms = 50\n"
        )
    }
}

fn row(function: &'static str, call: &'static str, scene: Scene) -> Row {
    Row {
        function,
        call,
        which: "",
        skip: 0,
        scene,
    }
}

impl Row {
    fn which(self, which: &'static str) -> Self {
        Self { which, ..self }
    }

    /// The ways in which its call fails.
    pub(crate) fn faults(&self) -> &'static [Fault] {
        if self.call == "lambda:CheckpointDurableExecution" {
            &CHECKPOINT_FAULTS
        } else {
            &FAULTS
        }
    }

    fn is_call_of(&self, other: &Self) -> bool {
        (self.function, self.call, self.scene) == (other.function, other.call, other.scene)
    }
}

/// Every row, in the order of the table. Equal calls of one function in one scene stand in the order in which it makes
/// them. The processor makes one write of the record and one checkpoint per step.
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = vec![
        row("validator", "secretsmanager:GetSecretValue", Scene::Receive).which("current"),
        row("validator", "dynamodb:GetItem", Scene::Receive).which("configuration"),
        row("validator", "dynamodb:GetItem", Scene::Receive).which("state"),
        row("validator", "dynamodb:PutItem", Scene::Receive).which("payload"),
        row("validator", "dynamodb:PutItem", Scene::Receive).which("state"),
        row("validator", "lambda:Invoke", Scene::Receive),
        row("validator", "s3:PutObject", Scene::ReceiveLarge),
        row("validator", "dynamodb:PutItem", Scene::ReceiveLarge).which("payload"),
        row("validator", "dynamodb:PutItem", Scene::ReceiveLarge).which("state"),
        row("processor", "dynamodb:Query", Scene::Process),
        row("processor", "s3:GetObject", Scene::ProcessLarge),
    ];
    let write = |step: StepName| row("processor", "dynamodb:UpdateItem", Scene::Process).which(step.status().as_str());
    rows.extend(StepName::ALL.map(write));
    let checkpoint =
        |step: StepName| row("processor", "lambda:CheckpointDurableExecution", Scene::Process).which(step.as_str());
    rows.extend(StepName::ALL.map(checkpoint));
    rows.extend([
        row("status", "dynamodb:GetItem", Scene::Ask),
        row("reconciler", "dynamodb:GetItem", Scene::SweepStart).which("place"),
        row("reconciler", "dynamodb:Query", Scene::SweepStart),
        row("reconciler", "dynamodb:GetItem", Scene::SweepStart).which("state"),
        row("reconciler", "lambda:Invoke", Scene::SweepStart),
        row("reconciler", "dynamodb:UpdateItem", Scene::SweepStart),
        row("reconciler", "lambda:ListDurableExecutionsByFunction", Scene::SweepAsk),
        row("reconciler", "lambda:Invoke", Scene::SweepAsk),
        row("reconciler", "lambda:GetDurableExecution", Scene::SweepCompare),
        row("reconciler", "dynamodb:UpdateItem", Scene::SweepCompare),
        row("reconciler", "dynamodb:GetItem", Scene::Event),
        row("reconciler", "dynamodb:UpdateItem", Scene::Event),
        row("reconciler", "dynamodb:GetItem", Scene::DeadLetter),
        row("reconciler", "lambda:GetDurableExecution", Scene::DeadLetter),
        row("reconciler", "dynamodb:UpdateItem", Scene::DeadLetter),
        row("reconciler", "dynamodb:GetItem", Scene::Redrive).which("state"),
        row("reconciler", "dynamodb:GetItem", Scene::Redrive).which("payload"),
        row("reconciler", "dynamodb:PutItem", Scene::Redrive),
        row("reconciler", "lambda:Invoke", Scene::Redrive),
        row("validator", "dynamodb:GetItem", Scene::Redeliver),
        row("validator", "dynamodb:PutItem", Scene::Redeliver).which("payload anew"),
        row("validator", "dynamodb:PutItem", Scene::Redeliver).which("next attempt"),
        row("validator", "lambda:Invoke", Scene::Redeliver),
        row("reconciler", "dynamodb:UpdateItem", Scene::RedriveLate).which("payload"),
        row("reconciler", "s3:CopyObject", Scene::RedriveLate),
    ]);
    for at in 1..rows.len() {
        let (before, rest) = rows.split_at_mut(at);
        let earlier = before.iter().filter(|row| row.is_call_of(&rest[0]));
        rest[0].skip = earlier.count() as u64;
    }
    rows
}

/// The way in which a call fails.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    Error,
    Throttle,
    NotDone,
    Done,
    Crash,
    /// The service takes the token for one of an earlier invocation.
    StaleToken,
    /// The service stores the updates and gives no further token.
    NoToken,
}

/// The faults of every call.
const FAULTS: [Fault; 5] = [Fault::Error, Fault::Throttle, Fault::NotDone, Fault::Done, Fault::Crash];
/// Those of a checkpoint.
const CHECKPOINT_FAULTS: [Fault; 7] = [
    Fault::Error,
    Fault::Throttle,
    Fault::NotDone,
    Fault::Done,
    Fault::Crash,
    Fault::StaleToken,
    Fault::NoToken,
];

impl Fault {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Throttle => "throttle",
            Self::NotDone => "no answer, not done",
            Self::Done => "no answer, done",
            Self::Crash => "crash right after",
            Self::StaleToken => "stale token",
            Self::NoToken => "done, no token",
        }
    }

    /// The rule of the local service.
    pub(crate) fn rule(self, row: &Row) -> Value {
        let (phase, count, effect) = match self {
            Self::Error => ("before", TRIES, json!({"status": 500, "code": "InternalServerError"})),
            Self::Throttle if row.call.starts_with("lambda") => (
                "before",
                TRIES,
                json!({"status": 429, "code": "TooManyRequestsException"}),
            ),
            Self::Throttle if row.call.starts_with("s3") => {
                ("before", TRIES, json!({"status": 503, "code": "SlowDown"}))
            }
            Self::Throttle => ("before", TRIES, json!({"status": 400, "code": "ThrottlingException"})),
            Self::NotDone => ("before", TRIES, json!({"drop": true})),
            Self::Done => ("after", TRIES, json!({"drop": true})),
            Self::Crash => ("after", 1, json!({"kill": true})),
            Self::StaleToken => (
                "before",
                1,
                json!({"status": 400, "code": "InvalidParameterValueException", "message": "Invalid checkpoint token"}),
            ),
            Self::NoToken => ("after", 1, json!({"without": "CheckpointToken"})),
        };
        json!({"operation": row.call, "function": format!("tracehook-{}", row.function), "skip": row.skip,
            "count": count, "phase": phase, "effect": effect})
    }
}
