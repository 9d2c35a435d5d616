//! Reasons for which a request is refused: one variant, one HTTP status, one stable code, one public text.

use http::StatusCode;

/// A request that is refused. Its code is part of the API and is the metric's `reason`.
///
/// The texts hold nothing of the request and nothing of the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rejection {
    /// No such path.
    NotFound,
    /// The path has no such method.
    MethodNotAllowed,
    /// No source of that name.
    UnknownSource,
    /// The gateway's base64 cannot be decoded.
    BodyEncoding,
    /// More bytes than the limit.
    BodyTooLarge,
    /// A content encoding such as gzip.
    ContentEncoding,
    /// The source has a secret, the request no signature.
    SignatureMissing,
    /// The signature header is not of the scheme's form.
    SignatureMalformed,
    /// No live secret gives this signature.
    SignatureMismatch,
    /// No byte but white space.
    BodyEmpty,
    /// Bytes that are not UTF-8, which JSON has to be.
    BodyNotUtf8,
    /// Not JSON.
    BodyNotJson,
    /// Not JSON, with a content type other than JSON.
    MediaType,
    /// The delivery id is too long or has other than visible ASCII characters.
    DeliveryId,
    /// The delivery id was used with another body.
    DeliveryConflict,
    /// Not an execution token.
    MalformedToken,
    /// No webhook of that token.
    UnknownToken,
    /// The event that started the function is not a gateway's request.
    MalformedEvent,
    /// The source needs a secret and has none yet.
    SecretMissing,
    /// Secrets cannot be read now.
    SecretsUnavailable,
    /// The webhook cannot be stored or read now.
    StoreUnavailable,
}

/// The row of a [`Rejection`] in the table of answers.
struct Row {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
}

const fn row(status: StatusCode, code: &'static str, message: &'static str) -> Row {
    Row { status, code, message }
}

impl Rejection {
    /// Every variant, for documentation and tests.
    pub const ALL: [Self; 21] = [
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::UnknownSource,
        Self::BodyEncoding,
        Self::BodyTooLarge,
        Self::ContentEncoding,
        Self::SignatureMissing,
        Self::SignatureMalformed,
        Self::SignatureMismatch,
        Self::BodyEmpty,
        Self::BodyNotUtf8,
        Self::BodyNotJson,
        Self::MediaType,
        Self::DeliveryId,
        Self::DeliveryConflict,
        Self::MalformedToken,
        Self::UnknownToken,
        Self::MalformedEvent,
        Self::SecretMissing,
        Self::SecretsUnavailable,
        Self::StoreUnavailable,
    ];

    #[rustfmt::skip]
    const fn row(self) -> Row {
        use StatusCode as S;
        match self {
            Self::NotFound => row(S::NOT_FOUND, "not_found", "No such path"),
            Self::MethodNotAllowed => row(S::METHOD_NOT_ALLOWED, "method_not_allowed", "This path does not take that method"),
            Self::UnknownSource => row(S::NOT_FOUND, "unknown_source", "Unknown source"),
            Self::BodyEncoding => row(S::BAD_REQUEST, "body_encoding", "The body's base64 cannot be decoded"),
            Self::BodyTooLarge => row(S::PAYLOAD_TOO_LARGE, "payload_too_large", "The body is too large"),
            Self::ContentEncoding => row(S::UNSUPPORTED_MEDIA_TYPE, "unsupported_content_encoding", "Send the body without a content encoding"),
            Self::SignatureMissing => row(S::UNAUTHORIZED, "signature_missing", "Missing signature"),
            Self::SignatureMalformed => row(S::UNAUTHORIZED, "signature_malformed", "Malformed signature"),
            Self::SignatureMismatch => row(S::UNAUTHORIZED, "signature_mismatch", "Invalid signature"),
            Self::BodyEmpty => row(S::BAD_REQUEST, "body_empty", "The body is empty"),
            Self::BodyNotUtf8 => row(S::BAD_REQUEST, "body_not_utf8", "The body is not UTF-8"),
            Self::BodyNotJson => row(S::BAD_REQUEST, "body_not_json", "The body is not valid JSON"),
            Self::MediaType => row(S::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Send JSON"),
            Self::DeliveryId => row(S::BAD_REQUEST, "delivery_id_invalid", "The delivery id is too long or not visible ASCII"),
            Self::DeliveryConflict => row(S::CONFLICT, "delivery_conflict", "This delivery id was used with another body"),
            Self::MalformedToken => row(S::BAD_REQUEST, "token_malformed", "An execution token is 32 lower-case hex digits"),
            Self::UnknownToken => row(S::NOT_FOUND, "token_unknown", "No webhook has this execution token"),
            Self::MalformedEvent => row(S::BAD_REQUEST, "event_malformed", "Not a request of the gateway"),
            Self::SecretMissing => row(S::SERVICE_UNAVAILABLE, "secret_missing", "This source is not ready"),
            Self::SecretsUnavailable => row(S::SERVICE_UNAVAILABLE, "secrets_unavailable", "Try again shortly"),
            Self::StoreUnavailable => row(S::SERVICE_UNAVAILABLE, "store_unavailable", "Try again shortly"),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.row().status
    }

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.row().code
    }

    /// The public text.
    #[must_use]
    pub const fn message(self) -> &'static str {
        self.row().message
    }

    /// After how many seconds a producer may try again, where trying again helps.
    #[must_use]
    pub(crate) fn retry_after_seconds(self) -> Option<u32> {
        (self.status() == StatusCode::SERVICE_UNAVAILABLE).then_some(5)
    }
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Rejection {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_distinct_snake_case_and_statuses_are_those_of_the_contract() {
        let mut codes = BTreeSet::new();
        for rejection in Rejection::ALL {
            let code = rejection.code();
            assert!(codes.insert(code), "{code} twice");
            assert!(
                code.bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'),
                "{code}"
            );
            assert!(
                [400, 401, 404, 405, 409, 413, 415, 503].contains(&rejection.status().as_u16()),
                "{code}"
            );
            assert!(!rejection.message().is_empty());
        }
    }
}
