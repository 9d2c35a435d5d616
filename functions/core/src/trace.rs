//! The ids of a webhook's trace: made from what the record holds, so that every function finds the same trace.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::timestamp::Timestamp;
use crate::token::ExecutionToken;

/// A trace id of the W3C form, whose first 8 digits are the receive time in epoch seconds, as X-Ray wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 16]);

/// A span id of the W3C form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId([u8; 8]);

/// The `traceparent` that is stored in the record: its trace, the root span, and whether it is sampled.
///
/// Source of the text form: W3C Trace Context, version 00.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    /// The trace.
    pub trace_id: TraceId,
    /// The root span.
    pub span_id: SpanId,
    /// True if spans of this trace are exported.
    pub sampled: bool,
}

/// The text is not a `traceparent` of version 00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a traceparent of version 00")]
pub struct InvalidTraceParent;

impl TraceId {
    /// The trace of a webhook: the receive time, then the first 12 bytes of the SHA-256 of the token's text.
    #[must_use]
    pub fn derive(received_at: Timestamp, token: &ExecutionToken) -> Self {
        let seconds = u32::try_from(received_at.epoch_seconds())
            .unwrap_or_default()
            .to_be_bytes();
        let digest = Sha256::digest(token.to_string().as_bytes());
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(seconds.into_iter().chain(digest)) {
            *to = from;
        }
        Self(bytes)
    }

    /// An id that another tracing system made.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The id's bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// X-Ray's form: `1-{8 digits}-{24 digits}`.
    #[must_use]
    pub(crate) fn to_xray(self) -> String {
        let text = self.to_string();
        let (time, unique) = text.split_at(8);
        format!("1-{time}-{unique}")
    }
}

impl SpanId {
    /// A span id from random bytes. All zeros are no span id; they become the smallest one.
    #[must_use]
    pub const fn from_random(bytes: [u8; 8]) -> Self {
        if u64::from_be_bytes(bytes) == 0 {
            Self([0, 0, 0, 0, 0, 0, 0, 1])
        } else {
            Self(bytes)
        }
    }

    /// The id's bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0
    }
}

impl TraceParent {
    /// The root span of a webhook's attempt. Beyond the first one its id is made from the webhook's root and the attempt's
    /// number, so that whoever knows the record finds it without having seen it.
    #[must_use]
    pub(crate) fn of_attempt(self, number: u32) -> Self {
        if number <= 1 {
            return self;
        }
        let digest = Sha256::new()
            .chain_update(self.span_id.0)
            .chain_update(number.to_be_bytes())
            .finalize();
        let mut bytes = [0; 8];
        for (to, from) in bytes.iter_mut().zip(digest) {
            *to = from;
        }
        Self {
            span_id: SpanId::from_random(bytes),
            ..self
        }
    }
}

impl FromStr for SpanId {
    type Err = InvalidTraceParent;

    fn from_str(text: &str) -> Result<Self, InvalidTraceParent> {
        let mut bytes = [0; 8];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidTraceParent)?;
        if bytes == [0; 8] {
            return Err(InvalidTraceParent);
        }
        Ok(Self(bytes))
    }
}

impl Serialize for SpanId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SpanId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl Serialize for TraceParent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TraceParent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl Serialize for TraceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "00-{}-{}-{:02x}",
            self.trace_id,
            self.span_id,
            u8::from(self.sampled)
        )
    }
}

impl FromStr for TraceParent {
    type Err = InvalidTraceParent;

    fn from_str(text: &str) -> Result<Self, InvalidTraceParent> {
        let mut parts = text.split('-');
        let (Some("00"), Some(trace), Some(span), Some(flags), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidTraceParent);
        };
        let (mut trace_id, mut span_id, mut flag) = ([0; 16], [0; 8], [0; 1]);
        for (text, bytes) in [
            (trace, &mut trace_id[..]),
            (span, &mut span_id[..]),
            (flags, &mut flag[..]),
        ] {
            hex::decode_to_slice(text, bytes).map_err(|_| InvalidTraceParent)?;
        }
        if trace_id == [0; 16] || span_id == [0; 8] {
            return Err(InvalidTraceParent);
        }
        Ok(Self {
            trace_id: TraceId(trace_id),
            span_id: SpanId(span_id),
            sampled: u8::from_be_bytes(flag) & 1 == 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_id_is_the_receive_time_and_the_hash_of_the_token() {
        let token: ExecutionToken = "00112233445566778899aabbccddeeff".parse().unwrap();
        let id = TraceId::derive(Timestamp::from_epoch_ms(1_700_000_000_999), &token);
        // printf 00112233445566778899aabbccddeeff | sha256sum
        assert_eq!(id.to_string(), format!("6553f100{}", "5947d7c33d783f94b3b4c1a9"));
        assert_eq!(id.to_xray(), format!("1-6553f100-{}", "5947d7c33d783f94b3b4c1a9"));
    }

    #[test]
    fn a_traceparent_survives_its_text() {
        for text in [
            "00-6553f100d7e21b8ed24b0a7d4b0a7d4b-00f067aa0ba902b7-01",
            "00-6553f100d7e21b8ed24b0a7d4b0a7d4b-00f067aa0ba902b7-00",
        ] {
            assert_eq!(text.parse::<TraceParent>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_traceparent_is_refused() {
        for bad in [
            "",
            "00-0-0-0",
            "01-6553f100d7e21b8ed24b0a7d4b0a7d4b-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-6553f100d7e21b8ed24b0a7d4b0a7d4b-0000000000000000-01",
            "00-6553f100d7e21b8ed24b0a7d4b0a7d4b-00f067aa0ba902b7-01-x",
        ] {
            assert_eq!(bad.parse::<TraceParent>(), Err(InvalidTraceParent), "{bad}");
        }
    }

    #[test]
    fn every_attempt_has_a_span_id_of_its_own_that_its_number_leads_to() {
        let root: TraceParent = "00-6553f100d7e21b8ed24b0a7d4b0a7d4b-00f067aa0ba902b7-01"
            .parse()
            .unwrap();
        assert_eq!(root.of_attempt(1), root, "the first attempt's is the webhook's");
        // printf '\x00\xf0\x67\xaa\x0b\xa9\x02\xb7\x00\x00\x00\x02' | sha256sum
        assert_eq!(root.of_attempt(2).span_id.to_string(), "e668497907d866bf");
        assert_ne!(root.of_attempt(3).span_id, root.of_attempt(2).span_id);
        assert_eq!(
            (root.of_attempt(2).trace_id, root.of_attempt(2).sampled),
            (root.trace_id, true)
        );
    }

    #[test]
    fn no_span_id_is_ever_zero() {
        assert_eq!(SpanId::from_random([0; 8]).to_string(), "0000000000000001");
        assert!("0000000000000000".parse::<SpanId>().is_err());
    }

    #[test]
    fn ids_survive_json() {
        let parent: TraceParent = "00-6553f100d7e21b8ed24b0a7d4b0a7d4b-00f067aa0ba902b7-01"
            .parse()
            .unwrap();
        let json = serde_json::to_string(&(parent, parent.span_id)).unwrap();
        assert_eq!(
            serde_json::from_str::<(TraceParent, SpanId)>(&json).unwrap(),
            (parent, parent.span_id)
        );
    }
}
