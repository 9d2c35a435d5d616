//! The service and operation of a request, by the conventions of the AWS protocols.

use axum::response::Response;
use http::{HeaderMap, Method, Request, StatusCode};

use super::error;

/// The service that a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    DynamoDb,
    Lambda,
    S3,
    SecretsManager,
    Unknown,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) service: Service,
    /// The operation's name in the service's model, for example `PutItem`.
    pub(super) operation: String,
    /// Whom the request is signed by.
    pub(super) access_key: Option<String>,
}

impl Call {
    pub(super) fn of<B>(request: &Request<B>) -> Self {
        let target = request
            .headers()
            .get("x-amz-target")
            .and_then(|value| value.to_str().ok());
        let (service, operation) = match target.and_then(|target| target.split_once('.')) {
            Some(("DynamoDB_20120810", operation)) => (Service::DynamoDb, operation),
            Some(("secretsmanager", operation)) => (Service::SecretsManager, operation),
            Some((_, operation)) => (Service::Unknown, operation),
            None if scope(request.headers()).is_some_and(|scope| scope.service == "s3") => {
                (Service::S3, tracehook_local_s3::operation(request))
            }
            None => match lambda_operation(request.method(), request.uri().path()) {
                Some(operation) => (Service::Lambda, operation),
                None => (Service::Unknown, "unknown"),
            },
        };
        Self {
            service,
            operation: operation.to_owned(),
            access_key: scope(request.headers()).map(|scope| scope.access_key.to_owned()),
        }
    }

    /// `service:Operation`, as in IAM.
    pub(super) fn name(&self) -> String {
        let service = match self.service {
            Service::DynamoDb => "dynamodb",
            Service::Lambda => "lambda",
            Service::S3 => "s3",
            Service::SecretsManager => "secretsmanager",
            Service::Unknown => "unknown",
        };
        format!("{service}:{}", self.operation)
    }

    /// An error in the service's own form.
    pub(super) fn error(&self, status: StatusCode, code: &str, message: &str) -> Response {
        match self.service {
            Service::S3 => tracehook_local_s3::error(status, code, message),
            _ => error(status, code, message),
        }
    }

    /// The status and code with which the service throttles a caller.
    pub(super) const fn throttled(&self) -> (StatusCode, &'static str) {
        match self.service {
            Service::Lambda => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException"),
            Service::S3 => (StatusCode::SERVICE_UNAVAILABLE, "SlowDown"),
            Service::DynamoDb | Service::SecretsManager | Service::Unknown => {
                (StatusCode::BAD_REQUEST, "ThrottlingException")
            }
        }
    }
}

fn lambda_operation(method: &Method, path: &str) -> Option<&'static str> {
    let mut segments = path.trim_start_matches('/').split('/');
    let version = segments.next()?;
    let rest: Vec<&str> = segments.collect();
    match (version, method, rest.as_slice()) {
        ("2015-03-31", &Method::POST, ["functions", _, "invocations"]) => Some("Invoke"),
        ("2025-12-01", &Method::POST, ["durable-executions", _, "checkpoint"]) => Some("CheckpointDurableExecution"),
        ("2025-12-01", &Method::GET, ["durable-executions", _, "state"]) => Some("GetDurableExecutionState"),
        ("2025-12-01", &Method::GET, ["durable-executions", _, "history"]) => Some("GetDurableExecutionHistory"),
        ("2025-12-01", &Method::POST, ["durable-executions", _, "stop"]) => Some("StopDurableExecution"),
        ("2025-12-01", &Method::GET, ["durable-executions", _]) => Some("GetDurableExecution"),
        ("2025-12-01", &Method::GET, ["functions", _, "durable-executions"]) => Some("ListDurableExecutionsByFunction"),
        ("2025-12-01", &Method::POST, ["durable-execution-callbacks", _, _]) => Some("SendDurableExecutionCallback"),
        _ => None,
    }
}

/// Who signed, and for which service.
struct Scope<'a> {
    access_key: &'a str,
    service: &'a str,
}

/// The scope in `Authorization: AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …`.
fn scope(headers: &HeaderMap) -> Option<Scope<'_>> {
    let authorization = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = authorization.split_once("Credential=")?;
    let mut parts = credential.split('/');
    Some(Scope {
        access_key: parts.next()?,
        service: parts.nth(2)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(method: &str, path: &str, target: Option<&str>) -> String {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(target) = target {
            request = request.header("X-Amz-Target", target);
        }
        Call::of(&request.body(()).unwrap()).name()
    }

    #[test]
    fn calls_are_named_as_in_iam() {
        for (method, path, target, expected) in [
            ("POST", "/", Some("DynamoDB_20120810.PutItem"), "dynamodb:PutItem"),
            (
                "POST",
                "/",
                Some("secretsmanager.GetSecretValue"),
                "secretsmanager:GetSecretValue",
            ),
            (
                "POST",
                "/2015-03-31/functions/p%3Alive/invocations",
                None,
                "lambda:Invoke",
            ),
            (
                "POST",
                "/2025-12-01/durable-executions/arn%3Aaws%3Alambda%2Fx/checkpoint",
                None,
                "lambda:CheckpointDurableExecution",
            ),
            (
                "GET",
                "/2025-12-01/durable-executions/arn/state",
                None,
                "lambda:GetDurableExecutionState",
            ),
            (
                "GET",
                "/2025-12-01/durable-executions/arn",
                None,
                "lambda:GetDurableExecution",
            ),
            ("GET", "/", None, "unknown:unknown"),
            ("POST", "/", Some("SQS.SendMessage"), "unknown:SendMessage"),
        ] {
            assert_eq!(name(method, path, target), expected);
        }
    }

    #[test]
    fn a_call_that_is_signed_for_s3_is_one_of_an_object() {
        let signed = "AWS4-HMAC-SHA256 Credential=LOCAL123/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host";
        let request = Request::put("/tracehook-payloads/payloads/1").header("Authorization", signed);
        let call = Call::of(&request.body(()).unwrap());
        assert_eq!(
            (call.name().as_str(), call.access_key.as_deref()),
            ("s3:PutObject", Some("LOCAL123"))
        );
        let (status, code) = call.throttled();
        assert_eq!((status.as_u16(), code), (503, "SlowDown"));
        let error = call.error(status, code, "m");
        assert_eq!(error.headers()["content-type"], "application/xml");
    }

    #[test]
    fn the_caller_is_who_signed() {
        let signed =
            "AWS4-HMAC-SHA256 Credential=LOCAL123/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host";
        let request = Request::builder().header("Authorization", signed).body(()).unwrap();
        assert_eq!(Call::of(&request).access_key.as_deref(), Some("LOCAL123"));
        assert_eq!(Call::of(&Request::new(())).access_key, None);
    }
}
