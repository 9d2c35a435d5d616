//! A table with one webhook in it, and a handler whose tries are counted.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_durable_execution_sdk::DurableContext;
use aws_durable_execution_sdk::test_util::{LocalRunner, TestResult};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tracehook_core::record::{ExecutionInput, StepName};
use tracehook_core::trace::TraceParent;
use tracehook_core::{Record, Timestamp};
use tracehook_processor::retry::RetryPolicy;
use tracehook_processor::schema::SourceSchemas;
use tracehook_processor::{Event, Handler, HandlerContext, HandlerError, Processor};
use tracehook_store::Payload;
use tracehook_telemetry::testing::Recording;
use tracehook_test_support::table::{NOW, Table, table, webhook};

/// The SDK's runner has this ARN for every execution.
pub(crate) const EXECUTION: &str = "arn:aws:lambda:us-west-2:000000000000:function:local-test";

pub(crate) const BODY: &[u8] = br#"{"ref":"refs/heads/main"}"#;

/// The checkpoint writes of an undisturbed execution: each step writes its start and its outcome.
pub(crate) const CHECKPOINTS: usize = 2 * StepName::ALL.len();

/// The checkpoint write of a step's outcome, counted from 0.
pub(crate) const fn outcome_of(step: StepName) -> usize {
    2 * step as usize + 1
}

pub(crate) struct World {
    pub(crate) table: Table,
    pub(crate) record: Record,
    /// The schema of the webhook's source.
    pub(crate) schema: Option<&'static str>,
    /// The webhook is old: without a limit beyond its age, every step that begins is late.
    pub(crate) mark_after: Duration,
}

/// The handler's result at a try (from 1).
pub(crate) type Script = fn(u32) -> Result<Value, HandlerError>;

pub(crate) struct Scripted {
    script: Script,
    calls: Arc<AtomicU32>,
    given: Arc<Mutex<Vec<TraceParent>>>,
}

impl Handler for Scripted {
    async fn handle(&self, event: &Event, context: &HandlerContext) -> Result<Value, HandlerError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.given.lock().unwrap().push(context.traceparent);
        assert_eq!(event.body, BODY);
        assert_eq!(context.attempt, 1);
        (self.script)(context.try_number)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is a `Script`")]
pub(crate) fn succeed(_: u32) -> Result<Value, HandlerError> {
    Ok(json!({"done": true}))
}

/// The end of an execution.
pub(crate) struct Outcome {
    pub(crate) result: TestResult<Value>,
    pub(crate) calls: u32,
    /// The `traceparent` that each call was given.
    pub(crate) given: Vec<TraceParent>,
    pub(crate) record: Record,
}

impl World {
    /// A webhook that is stored and not yet started.
    pub(crate) async fn new() -> Self {
        Recording::prepare();
        let (record, payload) = Self::webhook(BODY);
        let table = table(1).await;
        table.store.create(&record, payload, record.expires_at).await.unwrap();
        Self {
            table,
            record,
            schema: None,
            mark_after: Duration::MAX,
        }
    }

    pub(crate) fn webhook(body: &[u8]) -> (Record, Payload) {
        let (mut record, payload) = webhook(1, body, 1);
        record.payload_sha256 = Sha256::digest(body).into();
        record.execution_name = EXECUTION.to_owned();
        // It was received long ago, and is still there.
        record.expires_at = Timestamp::from(SystemTime::now()).plus(Duration::from_hours(24));
        (record, payload)
    }

    pub(crate) async fn run(&self, runner: LocalRunner, script: Script) -> Outcome {
        let (calls, given) = (Arc::new(AtomicU32::new(0)), Arc::new(Mutex::default()));
        let handler = Scripted {
            script,
            calls: Arc::clone(&calls),
            given: Arc::clone(&given),
        };
        let retry = RetryPolicy {
            // The record was opened long ago.
            retry_for: Duration::from_hours(24 * 365 * 100),
            max_tries: 3,
            initial_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(1),
            max_interrupted_tries: 3,
            mark_after: self.mark_after,
        };
        let mut schemas = SourceSchemas::default();
        if let Some(schema) = self.schema {
            schemas.add(self.record.source.clone(), schema).unwrap();
        }
        let processor = Processor::new(self.table.store.clone(), retry, handler).with_schemas(Arc::new(schemas));
        let processor = Arc::new(processor);
        let execute = move |input: ExecutionInput, context: DurableContext| {
            let processor = Arc::clone(&processor);
            async move { processor.execute(input, context).await }
        };
        let result = runner
            .run(
                execute,
                ExecutionInput {
                    execution_token: self.record.token,
                },
            )
            .await;
        let record = self.table.store.state(&self.record.token, NOW).await.unwrap().unwrap();
        Outcome {
            result,
            calls: calls.load(Ordering::SeqCst),
            given: given.lock().unwrap().clone(),
            record,
        }
    }
}
