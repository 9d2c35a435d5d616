//! A reconciler with its table and its engine, and webhooks of every kind.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tracehook_core::record::{
    Advance, ExecutionInput, Failure, LateStart, Record, Status, StepName, StepRecord, StepStatus, Wait,
    execution_name, start_dropped,
};
use tracehook_core::{ExecutionToken, Timestamp};
use tracehook_engine::Engine;
use tracehook_reconciler::Reconciler;
use tracehook_reconciler::config::Config;
use tracehook_store::Payload;
use tracehook_telemetry::testing::Recording;
use tracehook_test_support::table::{Table, path_to, table, webhook};

use crate::engine::{FakeEngine, arn};

/// The time of an invocation that takes up new work for a second.
pub(crate) const ONE_SECOND: Duration = Duration::from_secs(21);

pub(crate) struct World {
    pub(crate) table: Table,
    pub(crate) engine: FakeEngine,
    pub(crate) reconciler: Reconciler,
}

/// Now, `seconds` ago.
pub(crate) fn ago(seconds: i64) -> Timestamp {
    Timestamp::from(SystemTime::now()).minus(Duration::from_secs(seconds.unsigned_abs()))
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    pub(crate) async fn with(changes: &[(&str, &str)]) -> Self {
        Self::on(table(1).await, changes)
    }

    pub(crate) fn on(table: Table, changes: &[(&str, &str)]) -> Self {
        Recording::prepare();
        let defaults = [
            ("TABLE_NAME", "tracehook"),
            ("PROCESSOR_FUNCTION", "p:live"),
            ("EXECUTION_NAME_PREFIX", "t"),
            ("ENGINE_CALLS_PER_SECOND", "30"),
            ("STUCK_AGE_SECONDS", "7200"),
        ];
        let config = Config::from_env(|name| {
            let value = changes.iter().chain(&defaults).find(|(known, _)| *known == name)?.1;
            Some(value.to_owned())
        })
        .unwrap();
        let engine = FakeEngine::default();
        let reconciler = Reconciler::with(config, table.store.clone(), Engine::new(engine.client(), "p:live"));
        Self {
            table,
            engine,
            reconciler,
        }
    }

    /// A webhook that was received `seconds_ago`.
    pub(crate) async fn received(&self, delivery: u8, seconds_ago: i64) -> Record {
        let (record, payload) = webhook(delivery, b"{}", 1);
        self.store_received(record, payload, seconds_ago).await
    }

    /// So many webhooks of one shard, received 100 seconds ago and later, whose starts failed.
    pub(crate) async fn deferred_in_one_shard(&self, count: u16) {
        for number in 0..count {
            let (mut record, payload) = webhook(1, b"{}", 1);
            let [high, low] = number.to_be_bytes();
            let mut token = [0xa0; 16];
            (token[1], token[2]) = (high, low);
            record.token = ExecutionToken::from_random(token);
            let record = self.store_received(record, payload, 100 + i64::from(number)).await;
            self.noted(&record, LateStart::Deferred).await;
        }
    }

    async fn store_received(&self, mut record: Record, payload: Payload, seconds_ago: i64) -> Record {
        record.created_at = ago(seconds_ago);
        record.execution_name = execution_name(&"t".parse().unwrap(), &record.token, record.created_at, 1);
        record.attempt_started_at = record.created_at;
        record.last_updated = record.created_at;
        record.expires_at = ago(0).plus_days(7);
        self.table
            .store
            .create(&record, payload, record.expires_at)
            .await
            .unwrap();
        self.state(&record.token).await
    }

    /// A webhook that was received `seconds_ago` and whose start failed.
    pub(crate) async fn deferred(&self, delivery: u8, seconds_ago: i64) -> Record {
        let record = self.received(delivery, seconds_ago).await;
        self.noted(&record, LateStart::Deferred).await
    }

    /// Notes what is known of the starts of a webhook that is received.
    pub(crate) async fn noted(&self, record: &Record, start: LateStart) -> Record {
        assert!(self.table.store.note_start(record, start).await.unwrap());
        self.state(&record.token).await
    }

    /// A webhook whose execution brought it to a status `seconds_ago`.
    pub(crate) async fn at(&self, delivery: u8, status: Status, seconds_ago: i64) -> Record {
        let record = self.received(delivery, seconds_ago).await;
        for to in path_to(status) {
            let advance = Advance {
                to,
                step: StepName::Process,
                steps: Vec::new(),
                error: None,
                execution_arn: arn(&record.execution_name),
                at: ago(seconds_ago),
            };
            let name = &record.execution_name;
            self.table.store.advance(&record.token, name, &advance).await.unwrap();
        }
        let state = self.state(&record.token).await;
        assert_eq!(state.status, status);
        state
    }

    /// A webhook whose handler has begun its first try.
    pub(crate) async fn working(&self, delivery: u8) -> Record {
        let record = self.at(delivery, Status::Processing, 5).await;
        let entry = StepRecord {
            status: StepStatus::Started,
            tries: 1,
            interrupted: 0,
            started_at: ago(5),
            completed_at: None,
            wait: None,
        };
        let (name, arn) = (&record.execution_name, arn(&record.execution_name));
        let step = (StepName::Process, &entry);
        let written = self
            .table
            .store
            .note_wait(&record.token, name, &arn, step, ago(5))
            .await;
        assert!(written.unwrap());
        self.state(&record.token).await
    }

    /// A webhook whose handler failed and is tried again in `seconds`.
    pub(crate) async fn waiting(&self, delivery: u8, code: &str, seconds: i64) -> Record {
        let record = self.at(delivery, Status::Processing, 10).await;
        let entry = StepRecord {
            status: StepStatus::Waiting,
            tries: 3,
            interrupted: 0,
            started_at: ago(5),
            completed_at: None,
            wait: Some(Wait {
                error: Failure {
                    code: code.to_owned(),
                    message: "m".to_owned(),
                },
                next_try_at: Timestamp::from_epoch_ms(ago(0).epoch_ms() + seconds * 1000),
            }),
        };
        let (name, arn) = (&record.execution_name, arn(&record.execution_name));
        let step = (StepName::Process, &entry);
        self.engine.reports(name, "RUNNING");
        assert!(
            self.table
                .store
                .note_wait(&record.token, name, &arn, step, ago(5))
                .await
                .unwrap()
        );
        self.state(&record.token).await
    }

    /// A failed webhook with the given token.
    pub(crate) async fn failed(&self, token: ExecutionToken) -> ExecutionToken {
        let (mut record, payload) = webhook(1, b"{}", 1);
        record.token = token;
        record.execution_name = execution_name(&"t".parse().unwrap(), &token, record.created_at, 1);
        record.expires_at = ago(0).plus_days(7);
        let failed = record.failed(start_dropped(""), ago(100));
        self.table
            .store
            .create(&failed, payload, failed.expires_at)
            .await
            .unwrap();
        token
    }

    pub(crate) async fn state(&self, token: &ExecutionToken) -> Record {
        self.table.store.state(token, ago(0)).await.unwrap().unwrap()
    }

    pub(crate) async fn handle(&self, event: Value) -> Value {
        self.try_handle(event).await.unwrap()
    }

    pub(crate) async fn try_handle(&self, event: Value) -> Result<Value, String> {
        self.try_handle_within(event, Duration::from_mins(10)).await
    }

    /// The answer of an invocation that ends after so long.
    pub(crate) async fn handle_within(&self, event: Value, left: Duration) -> Value {
        self.try_handle_within(event, left).await.unwrap()
    }

    async fn try_handle_within(&self, event: Value, left: Duration) -> Result<Value, String> {
        self.reconciler
            .handle(event, SystemTime::now() + left)
            .await
            .map_err(|error| error.to_string())
    }
}

