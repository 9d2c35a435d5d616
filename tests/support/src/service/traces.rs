//! The spans that a running service has received.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::Value;

use super::{PATIENCE, Service};

impl Service {
    /// The attributes of a webhook's root span, once it has ended and they are received.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn root_span(&self, status: &Value) -> Result<Value> {
        let text = |pointer: &str| status.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let path = format!("/local/traces/{}", text("/trace/traceId"));
        let name = format!("webhook {}", text("/source"));
        let began = Instant::now();
        loop {
            let trace = self.get(&path).await?.json;
            let spans = trace.get("spans").and_then(Value::as_array);
            let is_root = |span: &&Value| span.get("name").and_then(Value::as_str) == Some(name.as_str());
            let root = spans.and_then(|spans| spans.iter().find(is_root));
            if let Some(attributes) = root.and_then(|root| root.get("attributes")) {
                return Ok(attributes.clone());
            }
            if began.elapsed() > PATIENCE {
                bail!("no span {name} in time: {trace}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
