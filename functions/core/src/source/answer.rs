//! What a source's accepted deliveries are answered where the producer does not take the contract of the API.

use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value};

use crate::verify::{Faults, Fields};

/// The largest body of an answer, in bytes.
pub(super) const MAX_BODY_BYTES: usize = 4096;
/// The most headers.
pub(super) const MAX_HEADERS: usize = 20;

/// Headers that an answer has already, or that belong to the gateway.
pub(super) const ANSWERED: [&str; 8] = [
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
    "location",
    "retry-after",
    "cache-control",
    "set-cookie",
];

/// What begins a part of the request in a body.
const PARTS: [&str; 3] = ["{header:", "{json:", "{query:"];
const NOT_BUILT: &str = "an answer that holds a part of the request is not built yet";

/// An answer that is the same for every accepted delivery. Token, status URL and trace are in headers beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedAnswer {
    /// A status of success.
    pub status: StatusCode,
    /// The content type; absent where there is no body.
    pub content_type: Option<HeaderValue>,
    /// The body.
    pub body: String,
    /// Further headers.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

impl FixedAnswer {
    /// Reads an answer. Every fault is told, with its path.
    pub(super) fn read(path: String, value: &Value, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(path, value, faults);
        let status = fields.number("status", 999, faults).unwrap_or(200);
        let status = u16::try_from(status)
            .ok()
            .and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.filter(StatusCode::is_success);
        if status.is_none() {
            faults.add(fields.path("status"), "must be 200 to 299");
        }
        let (text, json) = (fields.text("body", faults), fields.get("json"));
        if text.is_some() && json.is_some() {
            faults.add(fields.path("json"), "there is a body already");
        }
        for (name, body) in [("body", text.map(str::to_owned)), ("json", json.map(Value::to_string))] {
            let body = body.unwrap_or_default();
            if body.len() > MAX_BODY_BYTES {
                faults.add(fields.path(name), format!("has at most {MAX_BODY_BYTES} bytes"));
            }
            if PARTS.iter().any(|part| body.contains(part)) {
                faults.add(fields.path(name), NOT_BUILT);
            }
        }
        let body = json
            .map(Value::to_string)
            .or_else(|| text.map(str::to_owned))
            .unwrap_or_default();
        if status == Some(StatusCode::NO_CONTENT) && !body.is_empty() {
            faults.add(fields.path("status"), "204 has no body");
        }
        let content_type = match fields.text("type", faults) {
            Some(text) => HeaderValue::from_str(text).ok(),
            None if json.is_some() => Some(HeaderValue::from_static("application/json")),
            None => Some(HeaderValue::from_static("text/plain")),
        };
        if content_type.is_none() {
            faults.add(fields.path("type"), "is no content type");
        }
        let headers = fields.map("headers", MAX_HEADERS, faults);
        let headers = headers.map_or_else(Vec::new, |written| {
            read_headers(&fields.path("headers"), written, faults)
        });
        fields.finish(&[], faults);
        Some(Self {
            status: status?,
            content_type: content_type.filter(|_| !body.is_empty()),
            body,
            headers,
        })
    }
}

fn read_headers(path: &str, written: &Map<String, Value>, faults: &mut Faults) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = Vec::new();
    for (name, value) in written {
        let path = format!("{path}.{name}");
        let header = name.parse::<HeaderName>().ok();
        let header = header.filter(|header| !ANSWERED.contains(&header.as_str()));
        let text = value.as_str();
        if text.is_some_and(|text| text.contains('{')) {
            faults.add(&path, NOT_BUILT);
        }
        match (header, text.map(HeaderValue::from_str)) {
            (Some(header), Some(Ok(value))) => headers.push((header, value)),
            _ => faults.add(&path, "is no header that an answer may have"),
        }
    }
    headers
}
