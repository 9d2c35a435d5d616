//! The configuration document: what the deployment does not allow keeps the function from serving, and all of it is told.

use tracehook_core::ConfigurationHash;
use tracehook_runtime::AfterAnswer;
use tracehook_validator::Validator;
use tracehook_validator::config::Config;

use crate::aws::Aws;

/// Whether a function with this document begins to serve, and why not.
async fn prepared(document: &'static str, allow_unsigned: &'static str) -> Result<(), String> {
    let config = Config::from_env(|name| {
        let value = match name {
            "TABLE_NAME" | "SECRET_ID" | "EXECUTION_NAME_PREFIX" => "tracehook",
            "CONFIGURATION_SHA256" => return Some(ConfigurationHash::of(document).to_string()),
            "PROCESSOR_FUNCTION" => "processor:live",
            "AWS_REGION" => "eu-west-1",
            "ALLOW_UNSIGNED" => allow_unsigned,
            _ => return None,
        };
        Some(value.to_owned())
    });
    let aws = Aws::of(document).config();
    Validator::new(config.unwrap(), &aws, AfterAnswer::default())
        .prepare()
        .await
}

#[tokio::test]
async fn an_unsigned_source_needs_permission() {
    let open = r#"{"sources":{"open":{"preset":"none"}}}"#;
    let refused = prepared(open, "false").await.unwrap_err();
    assert!(refused.contains("sources.open: accepts unsigned webhooks"), "{refused}");
    assert_eq!(prepared(open, "true").await, Ok(()));
    let alone = r#"{"sources":{"open":{"preset":"none","allow_unsigned":true}}}"#;
    assert_eq!(prepared(alone, "false").await, Ok(()));
}

#[tokio::test]
async fn payloads_of_a_source_are_kept_longer_than_an_execution_takes_and_not_longer_than_records() {
    let document = r#"{"sources":{"short":{"preset":"github","retention_days":2},"least":{"preset":"github","retention_days":3},
        "most":{"preset":"github","retention_days":35},"long":{"preset":"github","retention_days":36}}}"#;
    let refused = prepared(document, "false").await.unwrap_err();
    let told =
        ["short", "least", "most", "long"].map(|name| refused.contains(&format!("sources.{name}.retention_days")));
    assert_eq!(told, [true, false, false, true], "{refused}");
}

#[tokio::test]
async fn every_fault_of_the_document_is_told() {
    let refused = prepared(r#"{"sources":{"a":{"preset":"md5"},"b":{}}}"#, "false")
        .await
        .unwrap_err();
    for fault in ["sources.a.preset", "sources.b.verify"] {
        assert!(refused.contains(fault), "{refused}");
    }
}
