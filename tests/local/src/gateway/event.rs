//! The proxy event, payload format 1.0.

use std::net::SocketAddr;

use base64::Engine as _;
use http::HeaderMap;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::deployment::FunctionName;
use tracehook_local_lambda::{clock, names};

/// The stage in the request context. Its name is in no path: the API is reached as under a custom domain.
const STAGE: &str = "local";

/// The resource that a path belongs to, with its parameter as it is in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route<'a> {
    /// `/webhook`
    Webhook,
    /// `/webhook/{source}`
    Source(&'a str),
    /// `/status/{executionToken}`
    Status(&'a str),
}

impl<'a> Route<'a> {
    /// One slash at the end leads to the same resource, as API Gateway routes it. That two slashes in a row lead nowhere, and
    /// that the names of resources are compared as they are sent, is unconfirmed.
    pub(super) fn of(path: &'a str) -> Option<Self> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match segments.as_slice() {
            ["webhook"] => Some(Self::Webhook),
            ["webhook", source] if !source.is_empty() => Some(Self::Source(source)),
            ["status", token] if !token.is_empty() => Some(Self::Status(token)),
            _ => None,
        }
    }

    /// The function behind it.
    pub(super) const fn function(self) -> FunctionName {
        match self {
            Self::Webhook | Self::Source(_) => FunctionName::Validator,
            Self::Status(_) => FunctionName::Status,
        }
    }

    const fn resource(self) -> &'static str {
        match self {
            Self::Webhook => "/webhook",
            Self::Source(_) => "/webhook/{source}",
            Self::Status(_) => "/status/{executionToken}",
        }
    }

    fn parameters(self) -> Value {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        match self {
            Self::Webhook => Value::Null,
            Self::Source(source) => json!({ "source": decoded(source) }),
            Self::Status(token) => json!({ "executionToken": decoded(token) }),
        }
    }
}

/// The request's `X-Amzn-Trace-Id`: the caller's, completed, or a new one.
pub(super) fn trace_header(headers: &HeaderMap) -> String {
    names::trace_header(headers.get("x-amzn-trace-id").and_then(|value| value.to_str().ok()))
}

pub(super) fn render(
    parts: &Parts,
    route: &Route<'_>,
    body: &[u8],
    peer: SocketAddr,
    request_id: &str,
    trace: &str,
) -> Value {
    let (headers, multi_value_headers) = headers(parts, peer, trace);
    let (query, multi_value_query) = query(parts.uri.query());
    let path = parts.uri.path();
    let user_agent = headers.get("user-agent").cloned().unwrap_or_default();
    let now_ms = clock::now_ms();
    // An empty body is absent, as the gateway sends it; every other one is base64, because every media type is binary.
    let body = (!body.is_empty()).then(|| base64::engine::general_purpose::STANDARD.encode(body));
    json!({
        "resource": route.resource(),
        "path": path,
        "httpMethod": parts.method.as_str(),
        "headers": headers,
        "multiValueHeaders": multi_value_headers,
        "queryStringParameters": query,
        "multiValueQueryStringParameters": multi_value_query,
        "pathParameters": route.parameters(),
        "stageVariables": null,
        "isBase64Encoded": body.is_some(),
        "body": body,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": headers.get("host").cloned().unwrap_or_default(),
            "httpMethod": parts.method.as_str(),
            "identity": {"sourceIp": peer.ip().to_string(), "userAgent": user_agent},
            "path": path,
            "protocol": "HTTP/1.1",
            "requestId": request_id,
            "requestTime": request_time(),
            "requestTimeEpoch": now_ms,
            "resourceId": "local",
            "resourcePath": route.resource(),
            "stage": STAGE,
        },
    })
}

type Single = Map<String, Value>;

/// The last value of each header, and all of them.
fn headers(parts: &Parts, peer: SocketAddr, trace: &str) -> (Single, Single) {
    let mut headers = parts.headers.clone();
    let forwarded = [
        ("x-forwarded-for", peer.ip().to_string()),
        ("x-forwarded-proto", "http".to_owned()),
        ("x-amzn-trace-id", trace.to_owned()),
    ];
    for (name, value) in forwarded {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    }
    let (mut single, mut multi) = (Map::new(), Map::new());
    for name in headers.keys() {
        let values: Vec<String> = headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect();
        single.insert(name.to_string(), json!(values.last()));
        multi.insert(name.to_string(), json!(values));
    }
    (single, multi)
}

/// The last value of each parameter, and all of them; null without a query.
fn query(query: Option<&str>) -> (Value, Value) {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    let (mut single, mut multi) = (Map::new(), Map::<String, Value>::new());
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name), decode(value));
        single.insert(name.clone(), json!(value));
        if let Some(values) = multi.entry(name).or_insert_with(|| json!([])).as_array_mut() {
            values.push(json!(value));
        }
    }
    if single.is_empty() {
        (Value::Null, Value::Null)
    } else {
        (Value::Object(single), Value::Object(multi))
    }
}

