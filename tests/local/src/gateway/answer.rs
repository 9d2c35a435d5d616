//! A function's proxy answer as HTTP.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    headers: Option<BTreeMap<String, Value>>,
    multi_value_headers: Option<BTreeMap<String, Vec<Value>>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

/// The response; none when the answer is malformed, which the gateway makes a 502. Headers of both maps are merged;
/// where both have one, the values of `multiValueHeaders` count.
pub(super) fn response(answer: &[u8]) -> Option<Response> {
    let answer: Answer = serde_json::from_slice(answer).ok()?;
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded.unwrap_or_default() {
        base64::engine::general_purpose::STANDARD.decode(body).ok()?
    } else {
        body.into_bytes()
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status_code).ok()?;
    let headers = response.headers_mut();
    for (name, values) in answer.multi_value_headers.unwrap_or_default() {
        for value in &values {
            headers.append(HeaderName::try_from(name.as_str()).ok()?, header_value(value)?);
        }
    }
    for (name, value) in answer.headers.unwrap_or_default() {
        let name = HeaderName::try_from(name).ok()?;
        if !headers.contains_key(&name) {
            headers.insert(name, header_value(&value)?);
        }
    }
    Some(response)
}

/// Texts, numbers and truth values; anything else is malformed.
fn header_value(value: &Value) -> Option<HeaderValue> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => return None,
    };
    HeaderValue::try_from(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn status_headers_and_body_are_the_function_s() {
        let answer = br#"{"statusCode":202,"headers":{"A":"1","B":2},"multiValueHeaders":{"a":["x","y"]},
            "body":"aGk=","isBase64Encoded":true}"#;
        let response = response(answer).unwrap();
        assert_eq!(response.status(), 202);
        let a: Vec<_> = response
            .headers()
            .get_all("a")
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect();
        assert_eq!(
            (a, response.headers().get("b").unwrap()),
            (vec!["x", "y"], &HeaderValue::from(2))
        );
        let body = axum::body::to_bytes(response.into_body(), 10).await.unwrap();
        assert_eq!(&body[..], b"hi");
    }

    #[test]
    fn what_is_no_proxy_answer_has_no_response() {
        for answer in [
            "",
            "null",
            "{}",
            r#"{"statusCode":"200"}"#,
            r#"{"statusCode":9}"#,
            r#"{"statusCode":200,"body":{}}"#,
            r#"{"statusCode":200,"headers":{"a b":"x"}}"#,
            r#"{"statusCode":200,"headers":{"a":[]}}"#,
            r#"{"statusCode":200,"body":"%","isBase64Encoded":true}"#,
        ] {
            assert!(response(answer.as_bytes()).is_none(), "{answer}");
        }
    }
}
