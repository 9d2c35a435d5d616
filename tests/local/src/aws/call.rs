//! The service and operation of a request, by the conventions of the AWS protocols.

use http::{HeaderMap, Method, Request, StatusCode};

/// The service that a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    DynamoDb,
    Lambda,
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
            None => match lambda_operation(request.method(), request.uri().path()) {
                Some(operation) => (Service::Lambda, operation),
                None => (Service::Unknown, "unknown"),
            },
        };
        Self {
            service,
            operation: operation.to_owned(),
            access_key: access_key(request.headers()),
        }
    }

    /// `service:Operation`, as in IAM.
    pub(super) fn name(&self) -> String {
        let service = match self.service {
            Service::DynamoDb => "dynamodb",
            Service::Lambda => "lambda",
            Service::SecretsManager => "secretsmanager",
            Service::Unknown => "unknown",
        };
        format!("{service}:{}", self.operation)
    }

    /// The status and code with which the service throttles a caller.
    pub(super) const fn throttled(&self) -> (StatusCode, &'static str) {
        match self.service {
            Service::Lambda => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException"),
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

/// The access key in `Authorization: AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …`.
fn access_key(headers: &HeaderMap) -> Option<String> {
    let authorization = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = authorization.split_once("Credential=")?;
    credential.split_once('/').map(|(key, _)| key.to_owned())
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
    fn the_caller_is_who_signed() {
        let signed =
            "AWS4-HMAC-SHA256 Credential=LOCAL123/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host";
        let request = Request::builder().header("Authorization", signed).body(()).unwrap();
        assert_eq!(Call::of(&request).access_key.as_deref(), Some("LOCAL123"));
        assert_eq!(Call::of(&Request::new(())).access_key, None);
    }
}
