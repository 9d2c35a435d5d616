//! A producer that signs what it sends.

use anyhow::{Result, bail};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// The secret of every source that is served without a configuration.
pub const SECRET: &str = "local-development-secret";

/// The HMAC-SHA256 of a body, in hex.
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .map(|mac| hex::encode(mac.chain_update(body).finalize().into_bytes()))
        .unwrap_or_default()
}

/// One request to the service.
#[derive(Debug, Clone)]
pub struct Delivery {
    method: String,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Delivery {
    /// A POST of any body to any path, without a header.
    pub fn new(path: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            method: "POST".into(),
            path: path.into(),
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// A signed delivery of GitHub with a new id.
    pub fn github(event: &str, body: impl Into<Vec<u8>>) -> Self {
        let delivery = Self::new("/webhook/github", body);
        let signature = format!("sha256={}", sign(SECRET, &delivery.body));
        delivery
            .with("Content-Type", "application/json")
            .with("X-GitHub-Event", event)
            .with("X-GitHub-Delivery", uuid::Uuid::new_v4().to_string())
            .with("X-Hub-Signature-256", signature)
    }

    /// A signed delivery to the default source.
    pub fn default_source(body: impl Into<Vec<u8>>) -> Self {
        let delivery = Self::new("/webhook", body);
        let signature = sign(SECRET, &delivery.body);
        delivery.with("X-Webhook-Signature", signature)
    }

    /// Adds a header or replaces the one of the same name.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self = self.without(name);
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Adds a header beside the ones of the same name.
    #[must_use]
    pub fn and(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Removes a header.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// Sets the path, with its query if there is one.
    #[must_use]
    pub fn to(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// The same headers with another body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The path, with its query if there is one.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The headers' names and values, in their order.
    #[must_use]
    pub fn headers(&self) -> impl DoubleEndedIterator<Item = (&str, &[u8])> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The same headers with another body, signed as GitHub signs it.
    #[must_use]
    pub fn signed_anew(&self, body: &str) -> Self {
        let signature = format!("sha256={}", sign(SECRET, body.as_bytes()));
        let changed = Self {
            body: body.into(),
            ..self.clone()
        };
        changed.with("X-Hub-Signature-256", signature)
    }

    /// Sets the path.
    #[must_use]
    pub fn to_path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Sets the method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self
    }

    pub(crate) async fn send(&self, client: &reqwest::Client, url: &str) -> Result<Answer> {
        let mut request = client
            .request(self.method.parse()?, format!("{url}{}", self.path))
            .body(self.body.clone());
        for (name, value) in &self.headers {
            request = request.header(name, value.as_slice());
        }
        Answer::of(request.send().await?).await
    }
}

/// An answer of the service.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: reqwest::header::HeaderMap,
    /// The body.
    pub text: String,
    /// The body as JSON; null when it is not.
    pub json: Value,
}

impl Answer {
    pub(crate) async fn of(response: reqwest::Response) -> Result<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Self {
            status,
            headers,
            text,
            json,
        })
    }

    /// The header's text; empty when it is absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The execution token of a 202.
    ///
    /// # Errors
    /// When the answer is not a 202.
    pub fn token(&self) -> Result<String> {
        match (self.status, self.json.get("executionToken").and_then(Value::as_str)) {
            (202, Some(token)) => Ok(token.to_owned()),
            _ => bail!("not accepted: {} {}", self.status, self.text),
        }
    }

    /// The execution token of an accepted delivery, whatever its source answers.
    ///
    /// # Errors
    /// When it is not accepted.
    pub fn accepted(&self) -> Result<String> {
        match (self.status, self.header("x-execution-token")) {
            (202, "") => self.token(),
            (200..300, token) if !token.is_empty() => Ok(token.to_owned()),
            _ => bail!("not accepted: {} {}", self.status, self.text),
        }
    }

    /// The stable code of a refusal; empty where there is none.
    #[must_use]
    pub fn code(&self) -> &str {
        self.json.get("code").and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn expect_success(&self, what: &str) -> Result<()> {
        if (200..300).contains(&self.status) {
            Ok(())
        } else {
            bail!("{what}: {} {}", self.status, self.text)
        }
    }
}
