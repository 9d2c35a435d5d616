//! The rules of the durable execution service, one file for each noun.

mod batch;
mod closing;
mod context;
mod envelope;
mod failure;
mod history;
mod limits;
mod metadata;
mod operation;
mod output;
mod paging;
mod quota;
mod restart;
mod stale;
mod stop;
mod summary;
mod timer;
mod token;
mod transition;

use serde_json::{Value, json};

use crate::CheckpointRequest;
use crate::{CheckpointAnswer, Execution, Fault, NewExecution, Operation, OperationStatus, RetryPolicy};

/// The start of every test, in epoch milliseconds.
const T0: i64 = 1_700_000_000_000;
const SECOND: i64 = 1000;

/// A start with that input.
fn with_input(input: String) -> NewExecution {
    NewExecution {
        function_arn: "arn:aws:lambda:us-east-1:000000000000:function:processor:1".to_owned(),
        function: "processor".to_owned(),
        qualifier: "live".to_owned(),
        version: "1".to_owned(),
        name: "order-7".to_owned(),
        id: "execution-id".to_owned(),
        input,
        trace: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1".to_owned(),
        request_id: Some("request-1".to_owned()),
        execution_timeout_seconds: 3600,
        retention_days: 7,
    }
}

/// An execution that has been started and not invoked.
fn new_execution() -> Execution {
    Execution::start(with_input(r#"{"order":7}"#.to_owned()), T0)
}

/// An execution in its first invocation.
fn invoked() -> Execution {
    let mut execution = new_execution();
    execution.begin_invocation("invocation-1", T0);
    execution
}

fn request(token: &str, client_token: Option<&str>, updates: &Value) -> CheckpointRequest {
    let mut body = json!({ "CheckpointToken": token, "Updates": updates });
    if let Some(client_token) = client_token {
        body["ClientToken"] = json!(client_token);
    }
    serde_json::from_value(body).unwrap()
}

/// A checkpoint with the current token, kept only if it is accepted, as the host does it.
fn send(execution: &mut Execution, updates: &Value, now_ms: i64) -> Result<CheckpointAnswer, Fault> {
    let mut next = execution.clone();
    let request = request(&execution.current_token(), None, updates);
    let answer = next.checkpoint(&request, now_ms)?;
    *execution = next;
    Ok(answer)
}

/// A checkpoint of one update that must be accepted.
fn update(execution: &mut Execution, update: &Value, now_ms: i64) -> CheckpointAnswer {
    send(execution, &json!([update]), now_ms).unwrap()
}

/// A checkpoint that must be refused: the message.
fn refusal(execution: &Execution, updates: &Value) -> String {
    let mut untouched = execution.clone();
    match send(&mut untouched, updates, T0) {
        Err(Fault::InvalidParameter(message)) => message,
        other => panic!("not refused: {other:?}"),
    }
}

fn found<'a>(execution: &'a Execution, id: &str) -> &'a Operation {
    execution.operation(id).unwrap()
}

fn status(execution: &Execution, id: &str) -> Option<OperationStatus> {
    execution.operation(id).map(|operation| operation.status)
}

/// The ids of operations, without the EXECUTION operation.
fn ids<'a>(operations: impl IntoIterator<Item = &'a std::sync::Arc<Operation>>) -> Vec<&'a str> {
    let all = operations.into_iter().map(|operation| operation.id.as_str());
    all.filter(|id| *id != "execution-id").collect()
}

/// The events recorded since the last call, as the API shows them.
fn take_events(execution: &mut Execution) -> Vec<Value> {
    let events = execution.take_changes().events;
    events
        .into_iter()
        .map(|event| crate::Event::render(event.number, event.body, true))
        .collect()
}

fn policy() -> RetryPolicy {
    RetryPolicy::default()
}

fn pending(execution: &mut Execution, now_ms: i64) {
    execution.finish(br#"{"Status":"PENDING"}"#, &policy(), now_ms);
}