/// The time in the form of the Common Log Format.
fn request_time() -> String {
    let now = jiff::Timestamp::try_from(clock::true_time()).unwrap_or_default();
    now.to_zoned(jiff::tz::TimeZone::UTC)
        .strftime("%d/%b/%Y:%H:%M:%S +0000")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(uri: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Value {
        let mut request = http::Request::post(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let route = Route::of(parts.uri.path()).unwrap();
        let trace = trace_header(&parts.headers);
        render(&parts, &route, body, "127.0.0.1:5".parse().unwrap(), "r-1", &trace)
    }

    #[test]
    fn every_byte_of_a_body_is_kept_as_base64() {
        let bytes: Vec<u8> = (0..=255).collect();
        let event = event("/webhook", &[], &bytes);
        let encoded = event["body"].as_str().unwrap();
        assert_eq!(
            base64::engine::general_purpose::STANDARD.decode(encoded).unwrap(),
            bytes
        );
        assert_eq!(event["isBase64Encoded"], true);
    }

    /// API Gateway takes 10,240 bytes of request line and headers; the caller's name is in the event most often.
    #[test]
    fn the_largest_body_reaches_the_function_whatever_its_headers() {
        let body = vec![b'x'; *tracehook_core::body::BODY_LIMIT_BYTES.end()];
        let escaped = vec![b'"'; 10_240 - "POST /webhook/github HTTP/1.1\r\nUser-Agent: \r\n".len()];
        let largest = event("/webhook/github", &[("User-Agent", &escaped)], &body).to_string();
        assert!(super::super::invocable(largest).is_ok());
        let larger = event(
            "/webhook/github",
            &[("User-Agent", &escaped)],
            &[&body[..], &[0; 4096]].concat(),
        );
        assert!(
            super::super::invocable(larger.to_string()).is_err(),
            "there is little room beyond that"
        );
    }

    #[test]
    fn an_empty_body_is_absent() {
        let event = event("/webhook", &[], b"");
        assert_eq!(
            (&event["body"], &event["isBase64Encoded"]),
            (&Value::Null, &false.into())
        );
    }

    #[test]
    fn parameters_are_decoded_and_repeated_values_are_kept() {
        let event = event(
            "/webhook/git%20hub?a=1&a=2&b=c%26d",
            &[("X-A", b"1"), ("X-A", b"\xff2")],
            b"{}",
        );
        assert_eq!(event["resource"], "/webhook/{source}");
        assert_eq!(event["pathParameters"]["source"], "git hub");
        assert_eq!(event["queryStringParameters"], json!({"a": "2", "b": "c&d"}));
        assert_eq!(
            event["multiValueQueryStringParameters"],
            json!({"a": ["1", "2"], "b": ["c&d"]})
        );
        assert_eq!(event["multiValueHeaders"]["x-a"], json!(["1", "\u{fffd}2"]));
        assert_eq!(event["headers"]["x-a"], "\u{fffd}2");
        assert_eq!(event["requestContext"]["identity"]["sourceIp"], "127.0.0.1");
    }

    #[test]
    fn only_the_paths_of_the_api_are_routed() {
        for (path, expected) in [
            ("/webhook", Some(Route::Webhook)),
            ("/webhook/", Some(Route::Webhook)),
            ("/webhook/github", Some(Route::Source("github"))),
            ("/webhook/github/", Some(Route::Source("github"))),
            ("/webhook/git%2Fhub/", Some(Route::Source("git%2Fhub"))),
            ("/status/ab/", Some(Route::Status("ab"))),
            ("/webhook//", None),
            ("/webhook/github//", None),
            ("//webhook", None),
            ("/%77ebhook", None),
            ("/webhook;a=b", None),
            ("/status/ab", Some(Route::Status("ab"))),
            ("/status", None),
            ("/status/", None),
            ("/webhook/a/b", None),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(Route::of(path), expected, "{path}");
        }
    }

    /// Every method that Terraform deploys is routed to the same function here, and nothing else is a resource.
    #[test]
    fn the_resources_are_those_that_terraform_deploys() {
        let methods = include_str!("../../../../terraform/modules/api/methods.tf");
        let rows: Vec<_> = methods
            .lines()
            .filter_map(|line| line.trim().split_once("= { function = \""))
            .filter_map(|(method, rest)| {
                Some((
                    method.trim().trim_matches('"').split_once(' ')?.1,
                    rest.split('"').next()?,
                ))
            })
            .collect();
        assert!(rows.len() >= 7, "{rows:?}");
        for (resource, function) in &rows {
            let path = resource.replace("{source}", "shop").replace("{executionToken}", "ab");
            let route = Route::of(&path).unwrap_or_else(|| panic!("{resource} leads nowhere"));
            assert_eq!((route.resource(), route.function().as_str()), (*resource, *function));
        }
        for route in [Route::Webhook, Route::Source("s"), Route::Status("t")] {
            assert!(
                rows.iter().any(|(resource, _)| *resource == route.resource()),
                "{route:?}"
            );
        }
    }
}
