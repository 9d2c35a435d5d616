//! The variables that concern telemetry. A function reads them with its own, so that one message names every bad one.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use percent_encoding::percent_decode_str;
use tracehook_core::env::Env;
use tracing_subscriber::filter::LevelFilter;

use crate::trace::Sampler;

/// The longest export, and so the longest that a flush can hold a sandbox between two events, in milliseconds.
const TIMEOUT_MS: std::ops::RangeInclusive<u64> = 50..=10_000;

/// Its default. OpenTelemetry's own is 10 s, which is too long for a function that works on one event at a time.
const DEFAULT_TIMEOUT_MS: u64 = 500;

/// Names and values that describe this process, as in `OTEL_RESOURCE_ATTRIBUTES`.
pub type Properties = Vec<(String, String)>;

/// What a function's telemetry does. The default, when nothing is configured: log lines from `info` on, metrics, no
/// traces.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `LOG_LEVEL`: `error`, `warn`, `info` (the default), `debug` or `trace`, for tracehook's own lines.
    pub(crate) log_level: LevelFilter,
    /// `OTEL_METRICS_EXPORTER`: `emf` (the default) or `none`.
    pub(crate) metrics: bool,
    /// None exports no traces, and costs nothing.
    pub(crate) traces: Option<Traces>,
}

/// Where traces go.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Traces {
    /// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, or `OTEL_EXPORTER_OTLP_ENDPOINT` with `/v1/traces` added, or X-Ray's.
    pub(crate) endpoint: Uri,
    /// `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_EXPORTER_OTLP_TRACES_HEADERS`. Marked sensitive: they hold API keys.
    pub(crate) headers: HeaderMap,
    /// The region that requests are signed for, when they go to X-Ray.
    pub(crate) sign_for: Option<String>,
    /// `OTEL_EXPORTER_OTLP_TIMEOUT`, `OTEL_EXPORTER_OTLP_TRACES_TIMEOUT`, in milliseconds.
    pub(crate) timeout: Duration,
    /// `OTEL_EXPORTER_OTLP_COMPRESSION`, `OTEL_EXPORTER_OTLP_TRACES_COMPRESSION`.
    pub(crate) gzip: bool,
    /// `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG`.
    pub(crate) sampler: Sampler,
    /// `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, and what Lambda says of the function.
    pub(crate) resource: Properties,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Nowhere,
    Otlp,
    Xray,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            log_level: LevelFilter::INFO,
            metrics: true,
            traces: None,
        }
    }
}

impl AsRef<Self> for Config {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl Config {
    /// Reads every variable that concerns telemetry. None when one of them is bad.
    pub fn read<F: Fn(&str) -> Option<String>>(env: &mut Env<F>) -> Option<Self> {
        let log_level = env.optional_with("LOG_LEVEL", |text| match text.to_ascii_lowercase().as_str() {
            "error" => Ok(LevelFilter::ERROR),
            "warn" => Ok(LevelFilter::WARN),
            "info" => Ok(LevelFilter::INFO),
            "debug" => Ok(LevelFilter::DEBUG),
            "trace" => Ok(LevelFilter::TRACE),
            _ => Err("must be error, warn, info, debug or trace".to_owned()),
        });
        let metrics = env.optional_with("OTEL_METRICS_EXPORTER", |text| match text {
            "emf" => Ok(true),
            "none" => Ok(false),
            _ => Err("must be emf or none".to_owned()),
        });
        let disabled = env.or("OTEL_SDK_DISABLED", false);
        let traces = Traces::read(env);
        Some(Self {
            log_level: log_level?.unwrap_or(LevelFilter::INFO),
            metrics: metrics?.unwrap_or(true),
            traces: traces?.filter(|_| disabled == Some(false)),
        })
    }
}

impl Traces {
    /// The outer option is empty when a variable is bad, the inner one when nothing is to be exported.
    fn read<F: Fn(&str) -> Option<String>>(env: &mut Env<F>) -> Option<Option<Self>> {
        let kind = env.optional_with("OTEL_TRACES_EXPORTER", |text| match text {
            "none" => Ok(Kind::Nowhere),
            "otlp" => Ok(Kind::Otlp),
            "xray" => Ok(Kind::Xray),
            _ => Err("must be otlp, xray or none".to_owned()),
        });
        let base = env.optional_with("OTEL_EXPORTER_OTLP_ENDPOINT", |text| {
            url(&format!("{}/v1/traces", text.trim_end_matches('/')))
        });
        let whole = env.optional_with("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", url);
        let headers = env.optional_with("OTEL_EXPORTER_OTLP_HEADERS", headers);
        let trace_headers = env.optional_with("OTEL_EXPORTER_OTLP_TRACES_HEADERS", self::headers);
        for name in ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] {
            let _ = env.optional_with(name, |text| match text {
                "http/protobuf" => Ok(()),
                _ => Err("must be http/protobuf".to_owned()),
            });
        }
        let gzip = env.optional_with("OTEL_EXPORTER_OTLP_COMPRESSION", compression);
        let trace_gzip = env.optional_with("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", compression);
        let timeout_ms = env.within("OTEL_EXPORTER_OTLP_TIMEOUT", TIMEOUT_MS, DEFAULT_TIMEOUT_MS);
        let trace_timeout_ms = env.within(
            "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
            TIMEOUT_MS,
            timeout_ms.unwrap_or(DEFAULT_TIMEOUT_MS),
        );
        let sampler = Sampler::read(env);
        let resource = resource(env);
        let region = env.optional_with("AWS_REGION", |text| Ok(text.to_owned()))?;

