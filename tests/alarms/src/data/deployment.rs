//! The facts of a deployment that definitions name and Terraform knows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A deployment, as `terraform/modules/alarms` gets it in its variable `deployment`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// The prefix of all names.
    pub prefix: String,
    /// The namespace of the functions' metrics.
    pub namespace: String,
    /// AWS region, such as `eu-west-1`.
    pub region: String,
    /// AWS account id, 12 digits.
    pub account: String,
    /// The base URL of the runbooks; `/NAME.md` follows.
    pub runbooks_url: String,
    /// Name of the REST API, the dimension `ApiName`.
    pub api: String,
    /// The stage of the REST API.
    pub stage: String,
    /// The dimension `TableName`.
    pub table: String,
    /// Name of the dead-letter queue, the dimension `QueueName`.
    pub dead_letter_queue: String,
    /// Name of the web ACL. Without an ACL its metrics have no data.
    pub web_acl: String,
    /// Quota of concurrent invocations of the account in the region.
    pub concurrency_quota: u32,
    /// Keys are the parts: `validator`, `processor`, `status`, `reconciler`.
    pub functions: BTreeMap<String, Function>,
    /// Keys are the names of the sources.
    #[expect(
        clippy::zero_sized_map_values,
        reason = "Terraform's variable maps each name to an object"
    )]
    pub sources: BTreeMap<String, Source>,
    /// The sources that are expected to send all the time, a subset of [`Self::sources`].
    pub silent_sources: BTreeMap<String, SilentSource>,
}

/// A function of the deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// The dimension `FunctionName`.
    pub name: String,
    /// The timeout in milliseconds.
    pub timeout_ms: u64,
    /// The memory in MB.
    pub memory_mb: u32,
}

/// A source. Its name is all that alarms need.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {}

/// A source that is expected to send all the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SilentSource {
    /// The longest silence in seconds, a multiple of 60.
    pub silence_seconds: u32,
}

impl Deployment {
    /// A deployment with the default names, timeouts and memory of the functions, and these sources.
    #[must_use]
    pub fn named<'a>(prefix: &str, sources: impl IntoIterator<Item = &'a str>) -> Self {
        let function = |(part, timeout_ms, memory_mb): (&str, u64, u32)| {
            let name = format!("{prefix}-{part}");
            let function = Function {
                name,
                timeout_ms,
                memory_mb,
            };
            (part.to_owned(), function)
        };
        Self {
            prefix: prefix.to_owned(),
            namespace: format!("Tracehook/{prefix}"),
            region: "eu-west-1".to_owned(),
            account: "123456789012".to_owned(),
            runbooks_url: "alarms/runbooks".to_owned(),
            api: prefix.to_owned(),
            stage: "v1".to_owned(),
            table: format!("{prefix}-webhooks"),
            dead_letter_queue: format!("{prefix}-dead-letters"),
            web_acl: prefix.to_owned(),
            concurrency_quota: 1000,
            functions: [
                ("validator", 15_000, 512),
                ("processor", 60_000, 512),
                ("status", 10_000, 256),
                ("reconciler", 55_000, 256),
            ]
            .map(function)
            .into(),
            sources: sources.into_iter().map(|name| (name.to_owned(), Source {})).collect(),
            silent_sources: BTreeMap::new(),
        }
    }
}
