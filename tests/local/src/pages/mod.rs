//! Pages for people: the latest webhooks, a webhook's trace, the metrics, the alarms.
//!
//! Contract: rendered here and complete as they are: no script, nothing from elsewhere, and every text of a webhook or
//! a span is escaped by the template. Folding is `<details>`; a page that changes by itself says so and can be stopped.

mod alarms;
mod format;
mod home;
mod layout;
mod metrics;
mod redrive;
mod trace;
mod traces;

#[cfg(test)]
mod tests;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use crate::alarms::Alarms;
use crate::example::Examples;
use crate::metrics::Metrics;
use crate::traces::Traces;
use tracehook_core::ExecutionToken;
use tracehook_local_lambda::clock::true_ms as now_ms;
use tracehook_local_lambda::loopback::Loopback;

/// Nothing but what the page itself holds: even a fault in escaping would run no script.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
                                       form-action 'self'; frame-ancestors 'none'";

/// The data of the pages.
#[derive(Clone, Debug)]
pub struct Pages {
    /// The received spans.
    pub traces: Traces,
    /// The emitted metrics.
    pub metrics: Metrics,
    /// The alarms over them.
    pub alarms: Alarms,
    /// The stored webhooks.
    pub webhooks: Arc<dyn Webhooks>,
    /// Links to webhooks and traces.
    pub links: Links,
    /// A command that sends a webhook, shown as long as there is none.
    pub examples: Examples,
    /// The port that they are served on.
    pub here: Loopback,
}

/// URLs with a placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// A webhook's status, with `{token}`.
    pub status: String,
    /// A webhook's trace, with `{trace_id}`. Another tool's when the spans go there.
    pub trace: String,
}

/// The state of one webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookRow {
    /// The execution token.
    pub token: String,
    /// The configured source.
    pub source: String,
    /// The event's type as the producer named it.
    pub event_type: Option<String>,
    /// The subject, such as a repository.
    pub subject: Option<String>,
    /// The record's status.
    pub status: String,
    /// 1, and more after redrives.
    pub attempt: u32,
    /// Epoch milliseconds.
    pub created_at_ms: i64,
    /// Epoch milliseconds.
    pub last_updated_ms: i64,
    /// 32 hex digits.
    pub trace_id: Option<String>,
    /// The code and the message of what ended it.
    pub error: Option<(String, String)>,
}

/// A future that a trait object can return.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The source of the webhooks.
pub trait Webhooks: fmt::Debug + Send + Sync {
    /// The latest webhooks, newest first.
    fn latest(&self, limit: usize) -> Later<'_, Vec<WebhookRow>>;

    /// Redrives one, and gives the reconciler's outcome; none when it gave none.
    fn redrive(&self, token: ExecutionToken) -> Later<'_, Option<String>>;
}

impl Default for Links {
    fn default() -> Self {
        Self {
            status: "/status/{token}".to_owned(),
            trace: "/traces/{trace_id}".to_owned(),
        }
    }
}

impl Links {
    pub(crate) fn status_of(&self, token: &str) -> String {
        self.status.replace("{token}", &encode(token))
    }

    pub(crate) fn trace_of(&self, trace_id: &str) -> String {
        self.trace.replace("{trace_id}", &encode(trace_id))
    }
}

/// `?refresh=off` and `?scale=linear`.
#[derive(Clone, Debug, Default, Deserialize)]
struct Choices {
    refresh: Option<String>,
    scale: Option<String>,
}

impl Choices {
    fn stands_still(&self) -> bool {
        self.refresh.as_deref() == Some("off")
    }

    fn is_to_scale(&self) -> bool {
        self.scale.as_deref() == Some("linear")
    }
}

/// `/`, `/traces`, `/traces/{trace_id}`, `/metrics`, `/alarms`, `/alarms/runbooks/{name}`, and the form of a webhook.
pub fn router(pages: Pages) -> Router {
    Router::new()
        .route("/", get(home::show))
        .route("/traces", get(traces::show))
        .route("/traces/{trace_id}", get(trace::show))
        .route("/metrics", get(metrics::show))
        .route("/alarms", get(alarms::show))
        .route("/alarms/runbooks/{name}", get(alarms::runbook))
        .route("/webhooks/{token}/redrive", post(redrive::redrive))
        .layer(map_response(guard))
        .with_state(pages)
}

async fn guard(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