        let endpoint = whole?.or(base?);
        let kind = kind?.unwrap_or(if endpoint.is_some() { Kind::Otlp } else { Kind::Nowhere });
        let endpoint = match kind {
            Kind::Nowhere => return Some(None),
            Kind::Otlp if endpoint.is_none() => {
                env.problem("OTEL_TRACES_EXPORTER: otlp needs OTEL_EXPORTER_OTLP_ENDPOINT");
                return None;
            }
            Kind::Xray if region.is_none() => {
                env.problem("OTEL_TRACES_EXPORTER: xray needs AWS_REGION");
                return None;
            }
            Kind::Otlp => endpoint?,
            Kind::Xray => match endpoint {
                Some(endpoint) => endpoint,
                None => xray(region.as_deref()?)?,
            },
        };
        let sampler = sampler?;
        Some((!sampler.is_never()).then_some(Self {
            endpoint,
            headers: trace_headers?.or(headers?).unwrap_or_default(),
            sign_for: region.filter(|_| kind == Kind::Xray),
            timeout: Duration::from_millis(timeout_ms.and(trace_timeout_ms)?),
            gzip: trace_gzip?.or(gzip?).unwrap_or(false),
            sampler,
            resource: resource?,
        }))
    }
}

/// X-Ray's OTLP endpoint. Source: AWS documentation, "OTLP endpoints"; China's domain follows its partition.
fn xray(region: &str) -> Option<Uri> {
    let domain = if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    format!("https://xray.{region}.{domain}/v1/traces").parse().ok()
}

fn url(text: &str) -> Result<Uri, String> {
    let uri: Uri = text.parse().map_err(|_| "is not a URL".to_owned())?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.host().is_some_and(|host| !host.is_empty()) => Ok(uri),
        _ => Err("must begin with https:// or http://".to_owned()),
    }
}

/// Whether bodies are compressed.
fn compression(text: &str) -> Result<bool, String> {
    match text {
        "gzip" => Ok(true),
        "none" => Ok(false),
        _ => Err("must be gzip or none".to_owned()),
    }
}

/// `name=value,…`, values percent-encoded. Source: OpenTelemetry, "OTLP exporter configuration".
fn headers(text: &str) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs(text)? {
        let mut value = HeaderValue::from_str(&value).map_err(|_| format!("the value of {name} cannot be sent"))?;
        value.set_sensitive(true);
        headers.insert(
            HeaderName::try_from(&name).map_err(|_| "has a bad header name".to_owned())?,
            value,
        );
    }
    Ok(headers)
}

fn pairs(text: &str) -> Result<Properties, String> {
    text.split(',')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').ok_or("must be name=value,…")?;
            let value = percent_decode_str(value.trim())
                .decode_utf8()
                .map_err(|_| "is not UTF-8")?;
            Ok((name.trim().to_owned(), value.into_owned()))
        })
        .collect()
}

