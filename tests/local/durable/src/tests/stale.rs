//! Whatever is done with tokens, of all that were ever given out one is current at most, and the others change nothing.

use std::cell::Cell;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use tracehook_test_support::fuzzing::fuzz;

use super::restart::stored_clone;
use super::{SECOND, T0, new_execution, policy, request};
use crate::{CheckpointAnswer, ErrorObject, Execution, Fault};

/// A token that a caller sends.
#[derive(Debug, Clone)]
enum Token {
    Current,
    /// One that was given out before, the current one among them.
    Issued(Index),
    /// One that was given out, with another letter in one place.
    Changed(Index, Index, char),
    /// One that the caller has made up.
    MadeUp(String),
}

/// The updates of a call.
#[derive(Debug, Clone, Copy)]
enum Updates {
    None,
    StartsAStep,
    EndsTheExecution,
}

#[derive(Debug, Clone)]
enum Move {
    Begin,
    /// The client token is one of few, so that calls are repeated, rightly and with other tokens.
    Checkpoint(Token, Option<u8>, Updates),
    AnswerPending,
    Fail,
    TakeBack,
    Restart,
    Stop,
    Later(u32),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let token = prop_oneof![
        6 => Just(Token::Current),
        4 => any::<Index>().prop_map(Token::Issued),
        1 => (any::<Index>(), any::<Index>(), "[A-Za-z0-9=]").prop_map(|(token, at, letter)| {
            Token::Changed(token, at, letter.chars().next().unwrap_or('A'))
        }),
        1 => "[ -~]{0,40}".prop_map(Token::MadeUp),
    ];
    let updates = prop_oneof![
        4 => Just(Updates::None),
        8 => Just(Updates::StartsAStep),
        1 => Just(Updates::EndsTheExecution),
    ];
    let checkpoint = (token, proptest::option::of(0..4_u8), updates);
    let one = prop_oneof![
        6 => Just(Move::Begin),
        12 => checkpoint.prop_map(|(token, client, updates)| Move::Checkpoint(token, client, updates)),
        1 => Just(Move::AnswerPending),
        2 => Just(Move::Fail),
        1 => Just(Move::TakeBack),
        1 => Just(Move::Restart),
        1 => (0..40_u8).prop_map(|n| if n == 0 { Move::Stop } else { Move::Begin }),
        1 => (0..1_200_u32).prop_map(Move::Later),
    ];
    vec(one, 1..60)
}

/// An execution, and what its callers may rely on.
struct Play {
    execution: Execution,
    now_ms: i64,
    /// Every token that was given out.
    issued: Vec<String>,
    current: Option<String>,
    /// Calls that were accepted since the last restart: client token, token, answer, time.
    accepted: Vec<(String, String, CheckpointAnswer, i64)>,
    invocations: u32,
    steps: u32,
}

impl Play {
    fn new() -> Self {
        Self {
            execution: new_execution(),
            now_ms: T0,
            issued: Vec::new(),
            current: None,
            accepted: Vec::new(),
            invocations: 0,
            steps: 0,
        }
    }

    fn issue(&mut self, token: Option<String>) {
        if let Some(token) = &token {
            assert!(!self.issued.contains(token), "given out twice");
            self.issued.push(token.clone());
        }
        self.current = token;
    }

    fn token(&self, token: Token) -> String {
        let issued = |at: Index| match self.issued.len() {
            0 => String::new(),
            len => self.issued[at.index(len)].clone(),
        };
        match token {
            Token::Current => self.current.clone().unwrap_or_default(),
            Token::Issued(at) => issued(at),
            Token::Changed(token, at, letter) => {
                let mut letters: Vec<char> = issued(token).chars().collect();
                if !letters.is_empty() {
                    let at = at.index(letters.len());
                    letters[at] = letter;
                }
                letters.into_iter().collect()
            }
            Token::MadeUp(token) => token,
        }
    }

