//! Answers `GET /status/{executionToken}`: one consistent read of the state item, never the payload.

mod answer;
pub mod config;

use http::StatusCode;
use tracehook_core::gateway::{Answer, Cors, Request};
use tracehook_core::{ExecutionToken, Record, Rejection, Timestamp};
use tracehook_runtime::aws::{self, SdkConfig};
use tracehook_runtime::http::{Endpoint, Exchange};
use tracehook_store::Store;

use crate::answer::Shown;
use crate::config::Config;

/// The IAM actions of this function's calls.
pub const ACTIONS: &[&[&str]] = &[tracehook_store::actions::STATE];

/// The most seconds until a reader may ask again about a webhook that waits: somebody may redrive it.
const MOST_SECONDS: u64 = 60;

/// The function: its configuration and the table it reads.
#[derive(Debug)]
pub struct StatusReader {
    config: Config,
    store: Store,
}

impl StatusReader {
    /// Builds the client; nothing is called yet.
    #[must_use]
    pub fn new(config: Config, aws: &SdkConfig) -> Self {
        let store = aws::store(aws, &config.table);
        Self { config, store }
    }

    async fn read(&self, exchange: &Exchange<'_>, token: &str) -> Result<Record, Rejection> {
        let token: ExecutionToken = token.parse().map_err(|_| Rejection::MalformedToken)?;
        let Exchange {
            serving, received_at, ..
        } = *exchange;
        serving.looked_up_token(&token);
        let record = self.store.state(&token, received_at).await.map_err(|error| {
            tracing::error!(%token, %error, "not read");
            Rejection::StoreUnavailable
        })?;
        record.ok_or(Rejection::UnknownToken)
    }

    fn show(&self, record: &Record, now: Timestamp) -> Answer {
        let answer = Answer::json(StatusCode::OK, &Shown::new(record, &self.config));
        if record.status.is_terminal() {
            return answer;
        }
        let waits = record.wait().map_or(0, |wait| wait.next_try_at.since(now).as_secs());
        answer.with("Retry-After", waits.clamp(1, MOST_SECONDS).to_string())
    }
}

impl Endpoint for StatusReader {
    /// The gateway leaves the body of an answer to HEAD out.
    const METHODS: &'static str = "GET, HEAD";

    fn cors(&self) -> &Cors {
        &self.config.http.cors
    }

    fn target<'r>(&self, request: &'r Request) -> Option<&'r str> {
        token_in(request)
    }

    async fn answer(&self, exchange: &Exchange<'_>, token: &str) -> Result<Answer, Rejection> {
        let record = self.read(exchange, token).await?;
        exchange.serving.looked_up(&record);
        Ok(self.show(&record, exchange.received_at))
    }
}

/// The text in the token's place of the path; `None` for a path of another endpoint.
fn token_in(request: &Request) -> Option<&str> {
    let in_path = request
        .resource
        .trim_end_matches('/')
        .strip_prefix("/status/")
        .filter(|rest| !rest.contains('/'))?;
    Some(
        request
            .path_parameters
            .get("executionToken")
            .map_or(in_path, String::as_str),
    )
}
