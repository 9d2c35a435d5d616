//! What is refused before anything is done: requests that name another host, and calls from pages of other origins.
//!
//! Contract: every request names this machine as its host. What changes something under `/local/` or by a page's form comes
//! from no page of another origin, and a call's body is sent as JSON, which such a page cannot do without asking first. The
//! API's own paths take every origin and type, as API Gateway does.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::json;
use tracehook_local_lambda::loopback::Loopback;

use crate::server::{Answers, Dropped};

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Host,
    Origin,
    ContentType,
}

impl Refusal {
    fn response(self) -> Response {
        let (status, code, error) = match self {
            Self::Host => (
                StatusCode::MISDIRECTED_REQUEST,
                "host_not_local",
                "Only 127.0.0.1, localhost and [::1] are answered, with the port that this is",
            ),
            Self::Origin => (
                StatusCode::FORBIDDEN,
                "origin_not_local",
                "A page of another origin changes nothing here",
            ),
            Self::ContentType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "content_type_not_json",
                "Send the content type application/json",
            ),
        };
        refused(status, code, error)
    }
}

/// A refusal in the form of the API's errors.
pub(crate) fn refused(status: StatusCode, code: &str, error: &str) -> Response {
    let body = json!({ "error": error, "code": code, "requestId": uuid::Uuid::new_v4().to_string() });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body.to_string()).into_response()
}

/// A router that answers only requests for this machine.
pub(crate) fn for_this_machine(router: Router, here: Loopback) -> Router {
    router.layer(from_fn_with_state(here, for_here))
}

/// Calls that change something only for programs and for pages of this machine.
pub(crate) fn calls(router: Router, here: Loopback) -> Router {
    router.layer(from_fn_with_state(here, from_here))
}

/// A page's form: of a page of this machine, which the browser says.
pub(crate) fn is_from_a_page_of(here: Loopback, headers: &HeaderMap) -> bool {
    tracehook_local_lambda::loopback::is_of_a_page(headers) && is_from_here(here, headers)
}

async fn for_here(State(here): State<Loopback>, request: Request, next: Next) -> Response {
    if here.is_host_of(request.uri(), request.headers()) {
        next.run(request).await
    } else {
        Refusal::Host.response()
    }
}

async fn from_here(State(here): State<Loopback>, request: Request, next: Next) -> Response {
    match refusal_of_call(here, request.method(), request.headers()) {
        Some(refusal) => refusal.response(),
        None => next.run(request).await,
    }
}

fn refusal_of_call(here: Loopback, method: &Method, headers: &HeaderMap) -> Option<Refusal> {
    if matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    if !is_from_here(here, headers) {
        return Some(Refusal::Origin);
    }
    // A browser asks before it sends another method than POST for a page of another origin.
    let needs_json = matches!(*method, Method::POST | Method::PUT | Method::PATCH);
    (needs_json && !is_json(headers)).then_some(Refusal::ContentType)
}

/// Not sent for a page of another origin. `none` is what the user does in the browser itself.
fn is_from_here(here: Loopback, headers: &HeaderMap) -> bool {
    let every = |name: header::HeaderName, is_ours: &dyn Fn(&str) -> bool| {
        headers
            .get_all(name)
            .iter()
            .all(|value| value.to_str().is_ok_and(is_ours))
    };
    every(header::ORIGIN, &|origin| here.is_origin(origin))
        && every(header::HeaderName::from_static("sec-fetch-site"), &|site| {
            matches!(site, "same-origin" | "none")
        })
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(content_type), None) = (types.next(), types.next()) else {
        return false;
    };
    let essence = content_type.to_str().unwrap_or_default().split(';').next();
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// A handler of a listener that answers only requests for this machine.
#[derive(Clone, Debug)]
pub(crate) struct Guarded<A> {
    here: Loopback,
    inner: A,
}

impl<A> Guarded<A> {
    /// A handler behind the check.
    pub(crate) const fn new(inner: A, here: Loopback) -> Self {
        Self { here, inner }
    }
}

impl<A: Answers> Answers for Guarded<A> {
    async fn answer(&self, request: http::Request<Body>) -> Result<Response, Dropped> {
        if self.here.is_host_of(request.uri(), request.headers()) {
            self.inner.answer(request).await
        } else {
            Ok(Refusal::Host.response())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(method: &str, headers: &[(&'static str, &str)]) -> Option<Refusal> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        refusal_of_call(Loopback::port(8080), &method.parse().unwrap(), &map)
    }

    const JSON: (&str, &str) = ("content-type", "application/json");

    #[test]
    fn a_call_that_changes_something_is_json_from_no_page_of_another_origin() {
        for headers in [
            &[JSON][..],
            &[("content-type", "Application/JSON; charset=utf-8")],
            &[
                JSON,
                ("origin", "http://localhost:8080"),
                ("sec-fetch-site", "same-origin"),
            ],
            &[JSON, ("sec-fetch-site", "none")],
        ] {
            assert_eq!(refusal("POST", headers), None, "{headers:?}");
        }
        for headers in [
            &[JSON, ("origin", "http://evil.example")][..],
            &[
                JSON,
                ("origin", "http://localhost:3000"),
                ("sec-fetch-site", "same-site"),
            ],
            &[JSON, ("origin", "null")],
            &[JSON, ("sec-fetch-site", "cross-site")],
            &[
                JSON,
                ("origin", "http://localhost:8080"),
                ("origin", "http://evil.example"),
            ],
            &[
                JSON,
                ("origin", "http://localhost:8080"),
                ("sec-fetch-site", "cross-site"),
            ],
        ] {
            for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "OTHER"] {
                assert_eq!(refusal(method, headers), Some(Refusal::Origin), "{method} {headers:?}");
            }
        }
        for headers in [
            &[][..],
            &[("content-type", "text/plain")],
            &[("content-type", "text/plain; application/json")],
            &[("content-type", "application/x-www-form-urlencoded")],
            &[JSON, ("content-type", "text/plain")],
        ] {
            assert_eq!(refusal("POST", headers), Some(Refusal::ContentType), "{headers:?}");
        }
    }

    #[test]
    fn what_changes_nothing_needs_neither() {
        for method in ["GET", "HEAD"] {
            assert_eq!(refusal(method, &[("origin", "http://evil.example")]), None);
        }
        assert_eq!(refusal("DELETE", &[]), None, "a browser asks before it sends it");
    }
}
