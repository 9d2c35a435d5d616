//! Calls of a running service's AWS by somebody who is no function.

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::Service;
use crate::producer::Answer;

/// Credentials as the service gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The key that is in a signature's scope.
    pub access_key_id: String,
    /// The token that a call has beside it.
    pub session_token: String,
}

impl Credentials {
    /// Reads those of a ready file.
    ///
    /// # Errors
    /// When they are not there.
    pub(super) fn of(value: &Value) -> Result<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Self::found(text("access_key_id"), text("session_token"))
    }

    /// Reads those of variables, `NAME=VALUE` each.
    ///
    /// # Errors
    /// When they are not there.
    pub fn in_variables<'a>(variables: impl Iterator<Item = &'a str> + Clone) -> Result<Self> {
        let value = |name: &str| {
            let mut pairs = variables.clone().filter_map(|variable| variable.split_once('='));
            pairs.find_map(|(known, value)| (known == name).then(|| value.to_owned()))
        };
        Self::found(value("AWS_ACCESS_KEY_ID"), value("AWS_SESSION_TOKEN"))
    }

    fn found(access_key_id: Option<String>, session_token: Option<String>) -> Result<Self> {
        let (access_key_id, session_token) = access_key_id.zip(session_token).context("no credentials")?;
        Ok(Self {
            access_key_id,
            session_token,
        })
    }
}

/// A call of AWS.
#[derive(Clone, Debug)]
pub struct AwsCall {
    service: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl AwsCall {
    /// A POST to a service, without credentials.
    pub fn new(service: &'static str, path: &str, body: impl Into<String>) -> Self {
        Self {
            service,
            path: path.to_owned(),
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Of the form of a signed request of a caller with these credentials.
    #[must_use]
    pub fn by(self, credentials: &Credentials) -> Self {
        let scope = format!(
            "{}/20260101/us-east-1/{}/aws4_request",
            credentials.access_key_id, self.service
        );
        self.with(
            "authorization",
            &format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
        )
        .with("x-amz-security-token", &credentials.session_token)
    }
}

impl Service {
    /// The credentials of whoever may read the service's files.
    #[must_use]
    pub const fn operator(&self) -> &Credentials {
        &self.operator
    }

    /// The credentials that a running process of a function was given.
    ///
    /// # Errors
    /// When none runs, or its variables cannot be read.
    pub async fn credentials_of(&self, function: &str) -> Result<Credentials> {
        let pids = self.pids_of(function).await?;
        let pid = pids.first().context("no process of the function runs")?;
        let variables = std::fs::read(format!("/proc/{pid}/environ"))?;
        Credentials::in_variables(String::from_utf8_lossy(&variables).split('\0'))
    }

    /// Calls its AWS.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn call_aws(&self, call: AwsCall) -> Result<Answer> {
        let mut request = self
            .client
            .post(format!("{}{}", self.aws_url, call.path))
            .body(call.body);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        Answer::of(request.send().await?).await
    }
}
