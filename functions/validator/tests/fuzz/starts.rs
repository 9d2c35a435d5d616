//! A start that fails delays a webhook and refuses nothing: the producer gets its 202, and the metrics say why.

use serde_json::json;
use tracehook_core::ConfigurationHash;
use tracehook_runtime::AfterAnswer;
use tracehook_runtime::http::handle;
use tracehook_telemetry::testing::Counting;
use tracehook_validator::Validator;
use tracehook_validator::config::Config;

use crate::aws::Aws;

const DOCUMENT: &str = r#"{"sources":{"open":{"preset":"none"}}}"#;

#[tokio::test]
async fn a_failed_start_is_counted_as_deferred_and_by_its_reason_when_it_was_refused() {
    for (status, code, refused) in [
        (403, "AccessDeniedException", true),
        (404, "ResourceNotFoundException", true),
        (409, "DurableExecutionAlreadyStartedException", false),
        (429, "TooManyRequestsException", false),
        (500, "ServiceException", false),
    ] {
        let config = Config::from_env(|name| {
            let value = match name {
                "TABLE_NAME" | "SECRET_ID" | "EXECUTION_NAME_PREFIX" => "tracehook",
                "CONFIGURATION_SHA256" => return Some(ConfigurationHash::of(DOCUMENT).to_string()),
                "PROCESSOR_FUNCTION" => "processor:live",
                "AWS_REGION" => "eu-west-1",
                "ALLOW_UNSIGNED" => "true",
                _ => return None,
            };
            Some(value.to_owned())
        });
        let after_answer = AfterAnswer::default();
        let aws = Aws::of(DOCUMENT).failing_starts(status, code).config();
        let validator = Validator::new(config.unwrap(), &aws, after_answer.clone());
        let counting = Counting::start();
        let event = json!({"httpMethod": "POST", "resource": "/webhook/{source}", "path": "/webhook/open",
            "pathParameters": {"source": "open"}, "body": "{}", "requestContext": {"requestId": "r"}});
        let answer = handle(&validator, &event.to_string(), "invocation").await;
        assert_eq!(answer.status(), 202, "{code}");
        after_answer.all().await;
        let mut counted = counting.taken();
        counted.retain(|name, _| name.starts_with("Start"));
        let mut expected = Vec::new();
        if refused {
            expected.push(format!("StartFailures source=open reason={code}"));
        }
        if status != 409 {
            expected.push("StartsDeferred source=open".to_owned());
        }
        assert_eq!(counted.into_keys().collect::<Vec<_>>(), expected, "{code}");
    }
}
