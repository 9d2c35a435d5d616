//! The records of a webhook as the functions of the domain take them, made once.

use tracehook_core::record::{ExecutionId, ExecutionPrefix, New, Record, Status, execution_name};
use tracehook_core::trace::{SpanId, TraceId, TraceParent};
use tracehook_core::{ExecutionToken, Labels, SourceName, Timestamp, WebhookSummary};

/// Explored attempts: every race is between one and the next. A search over three takes minutes.
pub(crate) const ATTEMPTS: usize = 2;
/// Explored records of one token: the second one follows when the first has expired.
pub(crate) const GENERATIONS: usize = 2;
/// How long a record is kept.
pub(crate) const DAYS: u32 = 35;

const TIME: Timestamp = Timestamp::from_epoch_ms(1_700_000_000_000);
const TOKEN: ExecutionToken = ExecutionToken::from_random([7; 16]);

/// What the engine knows an execution by.
#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) name: String,
    pub(crate) arn: String,
}

impl Name {
    /// The execution as a report names it; the engine may not tell when it began.
    pub(crate) fn id(&self) -> ExecutionId<'_> {
        ExecutionId {
            name: &self.name,
            arn: &self.arn,
            started_at: None,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Records {
    pub(crate) prefix: ExecutionPrefix,
    made: Vec<Record>,
    names: Vec<Name>,
}

impl Records {
    pub(crate) fn new() -> Self {
        let prefix: ExecutionPrefix = "t".parse().unwrap();
        let (mut made, mut names) = (Vec::new(), Vec::new());
        for generation in 1..=GENERATIONS {
            for attempt in 1..=ATTEMPTS {
                let attempt_number = u32::try_from(attempt).unwrap();
                let name = execution_name(&prefix, &TOKEN, born(generation), attempt_number);
                let arn = format!("arn:aws:lambda:r:0:function:p:1/durable-execution/{name}/id");
                for status in Status::ALL {
                    for knows_arn in [false, true] {
                        made.push(Record {
                            status,
                            execution_name: name.clone(),
                            execution_arn: knows_arn.then(|| arn.clone()),
                            attempt: attempt_number,
                            ..received(&prefix, born(generation))
                        });
                    }
                }
                names.push(Name { name, arn });
            }
        }
        Self { prefix, made, names }
    }

    pub(crate) fn record(&self, generation: usize, attempt: usize, status: Status, knows_arn: bool) -> &Record {
        let at = (generation - 1) * ATTEMPTS + attempt - 1;
        &self.made[(at * Status::ALL.len() + status as usize) * 2 + usize::from(knows_arn)]
    }

    pub(crate) fn name(&self, generation: usize, attempt: usize) -> &Name {
        &self.names[(generation - 1) * ATTEMPTS + attempt - 1]
    }
}

/// A later record is born when the one before it has expired.
pub(crate) const fn born(generation: usize) -> Timestamp {
    match generation {
        1 => TIME,
        _ => TIME.plus_days(DAYS),
    }
}

fn received(prefix: &ExecutionPrefix, at: Timestamp) -> Record {
    let source: SourceName = "github".parse().unwrap();
    Record::received(New {
        token: TOKEN,
        delivery_id: None,
        summary: WebhookSummary::new(&source, None, None, &[]),
        labels: Labels::new(),
        source,
        payload_sha256: [0; 32],
        payload_bytes: 2,
        prefix,
        traceparent: TraceParent {
            trace_id: TraceId::derive(at, &TOKEN),
            span_id: SpanId::from_random([1; 8]),
            sampled: true,
        },
        received_at: at,
        deduplication_days: DAYS,
    })
}
