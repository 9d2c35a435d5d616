//! Answers `GET /status/{executionToken}`: one consistent read of the state item, never the payload.

mod answer;
pub mod config;

use http::StatusCode;
use tracehook_core::gateway::{Answer, Cors, Request};
use tracehook_core::{ExecutionToken, Record, Rejection};
use tracehook_runtime::aws::{self, SdkConfig};
use tracehook_runtime::http::{Endpoint, Exchange};
use tracehook_store::Store;

use crate::answer::Shown;
use crate::config::Config;

/// The IAM actions of this function's calls.
pub const ACTIONS: &[&[&str]] = &[tracehook_store::actions::STATE];

/// Seconds until a reader may ask again while the webhook is open.
const ASK_AGAIN_SECONDS: &str = "1";

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

    fn show(&self, record: &Record) -> Answer {
        let answer = Answer::json(StatusCode::OK, &Shown::new(record, &self.config));
        if record.status.is_terminal() {
            answer
        } else {
            answer.with("Retry-After", ASK_AGAIN_SECONDS)
        }
    }
}

impl Endpoint for StatusReader {
    const METHOD: &'static str = "GET";

    fn cors(&self) -> &Cors {
        &self.config.http.cors
    }

    fn target<'r>(&self, request: &'r Request) -> Option<&'r str> {
        token_in(request)
    }

    async fn answer(&self, exchange: &Exchange<'_>, token: &str) -> Result<Answer, Rejection> {
        let record = self.read(exchange, token).await?;
        exchange.serving.looked_up(&record);
        Ok(self.show(&record))
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
