//! Sends ended spans to an OTLP backend: one request at a time, each within the configured timeout.
//!
//! An unreachable, slow or broken backend costs one timeout, once, and then a short wait after each of the growing
//! pauses; a request that takes longer continues during the next event. A batch that certainly did not arrive is kept and
//! sent again; one that may have arrived is dropped and reported, so that no span is ever exported twice.

mod breaker;
mod config;
mod otlp;
mod sign;
#[cfg(test)]
mod tests;
mod transport;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_credential_types::provider::SharedCredentialsProvider;
use opentelemetry_sdk::trace::SpanData;

use crate::buffer::{Buffer, Take};
use crate::drops::{DropReason, OnDropped};

pub use config::ExporterConfig;

use breaker::Breaker;
use otlp::Otlp;
use transport::Refusal;

/// The most spans of one request. X-Ray takes 10,000 and 5 MB; half a megabyte is sent within any sensible timeout.
const MOST_SPANS: usize = 512;

/// The longest wait for a backend that has failed before.
const WAIT_AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Grace beyond the request timeout, so the waiter sees the result.
const RESULT_GRACE: Duration = Duration::from_millis(20);

/// Exports the spans of one process. Share it: it owns the [`Buffer`].
#[derive(Debug)]
pub struct Exporter {
    buffer: Arc<Buffer>,
    otlp: Otlp,
    timeout: Duration,
    breaker: Mutex<Breaker>,
    /// Locked while a request is in flight.
    sending: Arc<tokio::sync::Mutex<()>>,
    on_dropped: OnDropped,
}

impl Exporter {
    /// An exporter that reports the spans that it drops. None when the OTLP client refuses the configuration.
    #[must_use]
    pub fn new(config: &ExporterConfig, on_dropped: OnDropped) -> Option<Self> {
        Some(Self {
            buffer: Arc::new(Buffer::new(config.sampler, on_dropped.clone())),
            otlp: Otlp::new(config)?,
            timeout: config.timeout,
            breaker: Mutex::default(),
            sending: Arc::default(),
            on_dropped,
        })
    }

    /// The spans that wait for their export.
    #[must_use]
    pub const fn buffer(&self) -> &Arc<Buffer> {
        &self.buffer
    }

    /// Signs requests from now on, where the configuration asks for signatures. Without credentials nothing changes.
    pub fn sign_with(&self, credentials: Option<SharedCredentialsProvider>) {
        self.otlp.sign_with(credentials);
    }

    /// Sends all spans, and waits for a bounded time. A request that is in flight by then continues in the background.
    pub async fn flush(self: &Arc<Self>) {
        let _ = tokio::time::timeout(self.patience(), self.send_all(Take::All)).await;
    }

    /// Sends the complete spans, and waits for a bounded time.
    pub(crate) async fn export_now(self: &Arc<Self>) {
        let _ = tokio::time::timeout(self.patience(), self.send_all(Take::Complete)).await;
    }

    /// The longest wait for a request. A backend that has failed before gets little of it.
    fn patience(&self) -> Duration {
        if self.breaker().has_failed() {
            self.timeout.min(WAIT_AFTER_FAILURE)
        } else {
            self.timeout.saturating_add(RESULT_GRACE)
        }
    }

    /// Sends the complete spans.
    pub(crate) async fn export_complete(self: &Arc<Self>) {
        self.send_all(Take::Complete).await;
    }

    /// Sends one request after the other, in a task of its own that survives a waiter that gives up.
    async fn send_all(self: &Arc<Self>, which: Take) {
        let sending = Arc::clone(&self.sending).lock_owned().await;
        if !self.breaker().is_closed(Instant::now()) {
            return;
        }
        let spans = self.buffer.take(usize::MAX, which);
        if spans.is_empty() {
            return;
        }
        let exporter = Arc::clone(self);
        let task = tokio::spawn(async move {
            let _sending = sending;
            for spans in otlp::batches(spans, MOST_SPANS, exporter.otlp.other_scope()) {
                if exporter.breaker().is_closed(Instant::now()) {
                    exporter.send(spans).await;
                } else {
                    exporter.buffer.put_back(spans);
                }
            }
        });
        let _ = task.await;
    }

    async fn send(&self, spans: Vec<SpanData>) {
        let sent = tokio::time::timeout(self.timeout, self.otlp.send(spans.clone())).await;
        match sent {
            Ok(Ok(refused)) => {
                self.on_dropped.notify(refused.min(spans.len()), DropReason::Refused);
                self.breaker().succeeded();
            }
            Ok(Err(Refusal::NotArrived(cause))) => {
                self.failed(cause);
                self.buffer.put_back(spans);
            }
            Ok(Err(Refusal::Refused(cause))) => {
                self.failed(cause);
                self.on_dropped.notify(spans.len(), DropReason::Refused);
            }
            Ok(Err(Refusal::Unknown(cause))) => {
                self.failed(cause);
                self.on_dropped.notify(spans.len(), DropReason::ExportFailed);
            }
            Err(_) => {
                self.failed("timeout");
                self.on_dropped.notify(spans.len(), DropReason::ExportFailed);
            }
        }
    }

    /// Sends nothing for hours.
    #[cfg(any(test, feature = "test-util"))]
    pub fn pause(&self) {
        for _ in 0..16 {
            self.breaker().failed(Instant::now());
        }
    }

    fn failed(&self, cause: &'static str) {
        let pause = self.breaker().failed(Instant::now());
        tracing::warn!(cause, pause_seconds = pause.as_secs(), "spans were not exported");
    }

    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
