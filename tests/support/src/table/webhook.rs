//! A webhook as the validator makes it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail the test"
)]

use sha2::{Digest as _, Sha256};
use tracehook_core::body::BodyForm;
use tracehook_core::record::{New, Record, Status, StepName};
use tracehook_core::trace::{SpanId, TraceId, TraceParent};
use tracehook_core::{ExecutionToken, Labels, Timestamp, WebhookSummary};
use tracehook_store::Payload;

/// The time at which every webhook was received.
pub const NOW: Timestamp = Timestamp::from_epoch_ms(1_700_000_000_123);

/// A record as the validator makes it, and its payload. Requests for the same `delivery` differ by `request`.
///
/// # Panics
/// When a constant is not of its type.
#[must_use]
pub fn webhook(delivery: u8, body: &[u8], request: u8) -> (Record, Payload) {
    let token = ExecutionToken::from_random([delivery; 16]);
    let source: tracehook_core::SourceName = "github".parse().unwrap();
    let mut digest = [0; 32];
    digest[..body.len().min(32)].copy_from_slice(&body[..body.len().min(32)]);
    let record = Record::received(New {
        token,
        delivery_id: Some(format!("d-{delivery}")),
        summary: WebhookSummary::new(&source, None, None, &[]),
        labels: Labels::from([("payment".to_owned(), format!("pi_{delivery}"))]),
        source,
        payload_sha256: digest,
        payload_bytes: body.len() as u64,
        prefix: &"t".parse().unwrap(),
        traceparent: TraceParent {
            trace_id: TraceId::derive(NOW, &token),
            span_id: SpanId::from_random([request; 8]),
            sampled: true,
        },
        received_at: NOW,
        deduplication_days: 7,
    });
    // The table keeps whole seconds.
    let record = Record {
        expires_at: Timestamp::from_epoch_ms(1_700_600_000_000),
        ..record
    };
    (
        record,
        Payload {
            body: body.to_vec().into(),
            content_type: Some("application/json".into()),
            coding: None,
            form: BodyForm::Json,
            headers: [("x-webhook-event".to_owned(), "push".to_owned())].into(),
            retention_days: None,
        },
    )
}

/// The same with a body of so many bytes, and its digest.
///
/// # Panics
/// When a constant is not of its type.
#[must_use]
pub fn large_webhook(delivery: u8, bytes: usize, request: u8) -> (Record, Payload) {
    let body = vec![b'0' + delivery % 10; bytes];
    let (record, payload) = webhook(delivery, &body, request);
    let payload_sha256 = Sha256::digest(&body).into();
    (
        Record {
            payload_sha256,
            ..record
        },
        payload,
    )
}

/// The statuses through which a new record reaches `status`: those of the steps, or the first step's and then a bad end.
#[must_use]
pub fn path_to(status: Status) -> Vec<Status> {
    let steps = StepName::ALL.map(StepName::status);
    match steps.iter().position(|step| *step == status) {
        Some(last) => steps[..=last].to_vec(),
        None if status == Status::Received => Vec::new(),
        None => vec![steps[0], status],
    }
}
