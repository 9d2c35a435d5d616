//! The gateway frame: every event has an answer, and only requests of the endpoint's path and method reach its logic.

#![cfg(test)]

use std::cell::RefCell;

use serde_json::{Value, json};
use tracehook_core::Rejection;
use tracehook_core::gateway::{Answer, Cors, Request};
use tracehook_runtime::http::{self, Endpoint, Exchange};
use tracehook_telemetry::testing::Recording;
use tracehook_telemetry::webhook::Serving;

#[derive(Default)]
struct Greeting {
    cors: Cors,
    rejected: RefCell<Vec<Rejection>>,
}

impl Endpoint for Greeting {
    const METHODS: &'static str = "GET";

    fn cors(&self) -> &Cors {
        &self.cors
    }

    fn target<'r>(&self, request: &'r Request) -> Option<&'r str> {
        request.resource.strip_prefix("/greet/")
    }

    async fn answer(&self, exchange: &Exchange<'_>, target: &str) -> Result<Answer, Rejection> {
        match target {
            "nobody" => Err(Rejection::UnknownToken),
            name => Ok(Answer::json(
                ::http::StatusCode::OK,
                &json!({"hello": name, "id": exchange.request_id}),
            )),
        }
    }

    fn rejected(&self, _: &Serving, rejection: Rejection) {
        self.rejected.borrow_mut().push(rejection);
    }
}

fn event(method: &str, path: &str) -> String {
    json!({"httpMethod": method, "path": path, "requestContext": {"requestId": "r"}}).to_string()
}

async fn handle(endpoint: &Greeting, event: &str) -> Answer {
    Recording::prepare();
    http::handle(endpoint, event, "invocation").await
}

#[tokio::test]
async fn a_request_of_the_endpoint_is_answered_and_any_other_rejected_and_counted() {
    let endpoint = Greeting::default();
    for (event, status, code, request_id) in [
        (event("GET", "/greet/nobody"), 404, Rejection::UnknownToken, "r"),
        (event("GET", "/other"), 404, Rejection::NotFound, "r"),
        (event("POST", "/greet/you"), 405, Rejection::MethodNotAllowed, "r"),
        (event("OPTIONS", "/greet/you"), 405, Rejection::MethodNotAllowed, "r"),
        ("{}".to_owned(), 400, Rejection::MalformedEvent, "invocation"),
    ] {
        let answer = handle(&endpoint, &event).await;
        let body: Value = serde_json::from_str(answer.body()).unwrap();
        assert_eq!(
            (answer.status(), &body["code"]),
            (status, &code.code().into()),
            "{event}"
        );
        assert_eq!(body["requestId"], request_id, "{event}");
        assert_eq!(answer.header("Allow"), (status == 405).then_some("GET"), "{event}");
        assert_eq!(endpoint.rejected.take(), [code], "{event}");
    }
    let answer = handle(&endpoint, &event("GET", "/greet/you")).await;
    assert_eq!((answer.status(), answer.body()), (200, r#"{"hello":"you","id":"r"}"#));
    assert_eq!(answer.header("Access-Control-Allow-Origin"), None);
    assert_eq!(endpoint.rejected.take(), []);
}

#[tokio::test]
async fn pages_of_an_allowed_origin_may_ask_for_the_methods_and_read_every_answer() {
    let endpoint = Greeting {
        cors: Cors {
            allow_origin: Some("https://pages.example.com".to_owned()),
        },
        ..Greeting::default()
    };
    let preflight = handle(&endpoint, &event("OPTIONS", "/greet/you")).await;
    assert_eq!(
        (preflight.status(), preflight.header("Access-Control-Allow-Methods")),
        (204, Some("GET, OPTIONS"))
    );
    for event in [event("GET", "/greet/you"), event("GET", "/other"), "{}".to_owned()] {
        let answer = handle(&endpoint, &event).await;
        assert_eq!(
            answer.header("Access-Control-Allow-Origin"),
            Some("https://pages.example.com"),
            "{event}"
        );
    }
}

#[tokio::test]
async fn a_method_that_http_does_not_define_is_in_no_span() {
    let recording = Recording::start().unwrap();
    let endpoint = Greeting::default();
    let long = "X".repeat(200);
    for (method, name, recorded) in [
        ("GET", "GET /greet/you", "GET"),
        ("PATCH", "PATCH /greet/you", "PATCH"),
        ("get", "HTTP /greet/you", "_OTHER"),
        ("PROPFIND", "HTTP /greet/you", "_OTHER"),
        (&long, "HTTP /greet/you", "_OTHER"),
    ] {
        handle(&endpoint, &event(method, "/greet/you")).await;
        let spans = recording.ended();
        let span = spans
            .iter()
            .find(|span| span.attribute("http.request.method").is_some())
            .unwrap();
        assert_eq!(
            (span.name.as_str(), span.attribute("http.request.method")),
            (name, Some(recorded)),
            "{method}"
        );
    }
}
