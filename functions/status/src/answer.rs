//! The status answer: a record as a reader sees it, without the payload but with its summary.

use std::borrow::Cow;

use serde::Serialize;
use tracehook_core::record::{Attempt, Failure, Record, Status, StepName, StepRecord, StepStatus};
use tracehook_core::{ExecutionToken, Labels, Timestamp, WebhookSummary};

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
    #[serde(skip_serializing_if = "is_zero")]
    conflicts: u32,
    attempts: Vec<Attempt>,
    steps: Vec<ShownStep<'a>>,
    webhook_summary: &'a WebhookSummary,
    #[serde(skip_serializing_if = "Labels::is_empty")]
    labels: &'a Labels,
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
    step: Cow<'a, StepRecord>,
    /// The last failure of a step that waited when its attempt was ended. One that waits has it in its entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Failure>,
}

impl<'a> ShownStep<'a> {
    /// Who ends an attempt in place of its processor leaves the entries as they are, so a step may wait there for a try that
    /// never comes: it has failed.
    fn new(name: StepName, step: &'a StepRecord, has_ended: bool) -> Self {
        let Some(wait) = step.wait.as_ref().filter(|_| has_ended) else {
            return Self {
                name,
                step: Cow::Borrowed(step),
                error: None,
            };
        };
        let step = StepRecord {
            status: StepStatus::Failed,
            wait: None,
            ..step.clone()
        };
        Self {
            name,
            step: Cow::Owned(step),
            error: Some(&wait.error),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trace {
    trace_id: String,
    url: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
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
            conflicts: record.conflicts,
            attempts: record.attempts(),
            steps: record
                .steps
                .iter()
                .map(|(name, step)| ShownStep::new(*name, step, record.status.is_terminal()))
                .collect(),
            webhook_summary: &record.summary,
            labels: &record.labels,
            error: record.error.as_ref(),
            trace: Trace {
                trace_id: trace_id.to_string(),
                url: config.http.trace_link.fill(&record.into()),
            },
            logs_url: config.logs_link.as_ref().map(|link| link.fill(&record.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tracehook_core::record::Wait;

    use super::*;

    #[test]
    fn a_step_waits_for_its_next_try_until_its_attempt_has_ended() {
        let at = Timestamp::from_epoch_ms(1_700_000_000_000);
        let step = StepRecord {
            status: StepStatus::Waiting,
            tries: 3,
            interrupted: 1,
            started_at: at,
            completed_at: None,
            wait: Some(Wait {
                error: Failure {
                    code: "shop_away".to_owned(),
                    message: "the shop does not answer".to_owned(),
                },
                next_try_at: at,
            }),
        };
        let shown = |has_ended| serde_json::to_value(ShownStep::new(StepName::Process, &step, has_ended)).unwrap();
        let mut expected = json!({"name": "process", "status": "waiting", "tries": 3, "interrupted": 1,
            "startedAt": "2023-11-14T22:13:20.000Z", "nextTryAt": "2023-11-14T22:13:20.000Z",
            "error": {"code": "shop_away", "message": "the shop does not answer"}});
        assert_eq!(shown(false), expected);
        expected["status"] = "failed".into();
        expected.as_object_mut().unwrap().remove("nextTryAt");
        assert_eq!(shown(true), expected);
    }
}
