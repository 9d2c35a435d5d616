//! The relation of a stored record to a delivery that meets it under its token.

use super::Record;

/// What a stored record is to a delivery that meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// The delivery's own record: an earlier try of the same write was done and its answer lost.
    Own,
    /// The same body came before.
    Duplicate,
    /// Another body came before.
    Conflict,
}

impl Record {
    /// Judges the stored record that `delivery`, which has the same token, meets.
    #[must_use]
    pub fn known_to(&self, delivery: &Self) -> Known {
        // Only the request that made a record knows its root span.
        if self.traceparent == delivery.traceparent {
            Known::Own
        } else if self.payload_sha256 == delivery.payload_sha256 {
            Known::Duplicate
        } else {
            Known::Conflict
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::record;
    use crate::trace::{SpanId, TraceParent};

    #[test]
    fn a_record_is_known_by_its_root_span_and_then_by_its_body() {
        let stored = record();
        let other = |body| Record {
            payload_sha256: [body; 32],
            traceparent: TraceParent {
                span_id: SpanId::from_random([9; 8]),
                ..stored.traceparent
            },
            ..stored.clone()
        };
        assert_eq!(stored.known_to(&stored), Known::Own);
        assert_eq!(stored.known_to(&other(0)), Known::Duplicate);
        assert_eq!(stored.known_to(&other(1)), Known::Conflict);
    }
}
