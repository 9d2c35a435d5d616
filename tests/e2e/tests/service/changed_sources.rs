//! The sources of a running service: a changed file is served by new processes, and what was deployed before stays readable.

use serde_json::json;
use tracehook_test_support::service::AwsCall;
use tracehook_test_support::{Delivery, Options, SECRET, Service, sign};

/// A producer's secret is a line of the configuration file, its source is in a file in YAML.
fn config(names: &[&str]) -> String {
    let secret = |name: &&str| format!("[sources.{name}]\nsecret = \"{SECRET}\"\n");
    let secrets = names.iter().map(secret).collect::<Vec<_>>().concat();
    format!(
        "sources_file = \"sources.yaml\"\n[functions.validator.environment]\nANSWER_BUDGET_MS = \"20000\"\n{secrets}"
    )
}

fn yaml(names: &[&str]) -> String {
    let source = |name: &&str| format!("{name}:\n  preset: hmac-sha256\n  id: [hash]\n");
    names.iter().map(source).collect::<Vec<_>>().concat()
}

async fn service(names: &[&str]) -> Service {
    let options = Options {
        config: Some(config(names)),
        files: vec![("sources.yaml".to_owned(), yaml(names))],
        memory: true,
        ..Default::default()
    };
    Service::start_with(options).await.unwrap()
}

fn signed(source: &str, body: &str) -> Delivery {
    Delivery::new(&format!("/webhook/{source}"), body).with("X-Webhook-Signature", sign(SECRET, body.as_bytes()))
}

async fn status(service: &Service, source: &str, body: &str) -> u16 {
    service.send(&signed(source, body)).await.unwrap().status
}

#[tokio::test]
async fn a_changed_file_is_served_at_once_while_requests_under_way_finish_on_the_old_one() {
    let service = service(&["shop"]).await;
    assert_eq!(status(&service, "shop", "[1]").await, 202);
    assert_eq!(status(&service, "later", "[1]").await, 404);
    let before = service.pids_of("tracehook-validator").await.unwrap();

    // A request that has found its source hangs until the third try of its write.
    let hangs = json!({"operation": "dynamodb:PutItem", "function": "tracehook-validator", "count": 2, "effect": {"hang": true}});
    service.fault(hangs).await.unwrap();
    let under_way = tokio::spawn({
        let url = service.url().to_owned();
        async move {
            let request = reqwest::Client::builder().no_proxy().build().unwrap();
            let body = "[2]";
            let request = request.post(format!("{url}/webhook/shop")).body(body);
            let request = request.header("X-Webhook-Signature", sign(SECRET, body.as_bytes()));
            request.send().await.unwrap().status().as_u16()
        }
    });
    std::fs::write(service.path("config.toml"), config(&["later"])).unwrap();
    std::fs::write(service.path("sources.yaml"), yaml(&["later"])).unwrap();
    let changed = |output: &str| output.contains("the sources are those of the changed file");
    service.output_with(changed).await.unwrap();
    assert_eq!(under_way.await.unwrap(), 202);

    assert_eq!(status(&service, "later", "[1]").await, 202);
    assert_eq!(status(&service, "shop", "[3]").await, 404);
    let after = service.pids_of("tracehook-validator").await.unwrap();
    assert!(after.iter().all(|pid| !before.contains(pid)), "{before:?} {after:?}");
}

#[tokio::test]
async fn a_changed_file_with_faults_changes_nothing_and_all_of_them_are_told() {
    let service = service(&["shop"]).await;
    assert_eq!(status(&service, "shop", "[1]").await, 202);
    let faulty = "shop: {preset: hmac-sha256, ids: [hash]}\nother: {preset: md5}\n";
    std::fs::write(service.path("sources.yaml"), faulty).unwrap();
    let told = |output: &str| {
        [
            "sources.shop.ids: is not known here",
            "sources.other.preset: is no preset",
        ]
        .iter()
        .all(|fault| output.contains(fault))
    };
    service.output_with(told).await.unwrap();
    assert_eq!(status(&service, "shop", "[2]").await, 202);
    std::fs::write(service.path("sources.yaml"), yaml(&["shop"])).unwrap();
    let agrees = |output: &str| output.contains("the file has no faults any more");
    service.output_with(agrees).await.unwrap();
}

#[tokio::test]
async fn a_file_that_names_no_source_any_more_opens_none_with_a_secret_that_everybody_knows() {
    let service = service(&["shop"]).await;
    assert_eq!(status(&service, "shop", "[1]").await, 202);
    let rest = config(&[]).replace("sources_file = \"sources.yaml\"\n", "");
    std::fs::write(service.path("config.toml"), rest).unwrap();
    let told = |output: &str| output.contains("names no source any more");
    service.output_with(told).await.unwrap();
    assert_eq!(status(&service, "shop", "[2]").await, 202);
    assert_eq!(status(&service, "github", "[1]").await, 404);
}

#[tokio::test]
async fn a_new_process_reads_the_document_it_was_deployed_with_when_the_table_has_lost_the_deployments_item() {
    let service = service(&["shop"]).await;
    assert_eq!(status(&service, "shop", "[1]").await, 202);
    let query = json!({"TableName": "tracehook", "KeyConditionExpression": "executionToken = :c",
        "ExpressionAttributeValues": {":c": {"S": "configuration"}}});
    let dynamodb = |operation: &str, body: &serde_json::Value| {
        AwsCall::new("dynamodb", "/", body.to_string())
            .by(service.operator())
            .with("x-amz-target", &format!("DynamoDB_20120810.{operation}"))
    };
    let items = service.call_aws(dynamodb("Query", &query)).await.unwrap().json;
    let keys: Vec<_> = items["Items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["item"]["S"])
        .collect();
    assert_eq!(keys.len(), 2, "the deployment's and the one that is kept: {keys:?}");
    let deployed = keys
        .iter()
        .find(|key| key.as_str().unwrap().starts_with("deployed#"))
        .unwrap();
    let delete =
        json!({"TableName": "tracehook", "Key": {"executionToken": {"S": "configuration"}, "item": {"S": deployed}}});
    assert_eq!(
        service.call_aws(dynamodb("DeleteItem", &delete)).await.unwrap().status,
        200
    );

    service.kill_function("tracehook-validator").await.unwrap();
    assert_eq!(status(&service, "shop", "[2]").await, 202);
}

#[tokio::test]
async fn while_the_table_is_away_a_new_process_answers_503_and_then_serves() {
    let service = service(&["shop"]).await;
    let away = json!({"operation": "dynamodb:GetItem", "function": "tracehook-validator", "count": 1000,
        "effect": {"status": 500, "code": "InternalServerError"}});
    service.fault(away).await.unwrap();
    let answer = service.send(&signed("shop", "[1]")).await.unwrap();
    assert_eq!(
        (answer.status, answer.json["code"].as_str()),
        (503, Some("configuration_unavailable"))
    );
    assert_eq!(answer.header("Retry-After"), "5");
    service.plan(&json!({"rules": []})).await.unwrap();
    assert_eq!(status(&service, "shop", "[1]").await, 202);
}
