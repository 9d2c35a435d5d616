//! The status answer: a record as a reader sees it, without the payload but with its summary.

use serde::Serialize;
use tracehook_core::record::{Attempt, Failure, Record, Status, StepName, StepRecord};
use tracehook_core::{ExecutionToken, Timestamp, WebhookSummary};

use crate::config::Config;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown<'a> {
    execution_token: ExecutionToken,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_step: Option<StepName>,
    created_at: Timestamp,
    last_updated: Timestamp,
    source: &'a str,
    attempt: u32,
    attempts: Vec<Attempt>,
    steps: Vec<ShownStep<'a>>,
    webhook_summary: &'a WebhookSummary,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Failure>,
    trace: Trace,
    #[serde(skip_serializing_if = "Option::is_none")]
    logs_url: Option<String>,
}

#[derive(Serialize)]
struct ShownStep<'a> {
    name: StepName,
    #[serde(flatten)]
    step: &'a StepRecord,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trace {
    trace_id: String,
    url: String,
}

impl<'a> Shown<'a> {
    pub(crate) fn new(record: &'a Record, config: &Config) -> Self {
        let trace_id = record.traceparent.trace_id;
        Self {
            execution_token: record.token,
            status: record.status,
            current_step: record.current_step,
            created_at: record.created_at,
            last_updated: record.last_updated,
            source: record.source.as_str(),
            attempt: record.attempt,
            attempts: record.attempts(),
            steps: record
                .steps
                .iter()
                .map(|(name, step)| ShownStep { name: *name, step })
                .collect(),
            webhook_summary: &record.summary,
            error: record.error.as_ref(),
            trace: Trace {
                trace_id: trace_id.to_string(),
                url: config.http.trace_link.fill(&record.into()),
            },
            logs_url: config.logs_link.as_ref().map(|link| link.fill(&record.into())),
        }
    }
}
