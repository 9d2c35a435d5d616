//! The status function's environment.

use tracehook_core::env::{ConfigError, Env};
use tracehook_core::gateway::Cors;
use tracehook_core::link::{DEFAULT_TRACE_TOOL, LinkTemplate};

/// Read once at start.
#[derive(Debug, Clone)]
pub struct Config {
    /// `TABLE_NAME`.
    pub table: String,
    /// `TRACE_URL_TEMPLATE`: a tool by its name, or a URL with placeholders; see [`LinkTemplate::trace`].
    pub trace_link: LinkTemplate,
    /// `LOGS_URL_TEMPLATE`: `cloudwatch:GROUP,GROUP`, or a URL with placeholders; see [`LinkTemplate::logs`]. The
    /// function's own log group when unset.
    pub logs_link: Option<LinkTemplate>,
    /// `CORS_ALLOW_ORIGIN`.
    pub cors: Cors,
    /// What concerns logs, metrics and traces.
    pub telemetry: tracehook_telemetry::Config,
}

impl AsRef<tracehook_telemetry::Config> for Config {
    fn as_ref(&self) -> &tracehook_telemetry::Config {
        &self.telemetry
    }
}

impl Config {
    /// Reads every variable.
    ///
    /// # Errors
    /// One message that names every bad variable.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut env = Env::new(get);
        let table = env.required("TABLE_NAME");
        let region: Option<String> = env.required("AWS_REGION");
        let region = region.unwrap_or_default();
        let trace_link = env.optional_with("TRACE_URL_TEMPLATE", |text| LinkTemplate::trace(text, &region));
        let logs_link = env.optional_with("LOGS_URL_TEMPLATE", |text| LinkTemplate::logs(text, &region));
        let in_own_group = env.optional_with("AWS_LAMBDA_LOG_GROUP_NAME", |group| {
            LinkTemplate::logs(&format!("cloudwatch:{group}"), &region)
        });
        let allow_origin = env.optional_with("CORS_ALLOW_ORIGIN", |text| Ok(text.to_owned()));
        let telemetry = tracehook_telemetry::Config::read(&mut env);
        let trace_link =
            trace_link.and_then(|link| link.or_else(|| LinkTemplate::trace(DEFAULT_TRACE_TOOL, &region).ok()));
        env.finish(|| {
            Some(Self {
                table: table?,
                trace_link: trace_link?,
                logs_link: logs_link?.or(in_own_group?),
                cors: Cors {
                    allow_origin: allow_origin?,
                },
                telemetry: telemetry?,
            })
        })
    }
}
