//! Sends ended spans to an OTLP backend: one request at a time, each within the configured timeout.
//!
//! A backend that is away, slow or broken costs one timeout, once, and then a short wait after each of the pauses, which
//! grow; what takes longer goes on beside the next event. A batch that certainly did not arrive is kept and sent again;
//! one that may have arrived is dropped and counted, so that no span is ever there twice.

mod breaker;
mod otlp;
mod sign;
#[cfg(test)]
mod tests;
mod transport;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_credential_types::provider::SharedCredentialsProvider;
use opentelemetry_sdk::trace::SpanData;

use crate::Config;
use crate::metrics::{self, DropReason};
use crate::trace::{Buffer, Which};

use breaker::Breaker;
use otlp::Otlp;
use transport::Refusal;

/// The most spans of one request. X-Ray takes 10,000 and 5 MB; half a megabyte is sent within any sensible timeout.
const MOST_SPANS: usize = 512;

/// The longest wait for a backend that has failed before.
const WAIT_AFTER_FAILURE: Duration = Duration::from_millis(100);

/// So much longer than a request may take is it waited for, so that who waits sees how it ends.
const TO_SEE_THE_END: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(crate) struct Exporter {
    buffer: Arc<Buffer>,
    otlp: Otlp,
    timeout: Duration,
    breaker: Mutex<Breaker>,
    /// Held while a request is on its way.
    sending: Arc<tokio::sync::Mutex<()>>,
    dropped: AtomicUsize,
}

impl Exporter {
    /// None when traces are off.
    pub(crate) fn new(config: &Config) -> Option<Self> {
        let traces = config.traces.as_ref()?;
        Some(Self {
            buffer: Arc::new(Buffer::new(traces.sampler)),
            otlp: Otlp::new(traces)?,
            timeout: traces.timeout,
            breaker: Mutex::default(),
            sending: Arc::default(),
            dropped: AtomicUsize::new(0),
        })
    }

    pub(crate) const fn buffer(&self) -> &Arc<Buffer> {
        &self.buffer
    }

    pub(crate) fn sign_with(&self, credentials: Option<SharedCredentialsProvider>) {
        self.otlp.sign_with(credentials);
    }

    /// Sends everything, and waits for it for a bounded time. What is on its way by then goes on in the background.
    pub(crate) async fn flush(self: &Arc<Self>) {
        let _ = tokio::time::timeout(self.patience(), self.send_all(Which::All)).await;
    }

    /// Sends what can go without anything else, and waits for it for a bounded time.
    pub(crate) async fn export_now(self: &Arc<Self>) {
        let _ = tokio::time::timeout(self.patience(), self.send_all(Which::Settled)).await;
    }

    /// How long a backend is waited for: one that has failed is not waited for long.
    fn patience(&self) -> Duration {
        if self.breaker().has_failed() {
            self.timeout.min(WAIT_AFTER_FAILURE)
        } else {
            self.timeout.saturating_add(TO_SEE_THE_END)
        }
    }

    /// Sends what can go without anything else.
    pub(crate) async fn export_settled(self: &Arc<Self>) {
        self.send_all(Which::Settled).await;
    }

    /// One after the other, each in a task of its own, which is not given up with the one who waits for it.
    async fn send_all(self: &Arc<Self>, which: Which) {
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
            let before = exporter.dropped.load(Ordering::Relaxed);
            for spans in otlp::batches(spans, MOST_SPANS) {
                if exporter.breaker().is_closed(Instant::now()) {
                    exporter.send(spans).await;
                } else {
                    exporter.buffer.put_back(spans);
                }
            }
            if exporter.dropped.load(Ordering::Relaxed) > before {
                // Told at once: there may be no next event, and nobody may be waiting here any more.
                metrics::flush();
            }
        });
        let _ = task.await;
    }

    async fn send(&self, spans: Vec<SpanData>) {
        let sent = tokio::time::timeout(self.timeout, self.otlp.send(spans.clone())).await;
        match sent {
            Ok(Ok(refused)) => {
                self.lose(refused.min(spans.len()), DropReason::Refused);
                self.breaker().succeeded();
            }
            Ok(Err(Refusal::NotArrived(cause))) => {
                self.failed(cause);
                self.buffer.put_back(spans);
            }
            Ok(Err(Refusal::Refused(cause))) => {
                self.failed(cause);
                self.lose(spans.len(), DropReason::Refused);
            }
            Ok(Err(Refusal::Unknown(cause))) => {
                self.failed(cause);
                self.lose(spans.len(), DropReason::ExportFailed);
            }
            Err(_) => {
                self.failed("timeout");
                self.lose(spans.len(), DropReason::ExportFailed);
            }
        }
    }

    /// Sends nothing for as long as a pause can be.
    #[cfg(any(test, feature = "test-util"))]
    pub(crate) fn pause(&self) {
        for _ in 0..16 {
            self.breaker().failed(Instant::now());
        }
    }

    fn failed(&self, cause: &'static str) {
        let pause = self.breaker().failed(Instant::now());
        tracing::warn!(cause, pause_seconds = pause.as_secs(), "spans were not exported");
    }

    fn lose(&self, spans: usize, reason: DropReason) {
        self.dropped.fetch_add(spans, Ordering::Relaxed);
        metrics::telemetry_dropped(spans, reason);
    }

    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
