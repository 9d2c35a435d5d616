//! The AWS that the functions call: `DynamoDB`, S3, Secrets Manager and Lambda on one loopback address.
//!
//! Contract: a call without the credentials of a function or of the operator is refused. Every other one is identified by
//! service, operation and calling function; it is counted, and planned faults happen to it before or after its effect.

mod call;
mod dynamodb;
mod identity;
mod secrets;
mod stats;

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, Bytes, to_bytes};
use axum::response::{IntoResponse as _, Response};
use http::{Request, StatusCode};
use tower::ServiceExt as _;

use crate::measures::count_table_call;
use crate::metrics::Metrics;
use crate::server::{Answers, Dropped};
use call::{Call, Service};
use identity::Caller;
use tracehook_local_durable::CheckpointRequest;
use tracehook_local_lambda::Lambda;
use tracehook_local_lambda::faults::{CHECKPOINT, Effect, Faults, Phase, Seen};
use tracehook_local_s3::S3;

pub use dynamodb::DynamoDb;
pub use identity::Credentials;
pub use secrets::Secrets;
pub use stats::Stats;

/// `DynamoDB` takes up to 16 MB in one request, Lambda 6 MB; both judge for themselves.
const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;

/// The services behind the address. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Aws(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    lambda: Lambda,
    dynamodb: DynamoDb,
    s3: S3,
    secrets: Arc<Secrets>,
    faults: Faults,
    stats: Stats,
    metrics: Metrics,
    operator: Credentials,
}

/// What stands behind the address.
#[derive(Debug)]
pub struct Services {
    /// Lambda.
    pub lambda: Lambda,
    /// `DynamoDB`.
    pub dynamodb: DynamoDb,
    /// S3.
    pub s3: S3,
    /// Secrets Manager.
    pub secrets: Arc<Secrets>,
    /// The faults that happen to calls.
    pub faults: Faults,
    /// The measures of the table.
    pub metrics: Metrics,
}

impl Aws {
    /// The services, for the functions of Lambda and for an operator with these credentials.
    #[must_use]
    pub fn new(services: Services, operator: Credentials) -> Self {
        let Services {
            lambda,
            dynamodb,
            s3,
            secrets,
            faults,
            metrics,
        } = services;
        Self(Arc::new(Inner {
            lambda,
            dynamodb,
            s3,
            secrets,
            faults,
            stats: Stats::default(),
            metrics,
            operator,
        }))
    }

    /// The calls so far.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.0.stats
    }

    async fn dispatch(&self, call: &Call, request: Request<Body>) -> Response {
        if call.service == Service::Lambda {
            let answered = self.0.lambda.router().oneshot(request).await;
            return answered.unwrap_or_else(|never| match never {});
        }
        if call.service == Service::S3 {
            return self.0.s3.answer(request).await;
        }
        let (parts, body) = request.into_parts();
        let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
            return error(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLarge",
                "the request is too large",
            );
        };
        match call.service {
            Service::DynamoDb => self.0.dynamodb.answer(&call.operation, &parts.headers, body).await,
            Service::SecretsManager => self.0.secrets.answer(&call.operation, &body),
            Service::Lambda | Service::S3 | Service::Unknown => error(
                StatusCode::NOT_FOUND,
                "UnknownOperationException",
                "only DynamoDB, S3, Secrets Manager and Lambda are served here",
            ),
        }
    }

    /// Applies a fault to a call: an answer in place of its own, a dropped connection, or a delay only (none).
    async fn apply(&self, effect: Effect, call: &Call) -> Result<Option<Response>, Dropped> {
        match effect {
            Effect::Status { status, code, message } => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                Ok(Some(call.error(
                    status,
                    &code,
                    message.as_deref().unwrap_or("planned fault"),
                )))
            }
            Effect::Throttle => {
                let (status, code) = call.throttled();
                Ok(Some(call.error(status, code, "planned fault")))
            }
            Effect::Drop => Err(Dropped),
            Effect::Hang => std::future::pending().await,
            Effect::DelayMs(delay) => {
                tokio::time::sleep(std::time::Duration::from_millis(delay)).await;
                Ok(None)
            }
            Effect::Kill => {
                if let Some(key) = &call.access_key {
                    // False when it has ended by itself, which is what was wanted.
                    let _ = self.0.lambda.kill_sandbox(key);
                }
                Err(Dropped)
            }
            // A rule with one of them is about no call, or about its answer.
            Effect::Duplicate
            | Effect::Reorder
            | Effect::GiveUp
            | Effect::Stop
            | Effect::SkewMs(_)
            | Effect::Without(_) => Ok(None),
        }
    }
}

