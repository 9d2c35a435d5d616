//! The durable calls without the SDK.

use serde_json::{Value, json};

use super::Served;

/// The calls of one execution.
#[derive(Clone)]
pub(crate) struct Raw {
    client: reqwest::Client,
    base: String,
}

/// The status, the error type in the header, the body.
pub(crate) type RawAnswer = (u16, Option<String>, Value);

impl Raw {
    pub(crate) fn new(host: &Served, arn: &str) -> Self {
        // One segment of the path: `:` and `/` are escaped.
        let arn = arn.replace(':', "%3A").replace('/', "%2F").replace('$', "%24");
        Self {
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            base: format!("{}/2025-12-01/durable-executions/{arn}", host.url),
        }
    }

    pub(crate) async fn get(&self, rest: &str) -> RawAnswer {
        Self::read(self.client.get(format!("{}{rest}", self.base)).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, rest: &str, body: &Value) -> RawAnswer {
        Self::read(
            self.client
                .post(format!("{}{rest}", self.base))
                .json(body)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    async fn read(answer: reqwest::Response) -> RawAnswer {
        let kind = answer
            .headers()
            .get("x-amzn-ErrorType")
            .map(|kind| kind.to_str().unwrap().to_owned());
        (answer.status().as_u16(), kind, answer.json().await.unwrap())
    }

    /// A checkpoint that must be accepted.
    pub(crate) async fn checkpoint(&self, token: &Value, updates: Value) -> Value {
        let body = json!({ "CheckpointToken": token, "Updates": updates });
        let (status, _, answer) = self.post("/checkpoint", &body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }
}
