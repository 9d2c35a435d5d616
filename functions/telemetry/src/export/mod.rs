//! Sends ended spans to an OTLP backend: one request at a time, each within the configured timeout.
//!
//! A backend that is away, slow or broken costs at most one timeout per pause, and the pauses grow. A batch that
//! certainly did not arrive is kept and sent again; one that may have arrived is dropped and counted, so that no span is
//! ever there twice.

mod breaker;
mod encode;
mod post;
mod sign;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_credential_types::provider::SharedCredentialsProvider;
use opentelemetry_sdk::trace::SpanData;

use crate::Config;
use crate::metrics::{self, DropReason};
use crate::trace::{Buffer, Which};

use breaker::Breaker;
use encode::Encoder;
use post::{Post, Refusal};

/// The most spans of one request. X-Ray takes 10,000 and 5 MB; half a megabyte is sent within any sensible timeout.
const MOST_SPANS: usize = 512;

#[derive(Debug)]
pub(crate) struct Exporter {
    buffer: Arc<Buffer>,
    encoder: Encoder,
    post: Post,
    timeout: Duration,
    breaker: Mutex<Breaker>,
    /// Held while a request is on its way.
    sending: tokio::sync::Mutex<()>,
    dropped: AtomicUsize,
}

impl Exporter {
    /// None when traces are off.
    pub(crate) fn new(config: &Config) -> Option<Self> {
        let traces = config.traces.as_ref()?;
        Some(Self {
            buffer: Arc::new(Buffer::new(traces.sampler)),
            encoder: Encoder::new(&traces.resource),
            post: Post::new(traces),
            timeout: traces.timeout,
            breaker: Mutex::default(),
            sending: tokio::sync::Mutex::new(()),
            dropped: AtomicUsize::new(0),
        })
    }

    pub(crate) const fn buffer(&self) -> &Arc<Buffer> {
        &self.buffer
    }

    pub(crate) fn sign_with(&self, credentials: Option<SharedCredentialsProvider>) {
        self.post.sign_with(credentials);
    }

    /// Sends everything, within the timeout in all, and returns how many spans were dropped meanwhile.
    pub(crate) async fn flush(&self) -> usize {
        let before = self.dropped.load(Ordering::Relaxed);
        let _ = tokio::time::timeout(self.timeout, self.send_all(Which::All)).await;
        self.dropped.load(Ordering::Relaxed).saturating_sub(before)
    }

    /// Sends what is known to belong somewhere.
    pub(crate) async fn export_settled(&self) {
        self.send_all(Which::Settled).await;
    }

    async fn send_all(&self, which: Which) {
        let _sending = self.sending.lock().await;
        while self.breaker().is_closed(Instant::now()) {
            let spans = self.buffer.take(MOST_SPANS, which);
            if spans.is_empty() {
                return;
            }
            for spans in encode::by_age(spans) {
                self.send(spans).await;
            }
        }
    }

    async fn send(&self, spans: Vec<SpanData>) {
        let mut on_its_way = OnItsWay {
            exporter: self,
            spans: Some(spans),
        };
        let body = self.encoder.encode(on_its_way.spans.clone().unwrap_or_default());
        let sent = tokio::time::timeout(self.timeout, self.post.send(body)).await;
        let Some(spans) = on_its_way.spans.take() else { return };
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

/// A batch between buffer and backend. When the flush that sends it is given up, it may have arrived or not.
struct OnItsWay<'a> {
    exporter: &'a Exporter,
    spans: Option<Vec<SpanData>>,
}

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        if let Some(spans) = self.spans.take() {
            self.exporter.failed("timeout");
            self.exporter.lose(spans.len(), DropReason::ExportFailed);
        }
    }
}
