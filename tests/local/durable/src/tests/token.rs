//! Checkpoint tokens: one use each, void with their invocation, and the repeat of a lost answer.

use serde_json::{Value, json};

use super::{SECOND, T0, invoked, pending, policy, request, send};
use crate::{CheckpointAnswer, ErrorObject, Execution, Fault};

fn start(id: &str) -> Value {
    json!([{ "Id": id, "Type": "STEP", "Action": "START" }])
}

fn is_refused(execution: &Execution, token: &str) -> bool {
    let mut next = execution.clone();
    let result = next.checkpoint(&request(token, Some("new"), &start("other")), T0);
    matches!(result, Err(Fault::StaleToken))
        && matches!(execution.state_page(token, None, None), Err(Fault::StaleToken))
}

#[test]
fn each_accepted_call_consumes_its_token_and_returns_the_next() {
    let mut execution = invoked();
    let first = execution.current_token();
    let second = send(&mut execution, &start("a"), T0).unwrap().token.unwrap();
    let third = send(&mut execution, &start("b"), T0).unwrap().token.unwrap();
    assert_eq!(third, execution.current_token());
    assert!(!is_refused(&execution, &third));
    assert!(is_refused(&execution, &first) && is_refused(&execution, &second));
}

#[test]
fn a_refused_call_consumes_nothing() {
    let mut execution = invoked();
    let token = execution.current_token();
    assert!(
        send(
            &mut execution,
            &json!([{ "Id": "a", "Type": "WAIT", "Action": "START" }]),
            T0
        )
        .is_err()
    );
    assert!(!is_refused(&execution, &token));
}

#[test]
fn reading_the_state_consumes_nothing() {
    let execution = invoked();
    let token = execution.current_token();
    execution.state_page(&token, None, None).unwrap();
    assert!(!is_refused(&execution, &token));
}

#[test]
fn no_token_is_current_unless_its_own_invocation_runs() {
    type Ending = fn(&mut Execution);
    let mut execution = invoked();
    let token = execution.current_token();
    let cases: [(&str, Ending); 5] = [
        ("answered", |execution| pending(execution, T0)),
        ("failed", |execution| {
            execution.fail_invocation(ErrorObject::default(), &policy(), T0);
        }),
        ("succeeded", |execution| {
            execution.finish(br#"{"Status":"SUCCEEDED"}"#, &policy(), T0);
        }),
        ("stopped", |execution| {
            execution.stop(None, T0);
        }),
        ("taken back", |execution| execution.postpone(T0)),
    ];
    for (case, end) in cases {
        let mut ended = execution.clone();
        end(&mut ended);
        assert!(is_refused(&ended, &token), "{case}");
        assert!(is_refused(&ended, &ended.current_token()), "{case}");
    }
    pending(&mut execution, T0);
    execution.begin_invocation("invocation-2", T0);
    assert!(is_refused(&execution, &token), "an earlier invocation's token");
    for wrong in ["", "nonsense", "ZXhlY3V0aW9u"] {
        assert!(is_refused(&execution, wrong), "{wrong:?}");
    }
}

#[test]
fn the_refusal_of_a_token_begins_as_the_service_says_it() {
    assert!(Fault::StaleToken.to_string().starts_with("Invalid checkpoint token"));
}

#[test]
fn tokens_are_base64_and_short() {
    use base64::Engine as _;
    let token = invoked().current_token();
    assert!(token.len() <= 2048);
    base64::engine::general_purpose::STANDARD.decode(token).unwrap();
}

fn call(
    execution: &mut Execution,
    inbound: &str,
    client: Option<&str>,
    now_ms: i64,
) -> Result<CheckpointAnswer, Fault> {
    let request = request(inbound, client, &start("a"));
    match execution.replayed(&request, now_ms) {
        Some(answer) => Ok(answer),
        None => execution.checkpoint(&request, now_ms),
    }
}

#[test]
fn a_repeat_of_a_call_gets_its_first_answer() {
    let mut execution = invoked();
    let inbound = execution.current_token();
    let first = call(&mut execution, &inbound, Some("c1"), T0).unwrap();
    // Another call in between does not take the answer away.
    send(&mut execution, &start("b"), T0).unwrap();
    let again = call(&mut execution, &inbound, Some("c1"), T0 + SECOND).unwrap();
    assert_eq!(again.render(), first.render());
    assert_eq!(execution.operations().count(), 3, "nothing was applied twice");
}

#[test]
fn a_repeat_is_known_by_both_its_tokens() {
    let mut execution = invoked();
    let inbound = execution.current_token();
    let answer = call(&mut execution, &inbound, Some("c1"), T0).unwrap();
    for (inbound, client) in [
        (inbound.as_str(), Some("c2")),
        (inbound.as_str(), None),
        (inbound.as_str(), Some("")),
        (answer.token.as_deref().unwrap(), Some("c1")),
    ] {
        let request = request(inbound, client, &start("a"));
        assert!(execution.replayed(&request, T0).is_none(), "{inbound} {client:?}");
    }
}

#[test]
fn calls_without_a_client_token_are_not_remembered() {
    for client in [None, Some("")] {
        let mut execution = invoked();
        let inbound = execution.current_token();
        call(&mut execution, &inbound, client, T0).unwrap();
        assert_eq!(
            call(&mut execution, &inbound, client, T0).unwrap_err(),
            Fault::StaleToken
        );
    }
}

#[test]
fn answers_are_remembered_for_fifteen_minutes() {
    let mut execution = invoked();
    let inbound = execution.current_token();
    call(&mut execution, &inbound, Some("c1"), T0).unwrap();
    let remembered =
        |execution: &Execution, now_ms| execution.replayed(&request(&inbound, Some("c1"), &start("a")), now_ms);
    assert!(remembered(&execution, T0 + 15 * 60 * SECOND).is_some());
    assert!(remembered(&execution, T0 + 15 * 60 * SECOND + 1).is_none());
}
