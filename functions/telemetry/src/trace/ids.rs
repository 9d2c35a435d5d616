//! Ids of provisional traces and of spans, in the form that X-Ray wants.

use std::time::SystemTime;

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::IdGenerator;
use tracehook_core::Timestamp;
use tracehook_core::trace::{SpanId as OurSpanId, TraceId as OurTraceId};

/// Random ids; a trace's begins with the time.
#[derive(Debug)]
pub(super) struct Ids;

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        let now = Timestamp::from(SystemTime::now());
        TraceId::from_bytes(OurTraceId::from_random(now, random()).to_bytes())
    }

    fn new_span_id(&self) -> SpanId {
        SpanId::from_bytes(OurSpanId::from_random(random()).to_bytes())
    }
}

/// Without a random source there is no other way to an id than the clock's fraction, and no secret depends on it.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if getrandom::fill(&mut bytes).is_err() {
        let nanos = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(1, |since| since.as_nanos());
        for (to, from) in bytes.iter_mut().zip(nanos.to_le_bytes()) {
            *to = from;
        }
    }
    bytes
}
