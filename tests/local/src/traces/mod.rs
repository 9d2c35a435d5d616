//! Traces of the functions: an OTLP/HTTP receiver, the spans that it keeps, and their tree.
//!
//! Contract: a span that was answered with 200 is stored and survives `kill -9` of the host (unless the state is in
//! memory). A span is one per trace id and span id however often it comes; [`Span::received`] counts. What is kept is
//! bounded by [`Limits`]: the traces that were written to last.

mod decode;
mod json;
mod receiver;
mod span;
mod store;
mod tree;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use serde::{Deserialize, Serialize};

use store::Store;

pub use receiver::MAX_BODY_BYTES;
pub use span::{Attributes, Span, SpanEvent, SpanKind, SpanLink, SpanStatus, StatusCode};
pub use store::{Added, Limits, TracesError};
pub use tree::{MissingParent, Row, Tree};

/// The spans of one trace, by start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// 32 hex digits.
    pub trace_id: String,
    /// Empty when nothing was received yet.
    pub spans: Vec<Span>,
}

/// The received traces. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Traces(Arc<Mutex<Store>>);

impl Traces {
    /// Opens `traces.db` in the directory, or keeps everything in memory.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(directory: Option<&Path>) -> anyhow::Result<Self> {
        Self::with_limits(directory, Limits::default())
    }

    /// The same with limits of one's own.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn with_limits(directory: Option<&Path>, limits: Limits) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Mutex::new(Store::open(directory, limits)?))))
    }

    /// `POST /v1/traces` of OTLP/HTTP, as protobuf and as JSON, to be served on a listener of its own: port 4318 is the
    /// one where exporters look.
    pub fn receiver(&self) -> Router {
        receiver::router(self.clone())
    }

    /// `GET /local/traces` and `GET /local/traces/{trace_id}`: what was received, as JSON.
    pub fn router(&self) -> Router {
        json::router(self.clone())
    }

    /// Stores spans.
    ///
    /// # Errors
    /// When nothing of them could be stored.
    pub async fn add(&self, spans: Vec<Span>) -> Result<Added, TracesError> {
        self.run(move |store| store.add(&spans)).await
    }

    /// The spans of a trace; none when nothing of it was received (yet).
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn trace(&self, trace_id: &str) -> Result<Trace, TracesError> {
        let trace_id = trace_id.to_owned();
        self.run(move |store| store.trace(&trace_id)).await
    }

    /// The traces that were written to last, the latest first.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn latest(&self, limit: usize) -> Result<Vec<Trace>, TracesError> {
        self.run(move |store| store.latest(limit)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Store) -> Result<T, TracesError> + Send + 'static,
    ) -> Result<T, TracesError> {
        let store = Arc::clone(&self.0);
        let job = move || job(&mut store.lock().unwrap_or_else(PoisonError::into_inner));
        tokio::task::spawn_blocking(job)
            .await
            .map_err(|error| TracesError::new(error.to_string()))?
    }
}

impl Trace {
    /// The tree of its spans.
    #[must_use]
    pub fn tree(&self) -> Tree<'_> {
        Tree::of(&self.spans)
    }

    /// From the first start to the last end, in nanoseconds since the Unix epoch.
    #[must_use]
    pub fn extent_ns(&self) -> (u64, u64) {
        let start = self.spans.iter().map(|span| span.start_ns).min().unwrap_or_default();
        let end = self.spans.iter().map(|span| span.end_ns).max().unwrap_or_default();
        (start, end.max(start))
    }
}

/// A trace id as people paste it, as 32 lower-case hex digits: with dashes, in upper case, or in X-Ray's form
/// `1-{8 digits}-{24 digits}`.
#[must_use]
pub fn parse_trace_id(text: &str) -> Option<String> {
    let text = text.trim();
    let digits: String = match text.strip_prefix("1-") {
        Some(xray) => xray.replace('-', ""),
        None => text.replace('-', ""),
    };
    let is_id = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| digits.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_id_is_found_in_every_form_that_people_paste() {
        let id = "6553f1005947d7c33d783f94b3b4c1a9";
        for text in [
            id,
            "6553F1005947D7C33D783F94B3B4C1A9",
            "1-6553f100-5947d7c33d783f94b3b4c1a9",
            " 6553f100-5947-d7c3-3d78-3f94b3b4c1a9 ",
        ] {
            assert_eq!(parse_trace_id(text).as_deref(), Some(id), "{text}");
        }
        for text in ["", "6553f100", "6553f1005947d7c33d783f94b3b4c1ag", "<script>"] {
            assert_eq!(parse_trace_id(text), None, "{text}");
        }
    }
}