impl Answers for Aws {
    async fn answer(&self, request: Request<Body>) -> Result<Response, Dropped> {
        let call = Call::of(&request);
        let began = Instant::now();
        let (answer, units) = self.answer_to(&call, request).await?;
        if call.service == Service::DynamoDb {
            count_table_call(&self.0.metrics, &call.operation, &answer, units, began.elapsed());
        }
        Ok(answer)
    }
}

impl Aws {
    /// The answer, and the capacity that it consumed.
    async fn answer_to(&self, call: &Call, mut request: Request<Body>) -> Result<(Response, Option<f64>), Dropped> {
        let Some(caller) = Caller::of(call, request.headers(), &self.0.lambda, &self.0.operator) else {
            return Ok((identity::unknown(call), None));
        };
        let function = caller.function();
        let name = call.name();
        let steps = if name == CHECKPOINT && self.0.faults.ask_for_steps() {
            let (steps, same) = steps(request).await;
            request = same;
            steps
        } else {
            Vec::new()
        };
        let seen = Seen {
            operation: &name,
            function,
            steps: &steps,
        };
        if call.service == Service::Lambda && self.0.faults.is_durable_stopped() {
            self.0.stats.count(function, &name, dynamodb::Cost::default());
            let answer = error(
                StatusCode::SERVICE_UNAVAILABLE,
                "ServiceUnavailableException",
                "the durable service is stopped by a planned fault",
            );
            return Ok((answer, None));
        }
        if let Some(effect) = self.0.faults.next(seen, Phase::Before)
            && let Some(answer) = self.apply(effect, call).await?
        {
            self.0.stats.count(function, &name, dynamodb::Cost::default());
            return Ok((answer, None));
        }
        let answer = self.dispatch(call, request).await;
        let cost = answer.extensions().get::<dynamodb::Cost>().copied().unwrap_or_default();
        let units = Some(cost.capacity_units).filter(|units| *units > 0.0);
        self.0.stats.count(function, &name, cost);
        match self.0.faults.next(seen, Phase::After) {
            Some(Effect::Without(member)) => Ok((without(&member, answer).await, units)),
            Some(effect) => Ok((self.apply(effect, call).await?.unwrap_or(answer), units)),
            None => Ok((answer, units)),
        }
    }
}

/// An answer in JSON without one of its members.
async fn without(member: &str, answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, MAX_BODY_BYTES).await.unwrap_or_default();
    let mut json: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    if let Some(members) = json.as_object_mut() {
        members.remove(member);
    }
    parts.headers.remove(http::header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(json.to_string()))
}

/// The names of the steps that a checkpoint is about, and the request as it was.
async fn steps(request: Request<Body>) -> (Vec<String>, Request<Body>) {
    let (parts, body) = request.into_parts();
    // Lambda itself refuses what is too large to be read here.
    let body = to_bytes(body, MAX_BODY_BYTES).await.unwrap_or_default();
    let steps = serde_json::from_slice::<CheckpointRequest>(&body)
        .map(|checkpoint| {
            checkpoint
                .updates
                .into_iter()
                .filter_map(|update| update.name)
                .collect()
        })
        .unwrap_or_default();
    (steps, Request::from_parts(parts, Body::from(body)))
}

/// An error as the AWS SDKs read it in every JSON protocol.
fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let body = serde_json::json!({ "__type": code, "message": message }).to_string();
    json(status, code, Bytes::from(body))
}

fn json(status: StatusCode, code: &str, body: Bytes) -> Response {
    let headers = [
        ("Content-Type", "application/x-amz-json-1.1".to_owned()),
        ("x-amzn-requestid", uuid::Uuid::new_v4().to_string()),
    ];
    let mut answer = (status, headers, body).into_response();
    if let Ok(code) = code.parse() {
        answer.headers_mut().insert("x-amzn-ErrorType", code);
    }
    answer
}
