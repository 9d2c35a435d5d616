//! The status function's environment.

use tracehook_core::env::{ConfigError, Env};
use tracehook_core::link::LinkTemplate;
use tracehook_runtime::config::{Http, Table};

/// Read once at start.
#[derive(Debug, Clone)]
pub struct Config {
    /// The table.
    pub table: Table,
    /// Links to traces, and the pages that may read answers.
    pub http: Http,
    /// `LOGS_URL_TEMPLATE`: `cloudwatch:GROUP,GROUP`, or a URL with placeholders; see [`LinkTemplate::logs`]. `none` for no
    /// link, which names log groups; the function's own log group when unset.
    pub logs_link: Option<LinkTemplate>,
    /// Logs, metrics and traces.
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
        let table = Table::read(&mut env);
        let http = Http::read(&mut env);
        let region = http.as_ref().map_or("", |http| &http.region);
        let logs_link = env.optional_with("LOGS_URL_TEMPLATE", |text| match text {
            "none" => Ok(None),
            template => LinkTemplate::logs(template, region).map(Some),
        });
        let in_own_group = env.optional_with("AWS_LAMBDA_LOG_GROUP_NAME", |group| {
            LinkTemplate::logs(&format!("cloudwatch:{group}"), region)
        });
        let telemetry = tracehook_telemetry::Config::read(&mut env);
        env.finish(|| {
            Some(Self {
                table: table?,
                http: http?,
                logs_link: logs_link?.unwrap_or(in_own_group?),
                telemetry: telemetry?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_to_the_logs_is_that_of_the_own_group_another_one_or_none() {
        let link = |template: Option<&str>| {
            let config = Config::from_env(|name| {
                let value = match name {
                    "TABLE_NAME" => "t",
                    "AWS_REGION" => "eu-west-1",
                    "AWS_LAMBDA_LOG_GROUP_NAME" => "/aws/lambda/hooks-status",
                    "LOGS_URL_TEMPLATE" => template?,
                    _ => return None,
                };
                Some(value.to_owned())
            });
            config.unwrap().logs_link.map(|link| format!("{link:?}"))
        };
        assert!(link(None).unwrap().contains("hooks-status"));
        assert!(link(Some("cloudwatch:/aws/lambda/other")).unwrap().contains("other"));
        assert_eq!(link(Some("none")), None);
    }
}
