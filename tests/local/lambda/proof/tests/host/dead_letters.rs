//! Dead-letter queues: the event as it came, with attributes, for what was dropped and for executions that ended badly.

use serde_json::{Value, json};
use tracehook_local_lambda::faults::Faults;
use tracehook_local_lambda::{DeadLetter, DurableOptions, FunctionOptions, Lambda, LambdaOptions, OnFailure, State};

use crate::support::{Served, Start, function, options, soon, until};

fn with_queue(kind: &str) -> FunctionOptions {
    let mut function = function(kind);
    function.on_failure = OnFailure::DeadLetterQueue;
    function
}

/// Waits for so many messages.
async fn letters(host: &Served, count: usize) -> Vec<DeadLetter> {
    let arrive = async {
        loop {
            let letters = host.lambda.dead_letters(10).await;
            if letters.len() >= count {
                return letters;
            }
            host.lambda.dead_letter_arrived().await;
        }
    };
    soon("the dead letters arrive", arrive).await
}

fn body(letter: &DeadLetter) -> Value {
    serde_json::from_str(&letter.body).unwrap()
}

/// The values of the attributes `RequestID`, `ErrorCode` and `ErrorMessage`, which are all.
fn attributes(letter: &DeadLetter) -> [String; 3] {
    let all: Value = serde_json::from_str(&letter.attributes).unwrap();
    assert_eq!(all.as_object().map(serde_json::Map::len), Some(3), "{all}");
    [
        ("RequestID", "String"),
        ("ErrorCode", "Number"),
        ("ErrorMessage", "String"),
    ]
    .map(|(name, kind)| {
        assert_eq!(all[name]["dataType"], kind, "{all}");
        all[name]["stringValue"].as_str().unwrap().to_owned()
    })
}

#[tokio::test]
async fn an_event_of_a_function_that_is_not_durable_comes_as_it_was_with_the_error() {
    let host = Served::start(vec![with_queue("plain")]).await;
    let event = json!({ "mark": host.files.path("tries"), "failures": 99 });
    host.send("plain", event.clone()).await.unwrap();
    let letters = letters(&host, 1).await;
    assert_eq!(body(&letters[0]), event);
    let [request_id, code, message] = attributes(&letters[0]);
    assert_eq!(host.files.until_lines("tries", 3).await[0][1], request_id);
    assert_eq!((code.as_str(), message.as_str()), ("200", "the script says so"));
}

/// Whoever started it asynchronously is told of every bad end, and of no other.
#[tokio::test]
async fn an_execution_that_ends_badly_after_an_asynchronous_start_leaves_its_event() {
    let host = Served::start(vec![with_queue("durable")]).await;
    let fails = json!([{ "do": "fail" }]);
    let failed = host
        .begin(Start {
            name: None,
            input: fails.clone(),
        })
        .await
        .unwrap();
    assert_eq!(host.end_of(&failed).await.0, "FAILED");
    let waits = json!([{ "do": "wait", "seconds": 3600 }]);
    let stopped = host
        .begin(Start {
            name: None,
            input: waits.clone(),
        })
        .await
        .unwrap();
    assert!(host.lambda.stop_execution(&stopped).await);

    let found = letters(&host, 2).await;
    assert_eq!(found.iter().map(body).collect::<Vec<_>>(), [fails.clone(), waits]);
    let [failure, stop] = [&found[0], &found[1]].map(attributes);
    assert!(failure[2].ends_with("the script says so"), "{failure:?}");
    assert_eq!(stop[2], "Execution stopped by user request");
    assert_ne!(failure[0], stop[0]);

    // A caller that waits gets the error itself.
    assert_eq!(host.invoke("durable:live", fails).await.error_type(), "ScriptedError");
    let well = host
        .begin(Start {
            name: None,
            input: json!([]),
        })
        .await
        .unwrap();
    assert_eq!(host.end_of(&well).await.0, "SUCCEEDED");
    assert_eq!(host.lambda.dead_letters(10).await, found);
}

#[tokio::test]
async fn an_execution_that_times_out_leaves_its_event_and_a_restart_keeps_it() {
    let durable = || {
        let mut durable = with_queue("durable");
        durable.durable = Some(DurableOptions {
            execution_timeout_seconds: 1,
            ..DurableOptions::default()
        });
        durable
    };
    let host = Served::start(vec![durable()]).await;
    let input = json!([{ "do": "wait", "seconds": 3600 }]);
    let arn = host
        .begin(Start {
            name: None,
            input: input.clone(),
        })
        .await
        .unwrap();
    assert_eq!(host.end_of(&arn).await.0, "TIMED_OUT");
    let before = host.lambda.dead_letters(10).await;
    assert_eq!((before.len(), body(&before[0])), (1, input));
    let again = Served::again(host.shut_down().await, vec![durable()]).await;
    assert_eq!(again.lambda.dead_letters(10).await, before);
}

#[tokio::test]
async fn a_start_that_is_dropped_leaves_its_event_and_no_execution() {
    let directory = tempfile::tempdir().unwrap();
    let mut dropping = options(directory.path(), vec![with_queue("durable")]);
    let faults = Faults::default();
    let rule =
        json!({ "rules": [{ "operation": "event:Invoke", "function": "durable", "effect": { "give_up": true } }] });
    faults.add(serde_json::from_value(rule).unwrap());
    dropping.faults = faults;
    let host = Served::start_with(directory, dropping).await;
    host.send("durable:live", json!({ "order": 7 })).await.unwrap();
    let found = letters(&host, 1).await;
    assert_eq!(body(&found[0]), json!({ "order": 7 }));
    assert_eq!(attributes(&found[0])[1], "429");
    assert!(host.lambda.executions(1).is_empty());
    host.send("durable:live", json!([])).await.unwrap();
    until("the next one starts", || !host.lambda.executions(1).is_empty()).await;
}

#[tokio::test]
async fn a_destination_of_a_durable_function_is_refused() {
    let mut durable = function("durable");
    durable.on_failure = OnFailure::Destination;
    let refused = Lambda::start(LambdaOptions::new(State::Memory, vec![durable]))
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("supports no destination"), "{refused}");
}
