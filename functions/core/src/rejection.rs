//! Reasons for which a request is refused: one variant, one HTTP status, one stable code, one public text.

use http::StatusCode;

/// The row of a [`Rejection`] in the table of answers.
struct Row {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
}

/// The variants with their rows, in one table.
macro_rules! rejections {
    ($($(#[$doc:meta])* $name:ident: $status:ident, $code:literal, $message:literal;)*) => {
        /// A request that is refused. Its code is part of the API and is the metric's `reason`.
        ///
        /// The texts hold nothing of the request and nothing of the deployment.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Rejection {
            $($(#[$doc])* $name,)*
        }

        impl Rejection {
            /// Every variant, for documentation and tests.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            const fn row(self) -> Row {
                match self {
                    $(Self::$name => Row { status: StatusCode::$status, code: $code, message: $message },)*
                }
            }
        }
    };
}

rejections! {
    /// No such path.
    NotFound: NOT_FOUND, "not_found", "No such path";
    /// The path has no such method.
    MethodNotAllowed: METHOD_NOT_ALLOWED, "method_not_allowed", "This path does not take that method";
    /// No source of that name.
    UnknownSource: NOT_FOUND, "unknown_source", "Unknown source";
    /// The gateway's base64 cannot be decoded.
    BodyEncoding: BAD_REQUEST, "body_encoding", "The body's base64 cannot be decoded";
    /// More bytes than the limit.
    BodyTooLarge: PAYLOAD_TOO_LARGE, "payload_too_large", "The body is too large";
    /// A content encoding other than gzip, or several.
    ContentEncoding: UNSUPPORTED_MEDIA_TYPE, "unsupported_content_encoding", "Send the body without a content encoding, or with gzip alone";
    /// The source has a secret, the request no signature.
    SignatureMissing: UNAUTHORIZED, "signature_missing", "Missing signature";
    /// The signature header is not of the scheme's form.
    SignatureMalformed: UNAUTHORIZED, "signature_malformed", "Malformed signature";
    /// No live secret gives this signature.
    SignatureMismatch: UNAUTHORIZED, "signature_mismatch", "Invalid signature";
    /// The signature is right, and its time too far from that of the receipt.
    SignatureStale: UNAUTHORIZED, "signature_stale", "The signature is of another time";
    /// The content encoding is gzip, and the body is not one whole member of it.
    BodyNotGzip: BAD_REQUEST, "body_not_gzip", "The body is not gzip, or not one whole member of it";
    /// The decoded body is more than ten times as large as it was sent, or larger than the limit.
    BodyDecodedTooLarge: BAD_REQUEST, "body_decoded_too_large", "The decoded body is too large";
    /// No byte but white space.
    BodyEmpty: BAD_REQUEST, "body_empty", "The body is empty";
    /// Bytes that are not UTF-8, which JSON has to be.
    BodyNotUtf8: BAD_REQUEST, "body_not_utf8", "The body is not UTF-8";
    /// Not JSON.
    BodyNotJson: BAD_REQUEST, "body_not_json", "The body is not valid JSON";
    /// No fields and values, or not the field that has the document.
    BodyNotForm: BAD_REQUEST, "body_not_form", "The body is not the form that this source sends";
    /// No signed token.
    BodyNotJwt: BAD_REQUEST, "body_not_jwt", "The body is not a signed token";
    /// Not JSON, with a content type other than JSON.
    MediaType: UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Send JSON";
    /// The delivery id is longer than 256 bytes, or has a control character, such as a tab; in a header, one beyond ASCII. A space
    /// within it is a part of it.
    DeliveryId: BAD_REQUEST, "delivery_id_invalid", "The delivery id is too long, or has control characters or, in a header, others than ASCII";
    /// Not an execution token.
    MalformedToken: BAD_REQUEST, "token_malformed", "An execution token is 32 lower-case hex digits";
    /// No webhook of that token.
    UnknownToken: NOT_FOUND, "token_unknown", "No webhook has this execution token";
    /// The event that started the function is not a gateway's request.
    MalformedEvent: BAD_REQUEST, "event_malformed", "Not a request of the gateway";
    /// The deployment's configuration cannot be read now.
    ConfigurationUnavailable: SERVICE_UNAVAILABLE, "configuration_unavailable", "Try again shortly";
    /// The source needs a secret and has none yet.
    SecretMissing: SERVICE_UNAVAILABLE, "secret_missing", "This source is not ready";
    /// Secrets cannot be read now.
    SecretsUnavailable: SERVICE_UNAVAILABLE, "secrets_unavailable", "Try again shortly";
    /// The webhook cannot be stored or read now.
    StoreUnavailable: SERVICE_UNAVAILABLE, "store_unavailable", "Try again shortly";
}

impl Rejection {
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
