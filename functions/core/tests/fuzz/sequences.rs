//! Long lives of one identity: deliveries of several bodies, redrives, ends, late reports, and time, up to the expiry of the
//! record and beyond. The model searches all short lives, this tries long ones.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tracehook_core::record::{
    Ages, Due, ExecutionId, ExecutionPrefix, ExecutionState, Known, New, Redrivable, Status, Verdict,
};
use tracehook_core::trace::{SpanId, TraceId, TraceParent};
use tracehook_core::{ExecutionToken, Labels, Record, SourceName, Timestamp, WebhookSummary};
use tracehook_test_support::fuzzing::fuzz;

const TOKEN: ExecutionToken = ExecutionToken::from_random([7; 16]);
const START: Timestamp = Timestamp::from_epoch_ms(1_700_000_000_000);
const DAYS: u32 = 35;
const REDELIVERIES: u32 = 3;

#[derive(Debug, Clone, Copy)]
enum Event {
    Deliver(u8),
    Redrive,
    /// The engine reports an execution, the last one being 0, that began with its attempt or is not told to have.
    Report(usize, ExecutionState, bool),
    Stop,
    Wait(u64),
}

fn event() -> impl Strategy<Value = Event> {
    let waits = vec![
        0,
        1,
        59,
        60,
        61,
        3600,
        86_400,
        35 * 86_400 - 1,
        35 * 86_400,
        40 * 86_400,
    ];
    prop_oneof![
        4 => (0..3_u8).prop_map(Event::Deliver),
        1 => Just(Event::Redrive),
        3 => (0..6_usize, select(ExecutionState::ALL.to_vec()), any::<bool>())
            .prop_map(|(back, state, told)| Event::Report(back, state, told)),
        1 => Just(Event::Stop),
        3 => select(waits).prop_map(Event::Wait),
    ]
}

/// A table with one state, and every execution that was ever asked for.
struct Life {
    prefix: ExecutionPrefix,
    now: Timestamp,
    spans: u8,
    stored: Option<Record>,
    executions: Vec<(String, Timestamp)>,
}

impl Life {
    fn new() -> Self {
        Self {
            prefix: "t".parse().unwrap(),
            now: START,
            spans: 0,
            stored: None,
            executions: Vec::new(),
        }
    }

    fn live(&self) -> Option<&Record> {
        self.stored.as_ref().filter(|record| !record.has_expired(self.now))
    }

    fn received(&mut self, body: u8) -> Record {
        let source: SourceName = "shop".parse().unwrap();
        self.spans = self.spans.wrapping_add(1);
        Record::received(New {
            token: TOKEN,
            delivery_id: Some("e-1".to_owned()),
            summary: WebhookSummary::new(&source, None, None, &[]),
            labels: Labels::new(),
            source,
            payload_sha256: [body; 32],
            payload_bytes: 2,
            prefix: &self.prefix,
            traceparent: TraceParent {
                trace_id: TraceId::derive(self.now, &TOKEN),
                span_id: SpanId::from_random([self.spans; 8]),
                sampled: true,
            },
            received_at: self.now,
            deduplication_days: DAYS,
        })
    }

    fn open(&mut self, record: Record) {
        let is_new = |(name, _): &(String, Timestamp)| *name != record.execution_name;
        assert!(self.executions.iter().all(is_new), "{} again", record.execution_name);
        self.executions.push((record.execution_name.clone(), self.now));
        self.stored = Some(record);
    }

    fn deliver(&mut self, body: u8) -> bool {
        let delivered = self.received(body);
        let Some(stored) = self.live().cloned() else {
            self.open(delivered);
            return false;
        };
        assert_eq!(
            stored.known_to(&delivered) == Known::Duplicate,
            stored.payload_sha256 == [body; 32]
        );
        let expires_at = self.now.plus_days(DAYS);
        let next = stored.redelivered(&self.prefix, self.now, expires_at, REDELIVERIES);
        let may = matches!(stored.status, Status::Failed | Status::TimedOut | Status::Stopped)
            && stored.redeliveries < REDELIVERIES
            && self.now.since(stored.attempt_started_at) >= Duration::from_mins(1);
        assert_eq!(next.is_some(), may, "{stored:?}");
        let Some(next) = next else { return false };
        let next = next.with_body_of(&delivered);
        assert_eq!(next.payload_sha256, [body; 32]);
        assert_eq!(
            (next.token, next.created_at, next.traceparent),
            (stored.token, stored.created_at, stored.traceparent)
        );
        assert!(next.expires_at >= expires_at && next.past_attempts.len() <= 5);
        self.open(next);
        true
    }

    fn report(&mut self, back: usize, state: ExecutionState, told: bool) {
        let Some((name, began)) = self.executions.iter().rev().nth(back).cloned() else {
            return;
        };
        let arn = format!("arn:{name}");
        let id = ExecutionId {
            name: &name,
            arn: &arn,
            started_at: told.then_some(began),
        };
        let now = self.now;
        let Some(stored) = self.live().cloned() else { return };
        match stored.judge_engine(id, state) {
            Verdict::Close(closing) => {
                assert_eq!(back, 0, "closed by an earlier execution: {stored:?}");
                assert!(!stored.status.is_terminal());
                self.stored = Some(stored.closed(&closing, now));
            }
            Verdict::OtherExecution => assert_ne!(back, 0, "its own execution is not believed: {stored:?}"),
            Verdict::Agrees | Verdict::Contradicts => assert_eq!(back, 0),
        }
    }

    fn redrive(&mut self) {
        let Some(stored) = self.live().cloned() else { return };
        if stored.redrivable(self.now) == Redrivable::Yes {
            let next = stored.next_attempt(&self.prefix, self.now, self.now.plus_days(DAYS));
            assert_eq!(
                next.redeliveries, stored.redeliveries,
                "an operator spends no redelivery"
            );
            self.open(next);
        }
    }
}

#[test]
fn no_life_reuses_a_name_follows_an_open_attempt_or_believes_an_earlier_execution() {
    let ages = Ages {
        received: Duration::from_mins(1),
        started: Duration::from_mins(5),
        stuck: Duration::from_hours(27),
    };
    let (reopened, reborn) = (Cell::new(0_u32), Cell::new(0_u32));
    fuzz("lives", 0, 1_500, vec(event(), 1..80), |events| {
        let mut life = Life::new();
        let mut created = BTreeSet::new();
        for event in events {
            match event {
                Event::Deliver(body) => reopened.set(reopened.get() + u32::from(life.deliver(body))),
                Event::Redrive => life.redrive(),
                Event::Report(back, state, told) => life.report(back, state, told),
                Event::Stop => {
                    let now = life.now;
                    if let Some(open) = life.stored.as_mut().filter(|record| !record.status.is_terminal()) {
                        *open = open.taken_over(now);
                    }
                }
                Event::Wait(seconds) => life.now = life.now.plus(Duration::from_secs(seconds)),
            }
            if let Some(record) = life.live() {
                created.insert(record.created_at);
                assert_eq!(record.due(life.now, &ages) == Due::Ended, record.status.is_terminal());
                assert_eq!(record.attempts().last().unwrap().number, record.attempt);
                assert!(record.redeliveries <= REDELIVERIES && record.redeliveries < record.attempt);
            }
        }
        reborn.set(reborn.get() + u32::try_from(created.len().saturating_sub(1)).unwrap());
    });
    assert!(reopened.get() > 50 && reborn.get() > 50, "{reopened:?} {reborn:?}");
}