    fn updates(&mut self, updates: Updates) -> Value {
        self.steps += 1;
        match updates {
            Updates::None => json!([]),
            Updates::StartsAStep => json!([{"Id": format!("s{}", self.steps), "Type": "STEP", "Action": "START"}]),
            Updates::EndsTheExecution => json!([{"Id": "end", "Type": "EXECUTION", "Action": "SUCCEED"}]),
        }
    }

    /// One call as the host makes it; true if it was refused.
    fn checkpoint(&mut self, token: Token, client: Option<u8>, updates: Updates) -> bool {
        let (token, client) = (self.token(token), client.map(|client| format!("c{client}")));
        let request = request(&token, client.as_deref(), &self.updates(updates));
        let known = self.accepted.iter().find(|(known, inbound, _, at)| {
            Some(known) == client.as_ref() && *inbound == token && self.now_ms - at <= 15 * 60 * SECOND
        });
        let replayed = self.execution.replayed(&request, self.now_ms);
        assert_eq!(
            replayed.map(|answer| answer.render()),
            known.map(|(.., answer, _)| answer.render()),
            "a repeated call gets the answer that it got, and no other call gets it"
        );
        if known.is_some() {
            return false;
        }
        let mut next = self.execution.clone();
        let answered = next.checkpoint(&request, self.now_ms);
        if self.current.as_ref() != Some(&token) {
            assert_eq!(answered.unwrap_err(), Fault::StaleToken);
            assert_eq!(
                self.execution.state_page(&token, None, None).unwrap_err(),
                Fault::StaleToken
            );
            return true;
        }
        let answer = answered.unwrap();
        self.execution = next;
        assert_eq!(answer.token.is_none(), self.execution.is_closed());
        self.issue(answer.token.clone());
        if let Some(client) = client {
            self.accepted.push((client, token, answer, self.now_ms));
        }
        false
    }

    fn make(&mut self, one: Move) -> bool {
        match one {
            Move::Begin if self.current.is_none() && !self.execution.is_closed() => {
                self.invocations += 1;
                let id = format!("invocation-{}", self.invocations);
                let input = self.execution.begin_invocation(&id, self.now_ms);
                self.issue(Some(input["CheckpointToken"].as_str().unwrap().to_owned()));
            }
            Move::Begin => {}
            Move::Checkpoint(token, client, updates) => return self.checkpoint(token, client, updates),
            Move::AnswerPending => {
                self.end(|execution, now| execution.finish(br#"{"Status":"PENDING"}"#, &policy(), now));
            }
            Move::Fail => self.end(|execution, now| execution.fail_invocation(ErrorObject::default(), &policy(), now)),
            Move::TakeBack => self.end(Execution::postpone),
            Move::Stop => self.end(|execution, now| {
                execution.stop(None, now);
            }),
            Move::Restart => {
                self.execution = stored_clone(&self.execution);
                self.accepted.clear();
                self.current = None;
            }
            Move::Later(seconds) => self.now_ms += i64::from(seconds) * SECOND,
        }
        false
    }

    fn end(&mut self, end: impl FnOnce(&mut Execution, i64)) {
        end(&mut self.execution, self.now_ms);
        self.current = None;
    }
}

#[test]
fn of_all_tokens_one_is_current_at_most_and_no_other_changes_anything() {
    let (refused, ended) = (Cell::new(0_u32), Cell::new(0_u32));
    fuzz("stale tokens", 0, 3_000, moves(), |moves| {
        let mut play = Play::new();
        for one in moves {
            refused.set(refused.get() + u32::from(play.make(one)));
            for token in &play.issued {
                assert_eq!(
                    play.execution.is_current_token(token),
                    play.current.as_ref() == Some(token)
                );
            }
        }
        ended.set(ended.get() + u32::from(play.execution.is_closed()));
    });
    assert!(refused.get() > 0 && ended.get() > 0, "{refused:?} {ended:?}");
}
