//! Who calls AWS here: a function, or the operator.
//!
//! Contract: a call needs the access key and the session token that this service has given to a function's process, or those
//! of the operator, which it makes anew at each start. Both are random and secret, and the key is in the signature's scope;
//! the signature itself is not judged.

use std::fmt::Write as _;

use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use tracehook_local_lambda::{Lambda, names};

use super::call::{Call, Service};

/// Credentials for AWS.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials")
    }
}

impl Credentials {
    /// New ones.
    #[must_use]
    pub fn random() -> Self {
        Self {
            access_key_id: format!("OPERATOR{}", names::hex_digits(12).to_uppercase()),
            secret_access_key: names::hex_digits(32),
            session_token: names::hex_digits(32),
        }
    }

    /// Variables as AWS's command line and libraries read them, one a line.
    #[must_use]
    pub fn variables(&self, url: &str) -> String {
        let mut text = String::new();
        for (name, value) in [
            ("AWS_ENDPOINT_URL", url),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", &self.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", &self.secret_access_key),
            ("AWS_SESSION_TOKEN", &self.session_token),
        ] {
            // Writing to a text does not fail.
            let _ = writeln!(text, "{name}={value}");
        }
        text
    }
}

/// A caller that may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Function(String),
    Operator,
}

impl Caller {
    /// The function's name; empty for the operator.
    pub(super) fn function(&self) -> &str {
        match self {
            Self::Function(name) => name,
            Self::Operator => "",
        }
    }

    /// The caller by the call's credentials.
    pub(super) fn of(call: &Call, headers: &HeaderMap, lambda: &Lambda, operator: &Credentials) -> Option<Self> {
        let key = call.access_key.as_deref()?;
        let token = headers.get("x-amz-security-token")?.to_str().ok()?;
        if key == operator.access_key_id {
            return (token == operator.session_token).then_some(Self::Operator);
        }
        lambda.function_of(key, token).map(Self::Function)
    }
}

/// The answer to who may not, in the service's own words.
///
/// Sources: Amazon `DynamoDB` Developer Guide, "Error handling"; AWS Lambda and AWS Secrets Manager API References, "Common
/// errors"; Amazon S3 API Reference, "Error responses".
pub(super) fn unknown(call: &Call) -> Response {
    let (status, code, message) = match call.service {
        Service::DynamoDb => (
            StatusCode::BAD_REQUEST,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        Service::SecretsManager => (
            StatusCode::FORBIDDEN,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
        Service::Lambda | Service::Unknown => (
            StatusCode::FORBIDDEN,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        Service::S3 => (
            StatusCode::FORBIDDEN,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        ),
    };
    call.error(status, code, message)
}
