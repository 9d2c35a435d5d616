//! Refusals by the gateway itself, in the form of the deployment's gateway responses.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

/// One variant for each refusal that a request can meet here, with the gateway response that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GatewayError {
    /// The request cannot be read.
    BadRequest,
    /// No such path, or no method of that name. API Gateway names it after what it would need otherwise.
    NotFound,
    /// Over the payload limit.
    TooLarge,
    /// Over the stage's throttle.
    Throttled,
    /// The function could not be invoked.
    Internal,
    /// The function failed, or its answer is malformed. Which gateway response that is on AWS is unconfirmed; the status is
    /// documented ("Lambda: error handling for API Gateway").
    BadGateway,
    /// The function took longer than the gateway waits.
    Timeout,
}

/// A gateway response as Terraform configures it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Configured {
    /// Its type in API Gateway.
    kind: &'static str,
    status: StatusCode,
    code: &'static str,
    error: &'static str,
    /// `x-amzn-ErrorType`, where answers of API Gateway show one.
    error_type: Option<&'static str>,
}

impl GatewayError {
    fn configured(self) -> Configured {
        let row = |kind, status, code, error, error_type| Configured {
            kind,
            status,
            code,
            error,
            error_type,
        };
        match self {
            Self::BadRequest => row(
                "BAD_REQUEST_BODY",
                StatusCode::BAD_REQUEST,
                "bad_request",
                "Bad request",
                Some("BadRequestException"),
            ),
            Self::NotFound => row(
                "MISSING_AUTHENTICATION_TOKEN",
                StatusCode::NOT_FOUND,
                "not_found",
                "Not found",
                Some("MissingAuthenticationTokenException"),
            ),
            Self::TooLarge => row(
                "REQUEST_TOO_LARGE",
                StatusCode::PAYLOAD_TOO_LARGE,
                "payload_too_large",
                "Payload too large",
                None,
            ),
            Self::Throttled => row(
                "THROTTLED",
                StatusCode::TOO_MANY_REQUESTS,
                "throttled",
                "Too many requests",
                Some("TooManyRequestsException"),
            ),
            Self::Internal => row(
                "API_CONFIGURATION_ERROR",
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal_error",
                "Internal error",
                Some("InternalServerErrorException"),
            ),
            Self::BadGateway => row(
                "INTEGRATION_FAILURE",
                StatusCode::BAD_GATEWAY,
                "bad_gateway",
                "Bad gateway",
                Some("InternalServerErrorException"),
            ),
            Self::Timeout => row(
                "INTEGRATION_TIMEOUT",
                StatusCode::GATEWAY_TIMEOUT,
                "gateway_timeout",
                "Gateway timeout",
                Some("InternalServerErrorException"),
            ),
        }
    }

    pub(super) fn response(self, request_id: &str, cors_allow_origin: Option<&str>) -> Response {
        let configured = self.configured();
        let mut response = Response::new(Body::from(body(configured, request_id)));
        *response.status_mut() = configured.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
        if configured.status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if let Some(kind) = configured.error_type {
            headers.insert(
                HeaderName::from_static("x-amzn-errortype"),
                HeaderValue::from_static(kind),
            );
        }
        if let Some(origin) = cors_allow_origin.and_then(|origin| HeaderValue::try_from(origin).ok()) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        response
    }
}

/// The gateway's id of a request, on every answer.
pub(super) fn identify(headers: &mut HeaderMap, request_id: &str) {
    if let Ok(id) = HeaderValue::try_from(request_id) {
        headers.insert(HeaderName::from_static("x-amzn-requestid"), id);
    }
}

fn body(configured: Configured, request_id: &str) -> String {
    let Configured { error, code, .. } = configured;
    format!(r#"{{"error":"{error}","code":"{code}","requestId":"{request_id}"}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESPONSES: &str = include_str!("../../../../terraform/modules/api/responses.tf");

    const ALL: [GatewayError; 7] = [
        GatewayError::BadRequest,
        GatewayError::NotFound,
        GatewayError::TooLarge,
        GatewayError::Throttled,
        GatewayError::Internal,
        GatewayError::BadGateway,
        GatewayError::Timeout,
    ];

    /// `{ status = "404", code = "not_found", error = "Not found" }` of a type.
    fn in_terraform(kind: &str) -> String {
        let mut rows = RESPONSES.lines().filter_map(|line| line.trim().split_once('='));
        let (_, row) = rows
            .find(|(name, _)| name.trim() == kind)
            .unwrap_or_else(|| panic!("Terraform configures no gateway response {kind}"));
        row.trim().to_owned()
    }

    #[test]
    fn status_code_and_text_are_those_that_terraform_configures() {
        for error in ALL {
            let configured = error.configured();
            let expected = format!(
                "{{ status = \"{}\", code = \"{}\", error = \"{}\" }}",
                configured.status.as_u16(),
                configured.code,
                configured.error
            );
            assert_eq!(in_terraform(configured.kind), expected, "{}", configured.kind);
        }
    }

    #[test]
    fn the_body_is_what_terraforms_template_makes() {
        let template = RESPONSES
            .lines()
            .find_map(|line| line.trim().strip_prefix("\"application/json\" = "));
        let template: String = serde_json::from_str(template.unwrap()).unwrap();
        for error in ALL {
            let configured = error.configured();
            let expected = template
                .replace("${each.value.error}", configured.error)
                .replace("${each.value.code}", configured.code)
                .replace("$context.requestId", "r-1");
            assert_eq!(body(configured, "r-1"), expected);
        }
    }

    #[test]
    fn the_headers_are_those_that_terraform_configures() {
        let of_terraform = |name: &str| {
            let (_, rest) = RESPONSES
                .split_once(&format!("\"gatewayresponse.header.{name}\""))
                .unwrap();
            let value = rest.trim_start().strip_prefix("= \"'").unwrap();
            value.split_once('\'').unwrap().0
        };
        for error in ALL {
            let response = error.response("r-1", Some("https://example.com"));
            let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap());
            for name in ["Cache-Control", "X-Content-Type-Options", "Strict-Transport-Security"] {
                assert_eq!(header(&name.to_lowercase()), Some(of_terraform(name)));
            }
            assert_eq!(header("access-control-allow-origin"), Some("https://example.com"));
            let later = (response.status() == 429).then(|| of_terraform("Retry-After"));
            assert_eq!(header("retry-after"), later, "{error:?}");
        }
        let configured = RESPONSES.matches("\"gatewayresponse.header.").count();
        assert_eq!(
            configured, 5,
            "a header that Terraform configures is not looked at here"
        );
    }
}