/// The event of an execution that began just now.
pub(crate) fn status_event(name: &str, status: &str) -> Value {
    status_event_of(name, status, ago(0))
}

pub(crate) fn status_event_of(name: &str, status: &str, began: Timestamp) -> Value {
    json!({"source": "aws.lambda", "detail-type": "Durable Execution Status Change", "detail": {
        "durableExecutionArn": arn(name), "durableExecutionName": name, "functionArn": "f", "status": status,
        "startTimestamp": began}})
}

/// The event of a queue with a message for each payload, all dropped at `at`.
pub(crate) fn dead_letters(payloads: &[Value], at: Timestamp) -> Value {
    let message = |(n, payload): (usize, &Value)| {
        let body = json!({"version": "1.0", "timestamp": at, "requestContext": {"requestId": "r", "functionArn": "f",
            "condition": "EventAgeExceeded", "approximateInvokeCount": 1}, "requestPayload": payload});
        json!({"messageId": format!("m{n}"), "body": body.to_string(), "eventSource": "aws:sqs"})
    };
    json!({"Records": payloads.iter().enumerate().map(message).collect::<Vec<_>>()})
}

/// The event of the processor's dead-letter queue: the input of the record's execution, sent at that time.
pub(crate) fn in_vain(record: &Record, sent_at: Timestamp) -> Value {
    let attribute = |kind: &str, value: &str| json!({"stringValue": value, "stringListValues": [], "dataType": kind});
    json!({"Records": [{"messageId": "m", "receiptHandle": "h", "body": start_payload(record).to_string(),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": sent_at.epoch_ms().to_string(), "SenderId": "s"},
        "messageAttributes": {"RequestID": attribute("String", "r"), "ErrorCode": attribute("Number", "200"),
            "ErrorMessage": attribute("String", "hunter2")},
        "eventSource": "aws:sqs"}]})
}

pub(crate) fn start_payload(record: &Record) -> Value {
    let input = ExecutionInput {
        execution_token: record.token,
    };
    serde_json::to_value(input).unwrap()
}
