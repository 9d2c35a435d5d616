//! Requests that the SDKs do not send: raw answers, stale tokens, malformed queries.

use serde_json::json;

use crate::support::{Raw, Served, Start};

/// An execution whose only step is held.
async fn held(host: &Served) -> String {
    let input = json!([{ "do": "step", "name": "a", "until": host.files.path("go") }]);
    let arn = host.begin(Start { name: None, input }).await.unwrap();
    host.files.until_lines("effects", 1).await;
    arn
}

#[tokio::test]
async fn times_are_seconds_as_numbers() {
    let host = Served::with("durable").await;
    let arn = held(&host).await;
    let (_, _, shown) = Raw::new(&host, &arn).get("").await;
    assert!(shown["StartTimestamp"].is_number(), "{shown}");
    let (_, _, stopped) = Raw::new(&host, &arn).post("/stop", &json!({})).await;
    let stop = stopped["StopTimestamp"].as_f64().unwrap();
    assert!((1.5e9..4e9).contains(&stop), "{stop}");
}

/// Support asks for it, and spans carry it.
#[tokio::test]
async fn every_answer_names_its_request() {
    let host = Served::with("plain").await;
    let post = |path: &str| {
        let url = format!("{}{path}", host.url);
        reqwest::Client::builder().no_proxy().build().unwrap().post(url).send()
    };
    let mut ids = Vec::new();
    for path in [
        "/2015-03-31/functions/plain/invocations",
        "/2015-03-31/functions/nobody/invocations",
        "/2025-12-01/durable-executions/nobody/checkpoint",
    ] {
        let answer = post(path).await.unwrap();
        ids.push(answer.headers()["x-amzn-requestid"].to_str().unwrap().to_owned());
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

/// The code is in the header; the SDK ends the execution unless the message begins exactly like this.
#[tokio::test]
async fn a_token_that_is_not_current_is_refused_as_the_sdk_expects() {
    let host = Served::with("durable").await;
    let arn = held(&host).await;
    let raw = Raw::new(&host, &arn);
    let checkpoint = json!({ "CheckpointToken": "c3RhbGU=", "Updates": [] });
    for (status, kind, body) in [
        raw.post("/checkpoint", &checkpoint).await,
        raw.get("/state?CheckpointToken=c3RhbGU%3D").await,
    ] {
        assert_eq!((status, kind.as_deref()), (400, Some("InvalidParameterValueException")));
        assert!(
            body["Message"]
                .as_str()
                .unwrap()
                .starts_with("Invalid checkpoint token"),
            "{body}"
        );
    }
    host.files.open("go");
    host.end_of(&arn).await;
    let (status, _, body) = raw.post("/checkpoint", &checkpoint).await;
    assert_eq!(status, 400, "after the end, too");
    assert!(
        body["Message"]
            .as_str()
            .unwrap()
            .starts_with("Invalid checkpoint token"),
        "{body}"
    );
}

#[tokio::test]
async fn nonsense_is_refused_and_changes_nothing() {
    let host = Served::with("durable").await;
    let arn = held(&host).await;
    let raw = Raw::new(&host, &arn);
    let refused = [
        raw.post("/checkpoint", &json!({})).await,
        raw.post("/checkpoint", &json!({ "CheckpointToken": 1 })).await,
        raw.post("/stop", &json!("now")).await,
        raw.get("/history?MaxItems=many").await,
        raw.get("/history?Marker=x").await,
    ];
    for (status, kind, body) in refused {
        assert_eq!(
            (status, kind.as_deref()),
            (400, Some("InvalidParameterValueException")),
            "{body}"
        );
    }
    let (status, kind, _) = Raw::new(&host, "nobody")
        .post("/checkpoint", &json!({ "CheckpointToken": "t" }))
        .await;
    assert_eq!((status, kind.as_deref()), (404, Some("ResourceNotFoundException")));
    host.files.open("go");
    assert_eq!(host.end_of(&arn).await.0, "SUCCEEDED");
}
