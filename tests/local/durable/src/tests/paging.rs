//! Pages of the state, in the envelope, in checkpoint answers and in `GetDurableExecutionState`.

use serde_json::{Value, json};

use super::{T0, ids, invoked, pending, send, with_input};
use crate::{Execution, Fault, paging::PAGE_BYTES};

/// The largest result of a step; 20 of them fill a page.
const LARGEST: usize = 262_144;

/// An execution with steps `0`, `1`, … of that many bytes each.
fn with_steps(count: usize, bytes: usize) -> Execution {
    let mut execution = invoked();
    let steps: Vec<Value> = (0..count).map(|number| step(number, bytes)).collect();
    send(&mut execution, &json!(steps), T0).unwrap();
    execution
}

fn step(number: usize, bytes: usize) -> Value {
    json!({ "Id": number.to_string(), "Type": "STEP", "Action": "SUCCEED", "Payload": "x".repeat(bytes) })
}

/// The ids of every page, following the markers.
fn pages(execution: &Execution, max_items: Option<usize>) -> Vec<Vec<String>> {
    let token = execution.current_token();
    let (mut pages, mut marker) = (Vec::new(), None::<String>);
    loop {
        let page = execution.state_page(&token, marker.as_deref(), max_items).unwrap();
        pages.push(page.operations.iter().map(|operation| operation.id.clone()).collect());
        match page.next_marker {
            Some(next) => marker = Some(next),
            None => return pages,
        }
    }
}

#[test]
fn pages_have_at_most_the_asked_number_in_the_order_of_the_start() {
    let execution = with_steps(4, 1);
    let expected: Vec<Vec<&str>> = vec![vec!["execution-id", "0"], vec!["1", "2"], vec!["3"]];
    assert_eq!(pages(&execution, Some(2)), expected);
}

#[test]
fn a_page_that_ends_with_the_last_operation_has_no_marker() {
    let execution = with_steps(3, 1);
    assert_eq!(pages(&execution, Some(4)).len(), 1);
    assert_eq!(pages(&execution, Some(2)).len(), 2);
}

#[test]
fn the_default_is_a_hundred_and_the_most_a_thousand() {
    let execution = with_steps(1100, 1);
    let sizes = |max_items| pages(&execution, max_items).iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(sizes(None), [vec![100; 11], vec![1]].concat());
    assert_eq!(sizes(Some(5000)), [1000, 101]);
    assert_eq!(sizes(Some(0)).first(), Some(&1), "a page is never empty");
}

#[test]
fn pages_are_bounded_by_bytes() {
    // The input's few bytes count, too.
    let sizes: Vec<usize> = pages(&with_steps(45, LARGEST), None).iter().map(Vec::len).collect();
    assert_eq!(sizes, [20, 20, 6]);
}

#[test]
fn an_operation_above_the_limit_has_a_page_of_its_own() {
    let mut execution = Execution::start(with_input("x".repeat(PAGE_BYTES + 1)), T0);
    execution.begin_invocation("invocation-1", T0);
    send(&mut execution, &json!([step(0, 1), step(1, 1)]), T0).unwrap();
    let expected: Vec<Vec<&str>> = vec![vec!["execution-id"], vec!["0", "1"]];
    assert_eq!(pages(&execution, None), expected);
}

#[test]
fn hidden_operations_are_not_counted() {
    let mut execution = invoked();
    let context = |action: &str| json!({ "Id": "ctx", "Type": "CONTEXT", "Action": action });
    let mut updates = vec![context("START")];
    for number in 0..5 {
        let mut child = step(number, 1);
        child["ParentId"] = json!("ctx");
        updates.push(child);
    }
    updates.extend([context("SUCCEED"), step(5, 1), step(6, 1)]);
    send(&mut execution, &json!(updates), T0).unwrap();
    let expected: Vec<Vec<&str>> = vec![vec!["execution-id", "ctx"], vec!["5", "6"]];
    assert_eq!(pages(&execution, Some(2)), expected);
}

#[test]
fn an_envelope_that_is_too_large_has_a_marker() {
    let mut execution = with_steps(22, LARGEST);
    pending(&mut execution, T0);
    let envelope = execution.begin_invocation("invocation-2", T0);
    let state = &envelope["InitialExecutionState"];
    assert_ne!(state["NextMarker"], "");
    assert_eq!(state["Operations"].as_array().map(Vec::len), Some(20));
    // The SDK then reads everything from the start, with the envelope's token.
    let token = envelope["CheckpointToken"].as_str().unwrap();
    assert_eq!(
        execution.state_page(token, None, None).unwrap().operations[0].id,
        "execution-id"
    );
    assert_eq!(pages(&execution, None).concat().len(), 23);
}

#[test]
fn an_answer_that_is_too_large_has_a_marker_and_the_state_is_read_with_its_token() {
    let mut execution = invoked();
    let updates: Vec<Value> = (0..21).map(|number| step(number, LARGEST)).collect();
    let answer = send(&mut execution, &json!(updates), T0).unwrap();
    assert_eq!(answer.operations.len(), 20);
    assert!(answer.next_marker.is_some());
    assert_ne!(answer.render()["NewExecutionState"]["NextMarker"], Value::Null);
    let page = execution.state_page(&answer.token.unwrap(), None, None).unwrap();
    assert_eq!(
        ids(&page.operations).len(),
        19,
        "the input counts in the first page, too"
    );
    assert_eq!(pages(&execution, None).concat().len(), 22);
}

#[test]
fn a_marker_that_belongs_to_another_state_is_refused() {
    let mut execution = with_steps(3, 1);
    let token = execution.current_token();
    let marker = execution
        .state_page(&token, None, Some(1))
        .unwrap()
        .next_marker
        .unwrap();
    for wrong in ["nonsense", "1", ":", "1:99", "0:1", "1:-1"] {
        let refused = execution.state_page(&token, Some(wrong), None).unwrap_err();
        assert_eq!(refused, Fault::InvalidParameter("Invalid marker".to_owned()), "{wrong}");
    }
    assert!(
        execution.state_page(&token, Some(""), None).is_ok(),
        "an empty marker is the beginning"
    );
    send(&mut execution, &json!([step(3, 1)]), T0).unwrap();
    assert!(
        execution
            .state_page(&execution.current_token(), Some(&marker), None)
            .is_err()
    );
}
