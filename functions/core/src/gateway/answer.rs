//! The answer of a function to API Gateway.

use std::borrow::Cow;
use std::collections::BTreeMap;

use http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::rejection::Rejection;
use crate::source::FixedAnswer;

/// Permission for pages of other origins to read the answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cors {
    /// The value of `Access-Control-Allow-Origin`; none sends no CORS header.
    pub allow_origin: Option<String>,
}

/// One HTTP answer, in the form of the proxy integration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    status_code: u16,
    headers: BTreeMap<Cow<'static, str>, String>,
    body: String,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorBody<'a> {
    error: &'a str,
    code: &'a str,
    request_id: &'a str,
}

impl Answer {
    /// An answer with a JSON body.
    #[must_use]
    pub fn json(status: StatusCode, body: &impl Serialize) -> Self {
        // The bodies are structs of texts and numbers, whose serialization cannot fail.
        let body = serde_json::to_string(body).unwrap_or_default();
        Self::of(status, body)
            .with("Content-Type", "application/json")
            .with("Cache-Control", "no-store")
    }

    /// The answer of a source whose producer does not take the contract of the API.
    #[must_use]
    pub fn fixed(answer: &FixedAnswer) -> Self {
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let mut fixed = Self::of(answer.status, answer.body.clone()).with("Cache-Control", "no-store");
        if let Some(content_type) = &answer.content_type {
            fixed = fixed.with("Content-Type", text(content_type));
        }
        for (name, value) in &answer.headers {
            fixed = fixed.with(name.as_str().to_owned(), text(value));
        }
        fixed
    }

    /// An answer with the headers that every answer has. API Gateway's own answers have them from Terraform.
    fn of(status: StatusCode, body: String) -> Self {
        let bare = Self {
            status_code: status.as_u16(),
            headers: BTreeMap::new(),
            body,
            is_base64_encoded: false,
        };
        bare.with("X-Content-Type-Options", "nosniff")
            .with("Strict-Transport-Security", "max-age=31536000")
    }

    /// The answer to a request that is refused.
    #[must_use]
    pub fn rejection(rejection: Rejection, request_id: &str) -> Self {
        Self::rejection_saying(rejection.message(), rejection, request_id)
    }

    /// The same with another text.
    #[must_use]
    pub fn rejection_saying(error: &str, rejection: Rejection, request_id: &str) -> Self {
        let body = ErrorBody {
            error,
            code: rejection.code(),
            request_id,
        };
        let answer = Self::json(rejection.status(), &body);
        match rejection.retry_after_seconds() {
            Some(seconds) => answer.with("Retry-After", seconds.to_string()),
            None => answer,
        }
    }

    /// The answer to a method that the path does not take; `allow` lists those that it does.
    #[must_use]
    pub fn method_not_allowed(allow: &'static str, request_id: &str) -> Self {
        Self::rejection(Rejection::MethodNotAllowed, request_id).with("Allow", allow)
    }

    /// The answer to a browser's question whether a page may send a request.
    #[must_use]
    pub fn preflight(methods: impl Into<String>) -> Self {
        Self::of(StatusCode::NO_CONTENT, String::new())
            .with("Access-Control-Allow-Methods", methods)
            .with("Access-Control-Allow-Headers", "*")
            .with("Access-Control-Max-Age", "600")
    }

    /// This answer with a header.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// This answer, readable by the pages that `cors` allows.
    #[must_use]
    pub fn with_cors(self, cors: &Cors) -> Self {
        match &cors.allow_origin {
            Some(origin) => self
                .with("Access-Control-Allow-Origin", origin)
                .with("Access-Control-Expose-Headers", "Location, Retry-After, traceresponse"),
            None => self,
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status_code
    }

    /// The body's text.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The header of that name, as it was given.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_its_text_code_and_request_id() {
        let answer = serde_json::to_value(Answer::rejection(Rejection::SignatureMismatch, "r-1")).unwrap();
        assert_eq!(answer["statusCode"], 401);
        assert_eq!(answer["isBase64Encoded"], false);
        assert_eq!(answer["headers"]["Content-Type"], "application/json");
        let body: serde_json::Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        assert_eq!(
            body,
            serde_json::json!({"error": "Invalid signature", "code": "signature_mismatch", "requestId": "r-1"})
        );
    }

    #[test]
    fn no_answer_is_sniffed_or_read_without_tls() {
        for answer in [
            Answer::json(StatusCode::ACCEPTED, &()),
            Answer::rejection(Rejection::NotFound, ""),
            Answer::method_not_allowed("GET", ""),
            Answer::preflight("GET, OPTIONS"),
        ] {
            assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"));
            assert_eq!(answer.header("Strict-Transport-Security"), Some("max-age=31536000"));
        }
    }

    #[test]
    fn only_what_helps_to_repeat_says_when() {
        assert_eq!(
            Answer::rejection(Rejection::StoreUnavailable, "").header("Retry-After"),
            Some("5")
        );
        assert_eq!(
            Answer::rejection(Rejection::SignatureMismatch, "").header("Retry-After"),
            None
        );
    }
}