/// Source of the names: OpenTelemetry semantic conventions, "AWS Lambda" and "FaaS resource".
fn resource<F: Fn(&str) -> Option<String>>(env: &mut Env<F>) -> Option<Properties> {
    const FROM_LAMBDA: [(&str, &str); 5] = [
        ("AWS_LAMBDA_FUNCTION_NAME", "faas.name"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "faas.version"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "faas.instance"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "aws.log.group.names"),
        ("AWS_REGION", "cloud.region"),
    ];
    let said = env.optional_with("OTEL_RESOURCE_ATTRIBUTES", pairs);
    let mut text = |name: &str| env.optional_with(name, |text| Ok(text.to_owned())).flatten();
    let mut resource: Properties = vec![
        ("cloud.provider".into(), "aws".into()),
        ("cloud.platform".into(), "aws_lambda".into()),
        ("service.namespace".into(), "tracehook".into()),
    ];
    resource.extend(
        FROM_LAMBDA
            .iter()
            .filter_map(|(variable, name)| Some(((*name).into(), text(variable)?))),
    );
    let service = text("OTEL_SERVICE_NAME").or_else(|| text("AWS_LAMBDA_FUNCTION_NAME"));
    resource.push(("service.name".into(), service.unwrap_or_else(|| "tracehook".into())));
    // What is said last holds.
    resource.extend(said?.unwrap_or_default());
    Some(resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config, String> {
        let mut env = Env::new(|name| {
            let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
            Some((*value).to_owned())
        });
        let config = Config::read(&mut env);
        env.finish(|| config).map_err(|error| error.to_string())
    }

    fn traces(variables: &[(&str, &str)]) -> Option<Traces> {
        read(variables).unwrap().traces
    }

    #[test]
    fn nothing_said_exports_no_traces() {
        assert_eq!(read(&[]).unwrap(), Config::default());
    }

    #[test]
    fn the_standard_variables_say_where_traces_go() {
        let base = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/");
        assert_eq!(traces(&[base]).unwrap().endpoint, "http://collector:4318/v1/traces");
        let whole = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://api.example.com/in");
        let both = [
            base,
            whole,
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-team=a%20b, x-key = k"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "250"),
        ];
        let traces = traces(&both).unwrap();
        assert_eq!(traces.endpoint, "https://api.example.com/in");
        assert_eq!(
            (&traces.headers["x-team"], &traces.headers["x-key"]),
            (&"a b".parse().unwrap(), &"k".parse().unwrap())
        );
        assert_eq!((traces.timeout, traces.sign_for), (Duration::from_millis(250), None));
    }

    #[test]
    fn no_key_is_ever_shown() {
        let config = read(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=hunter2"),
        ]);
        assert!(!format!("{config:?}").contains("hunter2"), "{config:?}");
        let problem = read(&[("OTEL_EXPORTER_OTLP_HEADERS", "x-key:hunter2")]).unwrap_err();
        assert!(!problem.contains("hunter2"), "{problem}");
    }

    #[test]
    fn x_ray_is_a_name_and_its_endpoint_follows_the_region() {
        for (region, endpoint) in [
            ("eu-west-1", "https://xray.eu-west-1.amazonaws.com/v1/traces"),
            ("cn-north-1", "https://xray.cn-north-1.amazonaws.com.cn/v1/traces"),
        ] {
            let traces = traces(&[("OTEL_TRACES_EXPORTER", "xray"), ("AWS_REGION", region)]).unwrap();
            assert_eq!(
                (traces.endpoint.to_string(), traces.sign_for.as_deref()),
                (endpoint.to_owned(), Some(region))
            );
        }
    }

    #[test]
    fn several_words_turn_traces_off() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c");
        for off in [
            ("OTEL_SDK_DISABLED", "true"),
            ("OTEL_TRACES_EXPORTER", "none"),
            ("OTEL_TRACES_SAMPLER", "always_off"),
        ] {
            assert_eq!(traces(&[endpoint, off]), None, "{off:?}");
        }
    }

    #[test]
    fn every_bad_variable_is_named() {
        for (name, value) in [
            ("LOG_LEVEL", "loud"),
            ("OTEL_METRICS_EXPORTER", "otlp"),
            ("OTEL_SDK_DISABLED", "yes"),
            ("OTEL_TRACES_EXPORTER", "jaeger"),
            ("OTEL_TRACES_EXPORTER", "otlp"),
            ("OTEL_TRACES_EXPORTER", "xray"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://x"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "nothing"),
            ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a b=c"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "0"),
            ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "soon"),
            ("OTEL_TRACES_SAMPLER", "sometimes"),
            ("OTEL_TRACES_SAMPLER_ARG", "2"),
            ("OTEL_RESOURCE_ATTRIBUTES", "nothing"),
        ] {
            let problem = read(&[(name, value)]).unwrap_err();
            assert!(problem.contains(name), "{name}={value}: {problem}");
        }
    }
}
