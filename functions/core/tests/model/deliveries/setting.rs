//! A source, two bodies with one identity, and the records that they lead to.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use http::HeaderMap;
use sha2::{Digest, Sha256};
use tracehook_core::body::Shape;
use tracehook_core::record::{ExecutionPrefix, New, PayloadDigest, Status, execution_name};
use tracehook_core::secret::Secret;
use tracehook_core::source::{Conflict, OnConflict, Place};
use tracehook_core::trace::{SpanId, TraceId, TraceParent};
use tracehook_core::{ExecutionToken, Labels, Record, SourceName, Sources, Timestamp, WebhookSummary};

use super::item::{Age, State};

/// Two bodies of one delivery: a producer counts its tries in the body, or a stranger uses the id of another webhook.
const BODIES: [&str; 2] = [r#"{"id":"e-1","try":1}"#, r#"{"id":"e-1","try":2}"#];

/// The time of every action. What is older was opened before.
pub(crate) const NOW: Timestamp = Timestamp::from_epoch_ms(1_700_000_000_000);
/// How long a record is kept.
pub(crate) const DAYS: u32 = 35;

/// A source with its deliveries.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) on_conflict: OnConflict,
    pub(crate) is_signed: bool,
    /// Attempts that the producer may open.
    pub(crate) redeliveries: u32,
    /// Attempts that an operator opens.
    pub(crate) redrives: u32,
    pub(crate) prefix: ExecutionPrefix,
    /// The tokens that there are: that of the identity first.
    pub(crate) tokens: Vec<ExecutionToken>,
    of_identity: [ExecutionToken; 2],
    conflicts: [Conflict<ExecutionToken>; 2],
    records: RefCell<HashMap<(usize, State), Rc<Record>>>,
}

impl Setting {
    pub(crate) fn new(is_signed: bool, on_conflict: OnConflict) -> Self {
        let (place, policy) = (
            if is_signed { "json:/id" } else { "header:X-Id" },
            if on_conflict == OnConflict::Accept {
                "accept"
            } else {
                "duplicate"
            },
        );
        let json = format!(r#"{{"shop":{{"preset":"hmac-sha256","id":["{place}"],"on_conflict":"{policy}"}}}}"#);
        let sources = Sources::parse(&json).unwrap();
        let (name, config) = sources.get("shop").unwrap();
        let key = Secret::new("a key of this deployment");
        let identities = [0, 1].map(|body| {
            let shape = Shape::read(BODIES[body].as_bytes(), config.pointers()).unwrap();
            let headers = HeaderMap::from_iter([("x-id".parse().unwrap(), "e-1".parse().unwrap())]);
            let place = Place {
                headers: &headers,
                shape: &shape,
                digest: &digest(body),
                proven: config.verify().ways().next().unwrap(),
            };
            config.identity(&place).unwrap().unwrap()
        });
        let conflicts = [0, 1].map(|body| {
            let identity = &identities[body];
            config.conflict(identity, || {
                ExecutionToken::derive_with_body(&key, name, &identity.key(), &digest(body))
            })
        });
        let of_identity = identities
            .each_ref()
            .map(|identity| ExecutionToken::derive(&key, name, &identity.key()));
        let mut tokens = of_identity.to_vec();
        tokens.extend(conflicts.iter().filter_map(|conflict| match conflict {
            Conflict::Apart(token) => Some(*token),
            _ => None,
        }));
        tokens.dedup();
        let is_apart = on_conflict == OnConflict::Accept;
        Self {
            on_conflict,
            is_signed,
            // Two records are a larger world.
            redeliveries: if is_apart { 1 } else { 3 },
            redrives: u32::from(!is_apart),
            prefix: "t".parse().unwrap(),
            tokens,
            of_identity,
            conflicts,
            records: RefCell::default(),
        }
    }

    /// True if a payload's last days and the first minute of an attempt are looked at.
    pub(crate) const fn is_fine(&self) -> bool {
        matches!(self.on_conflict, OnConflict::Duplicate)
    }

    /// Where a delivery is looked up first.
    pub(crate) fn place(&self, body: usize) -> usize {
        self.slot(self.of_identity[body])
    }

    /// An attempt that is opened now.
    pub(crate) const fn opened(&self, state: State) -> State {
        State {
            age: if self.is_fine() { Age::Fresh } else { Age::Minute },
            ..state
        }
    }

    /// What a delivery becomes that meets another body, with the place of its own.
    pub(crate) fn conflict(&self, body: usize) -> Conflict<usize> {
        match self.conflicts[body] {
            Conflict::Repeats => Conflict::Repeats,
            Conflict::Ignored => Conflict::Ignored,
            Conflict::Apart(token) => Conflict::Apart(self.slot(token)),
        }
    }

    fn slot(&self, token: ExecutionToken) -> usize {
        self.tokens.iter().position(|known| *known == token).unwrap()
    }

    /// The record that a delivery would store.
    pub(crate) fn delivered(&self, slot: usize, body: usize) -> Rc<Record> {
        self.record(slot, State::received(body))
    }

    /// A record as the functions of the domain take it, made once.
    pub(crate) fn record(&self, slot: usize, state: State) -> Rc<Record> {
        let mut records = self.records.borrow_mut();
        let made = records.entry((slot, state));
        Rc::clone(made.or_insert_with(|| Rc::new(self.make(self.tokens[slot], state))))
    }

    fn make(&self, token: ExecutionToken, state: State) -> Record {
        let source: SourceName = "shop".parse().unwrap();
        let started = NOW.minus(match state.age {
            Age::Fresh => Duration::ZERO,
            Age::Minute => Duration::from_mins(1),
            Age::Late => Duration::from_hours(24 * 10),
            Age::Expired => Duration::from_hours(24 * u64::from(DAYS)),
        });
        let received = started.minus(Duration::from_mins(u64::from(state.attempt)));
        let new = Record::received(New {
            token,
            delivery_id: Some("e-1".to_owned()),
            summary: WebhookSummary::new(&source, None, None, &[]),
            labels: Labels::new(),
            source,
            payload_sha256: digest(state.body),
            payload_bytes: BODIES[state.body].len() as u64,
            prefix: &self.prefix,
            traceparent: TraceParent {
                trace_id: TraceId::derive(received, &token),
                span_id: SpanId::from_random([1; 8]),
                sampled: true,
            },
            received_at: received,
            deduplication_days: 0,
        });
        Record {
            status: state.status,
            attempt: state.attempt,
            redeliveries: state.redeliveries,
            attempt_started_at: started,
            execution_name: execution_name(&self.prefix, &token, received, state.attempt),
            execution_arn: (state.status != Status::Received).then(|| "arn".to_owned()),
            expires_at: started.plus_days(DAYS),
            ..new
        }
    }
}

fn digest(body: usize) -> PayloadDigest {
    Sha256::digest(BODIES[body]).into()
}

/// The body that a record has.
pub(crate) fn body_of(record: &Record) -> usize {
    (0..BODIES.len())
        .find(|body| digest(*body) == record.payload_sha256)
        .unwrap()
}
