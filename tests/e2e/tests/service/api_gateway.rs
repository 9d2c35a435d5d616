//! The local front answers as the deployed API does: every route, every method, every refusal.
//!
//! Each row names what API Gateway does and where that is said. What nobody has confirmed on an account says so: a
//! correction is then one row here and one line in the local gateway. Texts and headers of the gateway's own answers are held
//! against Terraform by the gateway's own tests.

use tracehook_test_support::{Answer, Delivery, Options, SECRET, Service};

/// What somebody asks, what API Gateway does with it, and the answer.
struct Row {
    ask: &'static str,
    gateway: &'static str,
    status: u16,
    code: &'static str,
    header: Option<(&'static str, &'static str)>,
}

const fn row(ask: &'static str, gateway: &'static str, status: u16, code: &'static str) -> Row {
    Row {
        ask,
        gateway,
        status,
        code,
        header: None,
    }
}

const fn with(row: Row, name: &'static str, value: &'static str) -> Row {
    Row {
        header: Some((name, value)),
        ..row
    }
}

const ANY: &str =
    "ANY takes DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT (Developer Guide, \"Set up a proxy integration\")";
const MISSING: &str = "MISSING_AUTHENTICATION_TOKEN, which Terraform makes a 404 (\"Gateway response types\")";
const SLASH: &str = "a slash at the end leads to the resource without it (bug reports; the guide is silent)";
const PARAMETER: &str = "a path parameter reaches the function decoded (\"Lambda proxy integrations\", pathParameters)";
const UNCONFIRMED: &str = "unconfirmed";

/// `TOKEN` is a webhook's, `UNKNOWN` is of none.
const ROWS: &[Row] = &[
    // Resources.
    row("POST /webhook", "the method's integration", 202, ""),
    row("POST /webhook/", SLASH, 202, ""),
    row("POST /webhook/github", "the method's integration", 202, ""),
    row("POST /webhook/github/", SLASH, 202, ""),
    row(
        "POST /webhook/github?a=1&a=2&b",
        "the query is no part of the resource",
        202,
        "",
    ),
    row("POST /webhook/git%68ub", PARAMETER, 202, ""),
    row("POST /webhook/%67%69thub/", PARAMETER, 202, ""),
    row("POST /webhook/github%2F", PARAMETER, 404, "unknown_source"),
    row("POST /webhook/github%2Fpush", PARAMETER, 404, "unknown_source"),
    row("POST /webhook/GitHub", "the function's answer", 404, "unknown_source"),
    row("POST /webhook/nobody", "the function's answer", 404, "unknown_source"),
    row("POST /webhook/github/push", MISSING, 404, "not_found"),
    row("POST /webhook/github//", UNCONFIRMED, 404, "not_found"),
    row("POST /webhook//github", UNCONFIRMED, 404, "not_found"),
    row("POST //webhook", UNCONFIRMED, 404, "not_found"),
    row("POST /%77ebhook", UNCONFIRMED, 404, "not_found"),
    row("POST /WEBHOOK", MISSING, 404, "not_found"),
    row("POST /webhooks", MISSING, 404, "not_found"),
    row(
        "GET /status",
        "a resource without a method: MISSING_AUTHENTICATION_TOKEN",
        404,
        "not_found",
    ),
    row(
        "GET /status/",
        "a resource without a method: MISSING_AUTHENTICATION_TOKEN",
        404,
        "not_found",
    ),
    row("GET /status/TOKEN", "the method's integration", 200, ""),
    row("GET /status/TOKEN/", SLASH, 200, ""),
    row("GET /status/TOKEN?x=y", "the query is no part of the resource", 200, ""),
    row("GET /status/TOKEN/steps", MISSING, 404, "not_found"),
    row("GET /status/UNKNOWN", "the function's answer", 404, "token_unknown"),
    row("GET /status/xyz", "the function's answer", 400, "token_malformed"),
    with(
        row("GET /nothing", MISSING, 404, "not_found"),
        "x-amzn-errortype",
        "MissingAuthenticationTokenException",
    ),
    row(
        "GET /v1/webhook",
        "a stage is in no path under a custom domain",
        404,
        "not_found",
    ),
    row("OPTIONS /nothing", MISSING, 404, "not_found"),
    row("HEAD /nothing", MISSING, 404, ""),
    // Methods.
    with(row("GET /webhook", ANY, 405, "method_not_allowed"), "allow", "POST"),
    with(
        row(
            "GET /webhook/github",
            "a method of its own, for challenges",
            405,
            "method_not_allowed",
        ),
        "allow",
        "POST",
    ),
    with(
        row("PUT /webhook/github", ANY, 405, "method_not_allowed"),
        "allow",
        "POST",
    ),
    with(
        row("PATCH /webhook/github/", ANY, 405, "method_not_allowed"),
        "allow",
        "POST",
    ),
    with(row("DELETE /webhook", ANY, 405, "method_not_allowed"), "allow", "POST"),
    with(row("OPTIONS /webhook", ANY, 405, "method_not_allowed"), "allow", "POST"),
    with(
        row(
            "HEAD /webhook",
            "an answer to HEAD has no body (RFC 9110, 9.3.2)",
            405,
            "",
        ),
        "allow",
        "POST",
    ),
    with(
        row("POST /status/TOKEN", ANY, 405, "method_not_allowed"),
        "allow",
        "GET, HEAD",
    ),
    with(
        row("DELETE /status/TOKEN", ANY, 405, "method_not_allowed"),
        "allow",
        "GET, HEAD",
    ),
    with(
        row("OPTIONS /status/TOKEN", ANY, 405, "method_not_allowed"),
        "allow",
        "GET, HEAD",
    ),
    with(
        row("HEAD /status/TOKEN", "as GET, without the body", 200, ""),
        "content-type",
        "application/json",
    ),
    row("HEAD /status/TOKEN/", "as GET, without the body", 200, ""),
    row("HEAD /status/UNKNOWN", "as GET, without the body", 404, ""),
    row(
        "TRACE /webhook/github",
        "no method of ANY: MISSING_AUTHENTICATION_TOKEN",
        404,
        "not_found",
    ),
    row(
        "PROPFIND /status/TOKEN",
        "no method of ANY: MISSING_AUTHENTICATION_TOKEN",
        404,
        "not_found",
    ),
    row(
        "post /webhook/github",
        "methods have a case: MISSING_AUTHENTICATION_TOKEN",
        404,
        "not_found",
    ),
];

