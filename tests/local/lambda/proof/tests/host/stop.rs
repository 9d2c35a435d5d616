//! Stopping executions, and executions that run out of time.

use aws_sdk_lambda::types::ErrorObject;
use serde_json::{Value, json};
use tracehook_local_durable::ExecutionStatus;

use crate::support::{Served, Start, function, invocation::code, soon};

fn held(host: &Served) -> Value {
    json!([{ "do": "step", "name": "a", "until": host.files.path("go") }, { "do": "step", "name": "b" }])
}

#[tokio::test]
async fn a_stop_ends_the_execution_while_its_function_runs() {
    let host = Served::with("durable").await;
    let arn = host
        .begin(Start {
            name: None,
            input: held(&host),
        })
        .await
        .unwrap();
    host.files.until_lines("effects", 1).await;
    let error = ErrorObject::builder()
        .error_type("Operator")
        .error_message("enough")
        .build();
    let stopped = host
        .client
        .stop_durable_execution()
        .durable_execution_arn(&arn)
        .error(error)
        .send()
        .await
        .unwrap();
    let shown = host
        .client
        .get_durable_execution()
        .durable_execution_arn(&arn)
        .send()
        .await
        .unwrap();
    assert_eq!(shown.status().as_str(), "STOPPED");
    assert_eq!(shown.end_timestamp(), Some(stopped.stop_timestamp()));
    assert_eq!(shown.error().and_then(ErrorObject::error_message), Some("enough"));
    // The host refuses later requests of the function, and hands it another event next.
    host.files.open("go");
    let other = host
        .invoke("durable:live", json!([{ "do": "step", "name": "c" }]))
        .await;
    assert_eq!(other.body, json!([1]));
    assert_eq!(host.files.steps(), ["a 1", "c 1"]);
    let again = host
        .client
        .stop_durable_execution()
        .durable_execution_arn(&arn)
        .send()
        .await
        .unwrap();
    assert_eq!(again.stop_timestamp(), stopped.stop_timestamp(), "the first end stays");
}

#[tokio::test]
async fn a_stop_ends_an_execution_that_waits_and_its_synchronous_caller() {
    let host = Served::with("durable").await;
    let mut statuses = host.lambda.status_events();
    let input = json!([{ "do": "wait", "seconds": 3600 }]);
    let waiting = host.invoke("durable:live", input);
    let stopping = async {
        let began = statuses.recv().await.unwrap();
        assert_eq!(began.status, ExecutionStatus::Running);
        let arn = began.durable_execution_arn;
        host.client
            .stop_durable_execution()
            .durable_execution_arn(&arn)
            .send()
            .await
            .unwrap();
        let ended = statuses.recv().await.unwrap();
        assert_eq!(
            (ended.status, ended.durable_execution_arn),
            (ExecutionStatus::Stopped, arn)
        );
        assert!(ended.end_ms.is_some());
    };
    let (answer, ()) = soon("both", Box::pin(async { tokio::join!(waiting, stopping) })).await;
    assert_eq!(answer.error_message(), "Execution stopped by user request");
}

#[tokio::test]
async fn an_execution_that_runs_out_of_time_is_closed() {
    let mut short = function("durable");
    short.durable = Some(tracehook_local_lambda::DurableOptions {
        execution_timeout_seconds: 1,
        retention_days: 7,
    });
    let host = Served::start(vec![short]).await;
    let waits = host
        .begin(Start {
            name: None,
            input: json!([{ "do": "wait", "seconds": 3600 }]),
        })
        .await
        .unwrap();
    assert_eq!(host.end_of(&waits).await.0, "TIMED_OUT");
    let runs = host
        .begin(Start {
            name: None,
            input: held(&host),
        })
        .await
        .unwrap();
    assert_eq!(host.end_of(&runs).await.0, "TIMED_OUT");
    host.files.open("go");
}

#[tokio::test]
async fn what_is_unknown_cannot_be_stopped_or_read() {
    let host = Served::with("durable").await;
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:durable:1/durable-execution/nobody/id";
    let stop = host
        .client
        .stop_durable_execution()
        .durable_execution_arn(arn)
        .send()
        .await
        .unwrap_err();
    assert_eq!(code(&stop), "ResourceNotFoundException");
    let get = host
        .client
        .get_durable_execution()
        .durable_execution_arn(arn)
        .send()
        .await
        .unwrap_err();
    assert_eq!(code(&get), "ResourceNotFoundException");
    let history = host
        .client
        .get_durable_execution_history()
        .durable_execution_arn(arn)
        .send()
        .await
        .unwrap_err();
    assert_eq!(code(&history), "ResourceNotFoundException");
}
