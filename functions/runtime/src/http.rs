//! The frame of a function behind the gateway: reads the request, routes it, answers it in its span, and turns each
//! rejection into an answer.
//!
//! Contract: every event has an answer, whatever it holds.

use std::borrow::Cow;

use lambda_runtime::{Error, LambdaEvent};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use tracehook_core::gateway::{Answer, Cors, Request};
use tracehook_core::{Rejection, Timestamp};
use tracehook_telemetry::webhook::Serving;

use crate::{Process, clock};

/// One path of the API, with its own logic.
pub trait Endpoint {
    /// The methods that the path takes, besides a browser's `OPTIONS`, as `Allow` lists them.
    const METHODS: &'static str;

    /// The pages that may read the answers.
    fn cors(&self) -> &Cors;

    /// The variable part of a request's path; `None` when the path is not this endpoint's.
    fn target<'r>(&self, request: &'r Request) -> Option<&'r str>;

    /// Answers a request for `target`.
    fn answer(&self, exchange: &Exchange<'_>, target: &str) -> impl Future<Output = Result<Answer, Rejection>>;

    /// The public text of a rejection.
    fn text(&self, rejection: Rejection) -> Cow<'static, str> {
        rejection.message().into()
    }

    /// Counts a request that is answered with a rejection.
    fn rejected(&self, _serving: &Serving, _rejection: Rejection) {}
}

/// A request on its way to an answer.
#[derive(Debug)]
pub struct Exchange<'a> {
    /// The request.
    pub request: &'a Request,
    /// The gateway's id of the request; the invocation's id where it has none.
    pub request_id: &'a str,
    /// The time at which the function got the request.
    pub received_at: Timestamp,
    /// The request's span.
    pub serving: &'a Serving,
}

/// Answers the gateway's events until the Lambda runtime ends the process.
///
/// # Errors
/// When the runtime's API fails.
pub async fn serve(process: &Process, endpoint: &impl Endpoint) -> Result<(), Error> {
    let answer = |event: LambdaEvent<Received>| async move {
        Ok::<_, Error>(answer(endpoint, event.payload, &event.context.request_id).await)
    };
    process.serve(answer).await
}

/// Answers one event. `invocation_id` stands in for the gateway's request id where there is none.
pub async fn handle(endpoint: &impl Endpoint, event: &str, invocation_id: &str) -> Answer {
    answer(endpoint, Received::read(event), invocation_id).await
}

/// An event, read when it came.
struct Received {
    at: Timestamp,
    request: Result<Request, Rejection>,
}

impl Received {
    fn read(event: &str) -> Self {
        Self {
            at: clock::now(),
            request: Request::read(event),
        }
    }
}

/// Reads the event where the runtime holds it: of a large one, nothing but the body is copied.
impl<'de> Deserialize<'de> for Received {
    fn deserialize<D: Deserializer<'de>>(event: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(event).map(|event| Self::read(event.get()))
    }
}

async fn answer(endpoint: &impl Endpoint, received: Received, invocation_id: &str) -> Answer {
    let Received {
        at: received_at,
        request,
    } = received;
    let serving = Serving::begin(request.as_ref().ok(), invocation_id);
    let work = async {
        let request = match &request {
            Ok(request) => request,
            Err(rejection) => return reject(endpoint, &serving, *rejection, invocation_id),
        };
        let exchange = Exchange {
            request,
            request_id: request.request_id.as_deref().unwrap_or(invocation_id),
            received_at,
            serving: &serving,
        };
        match route(endpoint, &exchange).await {
            Ok(answer) => answer,
            Err(rejection) => reject(endpoint, &serving, rejection, exchange.request_id),
        }
    };
    let answer = serving.run(work).await;
    serving.answered(answer).with_cors(endpoint.cors())
}

async fn route<E: Endpoint>(endpoint: &E, exchange: &Exchange<'_>) -> Result<Answer, Rejection> {
    let target = endpoint.target(exchange.request).ok_or(Rejection::NotFound)?;
    match exchange.request.method.as_str() {
        method if E::METHODS.split(", ").any(|taken| taken == method) => endpoint.answer(exchange, target).await,
        "OPTIONS" if endpoint.cors().allow_origin.is_some() => {
            Ok(Answer::preflight(format!("{}, OPTIONS", E::METHODS)))
        }
        _ => Err(Rejection::MethodNotAllowed),
    }
}

fn reject<E: Endpoint>(endpoint: &E, serving: &Serving, rejection: Rejection, request_id: &str) -> Answer {
    tracing::info!(code = rejection.code(), "refused");
    serving.refused(rejection);
    endpoint.rejected(serving, rejection);
    match rejection {
        Rejection::MethodNotAllowed => Answer::method_not_allowed(E::METHODS, request_id),
        rejection => Answer::rejection_saying(&endpoint.text(rejection), rejection, request_id),
    }
}
