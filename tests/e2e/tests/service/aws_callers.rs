//! AWS on this machine is for the functions, and for whoever may read the service's files.

use tracehook_test_support::service::{AwsCall, Credentials};
use tracehook_test_support::{Answer, Delivery, Service};

const VALIDATOR: &str = "tracehook-validator";

fn calls() -> Vec<(&'static str, AwsCall, u16, &'static str)> {
    let secret = AwsCall::new("secretsmanager", "/", r#"{"SecretId": "tracehook"}"#)
        .with("x-amz-target", "secretsmanager.GetSecretValue");
    let scan = AwsCall::new("dynamodb", "/", r#"{"TableName": "tracehook"}"#)
        .with("x-amz-target", "DynamoDB_20120810.Scan")
        .with("content-type", "application/x-amz-json-1.0");
    let invoke = AwsCall::new(
        "lambda",
        "/2015-03-31/functions/tracehook-reconciler/invocations",
        r#"{"action": "sweep"}"#,
    );
    vec![
        ("secrets", secret, 403, "InvalidClientTokenId"),
        ("table", scan, 400, "UnrecognizedClientException"),
        ("invoke", invoke.clone(), 403, "UnrecognizedClientException"),
        (
            "a simple request of a page",
            invoke
                .with("content-type", "text/plain")
                .with("origin", "https://evil.example"),
            403,
            "UnrecognizedClientException",
        ),
    ]
}

fn code(answer: &Answer) -> String {
    let text = answer.json["__type"].as_str().unwrap_or_default();
    assert_eq!(answer.header("x-amzn-errortype"), text, "SDKs read both");
    text.to_owned()
}

#[tokio::test]
async fn a_call_without_credentials_that_were_given_is_refused_as_aws_refuses_it() {
    let service = Service::start().await.unwrap();
    let accepted = service.send(&Delivery::github("push", "{}")).await.unwrap();
    service.end_of(&accepted.token().unwrap()).await.unwrap();
    let operator = service.operator().clone();
    let function = service.credentials_of(VALIDATOR).await.unwrap();
    assert_ne!(operator, function);
    let with = |access_key_id: &str, session_token: &str| {
        Some(Credentials {
            access_key_id: access_key_id.to_owned(),
            session_token: session_token.to_owned(),
        })
    };
    for (what, call, status, refusal) in calls() {
        for (who, credentials) in [
            ("nobody", None),
            ("test keys", with("test", "test")),
            ("no token", with(&operator.access_key_id, "")),
            (
                "another's token",
                with(&operator.access_key_id, &function.session_token),
            ),
            (
                "the operator's token",
                with(&function.access_key_id, &operator.session_token),
            ),
            (
                "half a key",
                with(&function.access_key_id[..10], &function.session_token),
            ),
            (
                "a key in lower case",
                with(&operator.access_key_id.to_lowercase(), &operator.session_token),
            ),
        ] {
            let call = credentials.iter().fold(call.clone(), AwsCall::by);
            let answer = service.call_aws(call).await.unwrap();
            assert_eq!(
                (answer.status, code(&answer).as_str()),
                (status, refusal),
                "{what} by {who}"
            );
            assert!(!answer.text.contains("tokenKey"), "{what} by {who}: {}", answer.text);
        }
        for credentials in [&operator, &function] {
            let answer = service.call_aws(call.clone().by(credentials)).await.unwrap();
            assert_eq!(answer.status, 200, "{what}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn an_object_is_for_its_callers_only() {
    let service = Service::start().await.unwrap();
    let object = AwsCall::new("s3", "/tracehook-payloads?delete", "");
    let nobody = Credentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        session_token: "x".to_owned(),
    };
    let refused = service.call_aws(object.clone().by(&nobody)).await.unwrap();
    assert_eq!(refused.status, 403);
    assert!(
        refused.text.contains("<Code>InvalidAccessKeyId</Code>"),
        "{}",
        refused.text
    );
    let answered = service.call_aws(object.by(service.operator())).await.unwrap();
    assert!(!answered.text.contains("InvalidAccessKeyId"), "{}", answered.text);
}

#[tokio::test]
async fn the_credentials_of_a_process_that_has_ended_are_still_its_own_and_those_of_a_run_are_not_the_nexts() {
    let mut service = Service::start().await.unwrap();
    let accepted = service.send(&Delivery::github("push", "{}")).await.unwrap();
    service.end_of(&accepted.token().unwrap()).await.unwrap();
    let function = service.credentials_of(VALIDATOR).await.unwrap();
    let operator = service.operator().clone();
    service.kill_function(VALIDATOR).await.unwrap();
    let (_, call, status, _) = calls().remove(0);
    let answer = service.call_aws(call.clone().by(&function)).await.unwrap();
    assert_eq!(answer.status, 200, "its last calls: {}", answer.text);
    service.kill().unwrap();
    service.restart().await.unwrap();
    for old in [&function, &operator] {
        let answer = service.call_aws(call.clone().by(old)).await.unwrap();
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    let file = std::fs::read_to_string(service.path("state/aws.env")).unwrap();
    let kept = Credentials::in_variables(file.lines()).unwrap();
    assert_eq!(&kept, service.operator());
    assert!(file.contains(&format!("AWS_ENDPOINT_URL={}\n", service.aws_url())));
    assert_eq!(service.call_aws(call.by(&kept)).await.unwrap().status, 200);
}
