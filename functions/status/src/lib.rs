//! Answers `GET /status/{executionToken}`: one consistent read of the state item, never the payload.

mod answer;
pub mod config;

use http::{Method, StatusCode};
use tracehook_core::gateway::{Answer, Request};
use tracehook_core::{ExecutionToken, Record, Rejection};
use tracehook_store::Store;
use tracehook_store::aws::SdkConfig;
use tracehook_telemetry::aws::ClientSpans;
use tracehook_telemetry::webhook::Serving;

use crate::answer::Shown;
use crate::config::Config;

const ALLOWED: &str = "GET, OPTIONS";

/// How soon a reader may ask again while the webhook is open, in seconds.
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
        let table = aws_sdk_dynamodb::config::Builder::from(aws).interceptor(ClientSpans);
        let table = aws_sdk_dynamodb::Client::from_conf(table.build());
        let store = Store::new(table, config.table.clone());
        Self { config, store }
    }

    /// Answers one event of the gateway. `invocation_id` stands in for the gateway's request id where there is none.
    pub async fn handle(&self, event: &str, invocation_id: &str) -> Answer {
        let request = Request::read(event);
        let serving = Serving::begin(request.as_ref().ok(), invocation_id);
        let work = async {
            match &request {
                Ok(request) => self.respond(&serving, request, invocation_id).await,
                Err(rejection) => refuse(&serving, *rejection, invocation_id),
            }
        };
        let answer = serving.run(work).await;
        serving.answered(answer).with_cors(&self.config.cors)
    }

    async fn respond(&self, serving: &Serving, request: &Request, invocation_id: &str) -> Answer {
        let request_id = request.request_id.as_deref().unwrap_or(invocation_id);
        let Some(token) = token_in(request) else {
            return refuse(serving, Rejection::NotFound, request_id);
        };
        match request.method {
            Method::GET => {}
            Method::OPTIONS if self.config.cors.allow_origin.is_some() => return Answer::preflight(ALLOWED),
            _ => return refuse(serving, Rejection::MethodNotAllowed, request_id),
        }
        match self.read(serving, token).await {
            Ok(record) => {
                serving.asks_for(&record);
                self.show(&record)
            }
            Err(rejection) => refuse(serving, rejection, request_id),
        }
    }

    async fn read(&self, serving: &Serving, token: &str) -> Result<Record, Rejection> {
        let token: ExecutionToken = token.parse().map_err(|_| Rejection::MalformedToken)?;
        serving.asks_for_token(&token);
        let record = self.store.state(&token).await.map_err(|error| {
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

fn refuse(serving: &Serving, rejection: Rejection, request_id: &str) -> Answer {
    tracing::info!(code = rejection.code(), "refused");
    serving.is_refused(rejection);
    match rejection {
        Rejection::MethodNotAllowed => Answer::method_not_allowed("GET", request_id),
        rejection => Answer::rejection(rejection, request_id),
    }
}

/// The text in the token's place of the path; none for a path that is not ours.
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