fn deliveries(ask: &str, token: &str) -> Delivery {
    let (method, path) = ask.split_once(' ').unwrap();
    let path = path.replace("TOKEN", token).replace("UNKNOWN", &"0".repeat(32));
    let signed = if path.starts_with("/webhook/") && path.len() > "/webhook/".len() {
        Delivery::github("push", "{}")
    } else {
        Delivery::default_source("{}")
    };
    let delivery = if method == "POST" {
        signed
    } else {
        Delivery::new(&path, "")
    };
    delivery.to_path(&path).method(method)
}

fn assert_answered(answer: &Answer, row: &Row) {
    let Row { ask, gateway, .. } = row;
    assert_eq!(answer.status, row.status, "{ask} ({gateway}): {}", answer.text);
    let code = answer.json["code"].as_str().unwrap_or_default();
    assert_eq!(code, row.code, "{ask} ({gateway}): {}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store", "{ask}");
    let id = answer.header("x-amzn-requestid");
    assert!(!id.is_empty(), "{ask}: API Gateway gives every answer its id");
    if !row.code.is_empty() {
        assert_eq!(
            answer.json["requestId"], id,
            "{ask}: the id of the log is the one that is answered"
        );
    }
    if ask.starts_with("HEAD ") {
        assert_eq!(answer.text, "", "{ask}");
    } else {
        assert_eq!(answer.header("content-type"), "application/json", "{ask}");
    }
    if let Some((name, value)) = row.header {
        assert_eq!(answer.header(name), value, "{ask}");
    }
}

#[tokio::test]
async fn every_route_and_method_is_answered_as_api_gateway_answers_it() {
    let service = Service::start().await.unwrap();
    let accepted = service.send(&Delivery::github("push", "{}")).await.unwrap();
    let token = accepted.token().unwrap();
    service.end_of(&token).await.unwrap();
    for row in ROWS {
        let answer = service.send(&deliveries(row.ask, &token)).await.unwrap();
        assert_answered(&answer, row);
    }
}

async fn service(config: &str) -> Service {
    let config = format!("[sources.github]\npreset = \"github\"\nsecret = \"{SECRET}\"\n{config}");
    let options = Options {
        config: Some(config),
        memory: true,
        ..Options::default()
    };
    Service::start_with(options).await.unwrap()
}

fn status_of_nobody() -> Delivery {
    Delivery::new(&format!("/status/{}", "0".repeat(32)), "").method("GET")
}

#[tokio::test]
async fn every_refusal_of_the_gateway_itself_is_the_configured_one() {
    const THROTTLED: Row = with(
        row(
            "GET /status",
            "THROTTLED (\"Throttle requests to your REST APIs\": 429)",
            429,
            "throttled",
        ),
        "retry-after",
        "1",
    );
    const LARGE: Row = row(
        "POST /webhook/github",
        "REQUEST_TOO_LARGE above 10 MB (\"Quotas\")",
        413,
        "payload_too_large",
    );
    const ALMOST: Row = row(
        "POST /webhook/github",
        "unconfirmed: above Lambda's 6 MB",
        413,
        "payload_too_large",
    );
    const REJECTED: Row = with(
        row(
            "GET /status",
            "500 where Lambda rejects the invocation (Lambda, \"Errors with API Gateway\")",
            500,
            "internal_error",
        ),
        "x-amzn-errortype",
        "InternalServerErrorException",
    );
    const FAILED: Row = row(
        "GET /status",
        "502 where the function fails (Lambda, \"Errors with API Gateway\")",
        502,
        "bad_gateway",
    );
    let throttled = service("[limits]\nrequests_per_second = 0.001\nburst = 1\n").await;
    let first = throttled.send(&status_of_nobody()).await.unwrap();
    assert_eq!(first.status, 404, "the burst: {}", first.text);
    assert_answered(&throttled.send(&status_of_nobody()).await.unwrap(), &THROTTLED);

    let away = service("[functions.status]\nconcurrency = 0\n").await;
    assert_answered(&away.send(&status_of_nobody()).await.unwrap(), &REJECTED);

    let service = service("").await;
    let of_bytes = |bytes: usize| Delivery::github("push", vec![b' '; bytes]);
    assert_answered(&service.send(&of_bytes(10 * 1024 * 1024 + 1)).await.unwrap(), &LARGE);
    assert_answered(&service.send(&of_bytes(5 * 1024 * 1024)).await.unwrap(), &ALMOST);
    let killed = serde_json::json!({"operation": "dynamodb:GetItem", "effect": {"kill": true}});
    service.fault(killed).await.unwrap();
    assert_answered(&service.send(&status_of_nobody()).await.unwrap(), &FAILED);
    assert_eq!(
        service.send(&status_of_nobody()).await.unwrap().status,
        404,
        "the next process answers"
    );
}
