//! The history of an execution: one event per change, with its data.

use serde_json::{Map, Value, json};

use crate::operation::put;
use crate::update::Action;
use crate::{Core, Details, ErrorObject, ExecutionStatus, Fault, Operation, OperationType, OperationUpdate, TimeForm};

/// One event, as `GetDurableExecutionHistory` shows it.
#[derive(Clone, Debug)]
pub struct Event {
    /// `EventId`, from 1.
    pub number: u64,
    /// The event without its number.
    pub body: Value,
}

impl Event {
    /// The event as JSON; without data the payloads are left out.
    #[must_use]
    pub fn render(number: u64, mut body: Value, include_data: bool) -> Value {
        if let Some(fields) = body.as_object_mut() {
            fields.insert("EventId".to_owned(), json!(number));
            if !include_data {
                let details = fields.values_mut().filter_map(Value::as_object_mut);
                for carrier in details
                    .flat_map(|details| details.values_mut())
                    .filter_map(Value::as_object_mut)
                {
                    carrier.remove("Payload");
                }
            }
        }
        body
    }

    pub(crate) fn execution_started(execution: &Core, input: &str, now_ms: i64) -> Self {
        let details = json!({
            "Input": payload(Some(input)),
            "ExecutionTimeout": execution.execution_timeout_seconds,
        });
        Self::of_execution(execution, "ExecutionStarted", details, now_ms)
    }

    pub(crate) fn execution_closed(execution: &Core, now_ms: i64) -> Self {
        let error = || json!({ "Error": error_payload(execution.error.as_ref()) });
        let (name, details) = match execution.status {
            ExecutionStatus::Running | ExecutionStatus::Succeeded => (
                "ExecutionSucceeded",
                json!({ "Result": payload(execution.result.as_deref()) }),
            ),
            ExecutionStatus::Failed => ("ExecutionFailed", error()),
            ExecutionStatus::TimedOut => ("ExecutionTimedOut", error()),
            ExecutionStatus::Stopped => ("ExecutionStopped", error()),
        };
        Self::of_execution(execution, name, details, now_ms)
    }

    pub(crate) fn wait_succeeded(operation: &Operation, seconds: i64, now_ms: i64) -> Self {
        Self::of_operation(operation, "WaitSucceeded", json!({ "Duration": seconds }), now_ms)
    }

    pub(crate) fn invocation_completed(
        request_id: &str,
        start_ms: i64,
        error: Option<&ErrorObject>,
        now_ms: i64,
    ) -> Self {
        let mut details = json!({
            "StartTimestamp": TimeForm::Seconds.render(start_ms),
            "EndTimestamp": TimeForm::Seconds.render(now_ms),
            "RequestId": request_id,
        });
        if let (Some(details), Some(_)) = (details.as_object_mut(), error) {
            details.insert("Error".to_owned(), error_payload(error));
        }
        let mut body = Map::new();
        body.insert("InvocationCompletedDetails".to_owned(), details);
        Self::new("InvocationCompleted", body, now_ms)
    }

    /// The event of an accepted update; `operation` is the operation after it.
    pub(crate) fn updated(operation: &Operation, update: &OperationUpdate, now_ms: i64) -> Result<Self, Fault> {
        let action = update.parsed_action()?;
        let result = || json!({ "Result": payload(update.payload.as_deref()) });
        let error = || json!({ "Error": error_payload(update.error.as_ref()) });
        let (name, mut details) = match (operation.operation_type, action) {
            (OperationType::Wait, Action::Start) => return Ok(Self::wait_started(operation, update, now_ms)),
            (OperationType::Wait, _) => ("WaitCancelled", error()),
            (OperationType::Context, Action::Succeed) => ("ContextSucceeded", result()),
            (OperationType::Context, Action::Fail) => ("ContextFailed", error()),
            (OperationType::Context, _) => ("ContextStarted", json!({})),
            (_, Action::Succeed) => ("StepSucceeded", result()),
            (_, Action::Fail) => ("StepFailed", error()),
            // A retry ends a try: with an error it failed, with a payload it carries state on.
            (_, Action::Retry) if update.error.is_some() => ("StepFailed", error()),
            (_, Action::Retry) => ("StepSucceeded", result()),
            (_, Action::Start | Action::Cancel) => ("StepStarted", json!({})),
        };
        if let (Details::Step { attempt, .. }, Some(fields)) = (&operation.details, details.as_object_mut())
            && action != Action::Start
        {
            let mut retry = Map::new();
            retry.insert("CurrentAttempt".to_owned(), json!(attempt));
            let delay = update
                .step_options
                .as_ref()
                .and_then(|options| options.next_attempt_delay_seconds);
            put(&mut retry, "NextAttemptDelaySeconds", delay);
            fields.insert("RetryDetails".to_owned(), Value::Object(retry));
        }
        Ok(Self::of_operation(operation, name, details, now_ms))
    }

    fn wait_started(operation: &Operation, update: &OperationUpdate, now_ms: i64) -> Self {
        let seconds = update.wait_options.as_ref().and_then(|options| options.wait_seconds);
        let mut details = json!({ "Duration": seconds });
        if let (Some(fields), Some(due_ms)) = (details.as_object_mut(), operation.due_ms()) {
            fields.insert("ScheduledEndTimestamp".to_owned(), TimeForm::Seconds.render(due_ms));
        }
        Self::of_operation(operation, "WaitStarted", details, now_ms)
    }

    fn of_execution(execution: &Core, name: &str, details: Value, now_ms: i64) -> Self {
        let mut body = Map::new();
        body.insert("Id".to_owned(), json!(execution.id));
        body.insert("Name".to_owned(), json!(execution.name));
        body.insert(format!("{name}Details"), details);
        Self::new(name, body, now_ms)
    }

    fn of_operation(operation: &Operation, name: &str, details: Value, now_ms: i64) -> Self {
        let mut body = Map::new();
        body.insert("Id".to_owned(), json!(operation.id));
        put(&mut body, "Name", operation.name.as_ref());
        put(&mut body, "ParentId", operation.parent_id.as_ref());
        put(&mut body, "SubType", operation.sub_type.as_ref());
        body.insert(format!("{name}Details"), details);
        Self::new(name, body, now_ms)
    }

    fn new(name: &str, mut body: Map<String, Value>, now_ms: i64) -> Self {
        body.insert("EventType".to_owned(), json!(name));
        body.insert("EventTimestamp".to_owned(), TimeForm::Seconds.render(now_ms));
        Self {
            number: 0,
            body: Value::Object(body),
        }
    }
}

fn payload(text: Option<&str>) -> Value {
    let mut carrier = Map::new();
    put(&mut carrier, "Payload", text);
    carrier.insert("Truncated".to_owned(), json!(false));
    Value::Object(carrier)
}

fn error_payload(error: Option<&ErrorObject>) -> Value {
    let mut carrier = Map::new();
    put(&mut carrier, "Payload", error);
    carrier.insert("Truncated".to_owned(), json!(false));
    Value::Object(carrier)
}
