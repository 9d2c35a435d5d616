//! Faults on purpose: rules that say what fails, when, and how.
//!
//! A rule as `POST /local/faults` takes it, with all fields; only `operation` and `effect` are required:
//! ```json
//! {"operation": "lambda:CheckpointDurableExecution", "function": "tracehook-processor", "step": "process", "phase": "after",
//!  "skip": 0, "count": 1, "ratio": 0.5, "duration_ms": 30000, "seed": 7, "effect": {"kill": true}}
//! ```
//! A plan is several of them with one seed, `{"seed": 7, "rules": […]}`: `POST` adds a rule or a plan, `PUT` puts a plan in
//! the place of all rules, `DELETE` removes all, `GET` lists the rules and how many calls each has `matched`. A plan in a
//! file is given by `--faults FILE`, or as `[faults]` and `[[faults.rules]]` in the configuration.
//!
//! **Scope.** `operation` is named as in IAM (`dynamodb:PutItem`, `s3:GetObject`); `dynamodb:*` is every operation of the service, `*` every
//! call of AWS by a function. `function` is the caller. `step` is the step of a checkpoint. In each phase, the first rule
//! that hits a call is the only one that does. Besides calls there are
//! - `otlp:ExportTraceServiceRequest`, an export of spans to the local receiver, by any function,
//! - `event:Invoke`, an asynchronous invocation on its way to `function` (the start of an execution is one, too), and
//!   `event:StatusChange`, an event of the engine on its way to the reconciler,
//! - `durable`, the durable service as a whole,
//! - `clock`, the host's clock.
//!
//! **Time.** The first `skip` calls are left alone; of the others each is hit with the chance `ratio`, `count` at most, for
//! `duration_ms` from when the rule was added. Without any of the three a rule hits once. `phase` is `before` (the call
//! has no effect) or `after` (it has its effect, and the caller gets another answer). Chances depend on the seed and the
//! number of the call alone, so a run with the same seed and the same order of calls has the same faults.
//!
//! **Effect.** `effect` is one of
//!
//! | effect | happens to | |
//! | --- | --- | --- |
//! | `{"status": 500, "code": "…"}` | calls, exports | an error, 400 to 599, with a `message` where one is given |
//! | `{"throttle": true}` | calls, exports | the service's own error for too many calls |
//! | `{"drop": true}` | calls, exports, events | the connection closes without an answer; the event is lost |
//! | `{"hang": true}` | calls, exports, events | no answer ever; the event is held back until the rules change |
//! | `{"delay_ms": N}` | calls, exports, events | later |
//! | `{"without": "CheckpointToken"}` | calls, in the phase `after` | the answer lacks this member |
//! | `{"kill": true}` | calls | the caller's process is killed with SIGKILL |
//! | `{"duplicate": true}` | events | handed over twice |
//! | `{"reorder": true}` | events | handed over after the next event, or after 2 s when there is none |
//! | `{"give_up": true}` | `event:Invoke` | given up as one that is too old: it goes where its function sends such events |
//! | `{"stop": true}` | `durable` | all of Lambda's API refuses with 503; no execution goes on, none times out |
//! | `{"skew_ms": N}` | `clock` | the host's clock is ahead by N, behind when negative |
//!
//! A skew changes the times that the host writes and measures by: times in events and in answers of the durable service,
//! deadlines of invocations and executions, the age of queued events. The functions' clock stays right,
//! and running timers keep their length. Rules end with the host, except for those of the file.

mod chance;
mod effect;
mod events;
mod http;
mod operation;
mod plan;
mod planned;
mod rule;
mod state;

pub use effect::Effect;
pub use events::{Delay, Delivery};
pub use http::router;
pub use operation::{CHECKPOINT, EXPORT, INVOCATION, STATUS_CHANGE};
pub use plan::Plan;
pub use planned::{Faults, RuleReport, Seen};
pub use rule::{Phase, Rule};
