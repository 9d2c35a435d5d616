//! Ids of provisional traces and of spans, in the form that X-Ray requires.

use std::time::SystemTime;

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::IdGenerator;
use sha2::{Digest, Sha256};

/// Generates random ids. A trace id begins with the time in epoch seconds.
#[derive(Debug)]
pub(crate) struct Ids;

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        trace_id(SystemTime::now(), random())
    }

    fn new_span_id(&self) -> SpanId {
        span_id(random())
    }
}

fn trace_id(now: SystemTime, random: [u8; 12]) -> TraceId {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seconds = u32::try_from(since.as_secs()).unwrap_or_default().to_be_bytes();
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(seconds.into_iter().chain(random)) {
        *to = from;
    }
    // All zeros are no trace id; only a clock at the epoch could lead there.
    TraceId::from_bytes(if bytes == [0; 16] { [1; 16] } else { bytes })
}

fn span_id(random: [u8; 8]) -> SpanId {
    // All zeros are no span id.
    SpanId::from(u64::from_be_bytes(random).max(1))
}

/// The id of a span that several processes name without having seen it: made from its parent's id and its name.
pub(crate) fn derived(parent: SpanId, name: &str) -> SpanId {
    let digest = Sha256::new()
        .chain_update(parent.to_bytes())
        .chain_update(name.as_bytes())
        .finalize();
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(digest) {
        *to = from;
    }
    span_id(bytes)
}

/// Falls back to the clock when no random source is available; ids are not secrets.
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_trace_id_begins_with_the_time() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_999);
        assert_eq!(
            trace_id(now, [0xab; 12]).to_string(),
            "6553f100abababababababababababab"
        );
    }

    #[test]
    fn no_id_is_ever_zero() {
        assert_ne!(trace_id(SystemTime::UNIX_EPOCH, [0; 12]), TraceId::INVALID);
        assert_eq!(span_id([0; 8]).to_string(), "0000000000000001");
        assert_eq!(span_id([0xab; 8]).to_string(), "abababababababab");
    }
}
