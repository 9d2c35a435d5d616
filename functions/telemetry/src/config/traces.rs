//! The variables that configure the export of traces. Source of the names: OpenTelemetry, "OTLP exporter configuration".

use std::time::Duration;

use durable_traces::ExporterConfig;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use tracehook_core::env::Env;

use super::resource::{self, pairs};
use super::sampler;
use crate::instrumentation::ROOT_SCOPE;

/// The longest export, and so the longest that a flush can hold a sandbox between two events, in milliseconds.
const TIMEOUT_MS: std::ops::RangeInclusive<u64> = 50..=10_000;

/// OpenTelemetry's own default is 10 s, which is too long for a function that works on one event at a time.
const DEFAULT_TIMEOUT_MS: u64 = 500;

/// The value of `OTEL_TRACES_EXPORTER`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Nowhere,
    Otlp,
    Xray,
}

/// The outer option is empty when a variable is bad, the inner one when nothing is exported.
#[expect(
    clippy::option_option,
    reason = "the form in which `Env` gives a variable that may be absent"
)]
pub(super) fn read<F: Fn(&str) -> Option<String>>(env: &mut Env<F>) -> Option<Option<ExporterConfig>> {
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
    let sampler = sampler::read(env);
    let resource = resource::read(env);
    let root = resource::of_roots(env, resource.as_deref().unwrap_or_default());
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
    Some((!sampler.is_never()).then_some(ExporterConfig {
        endpoint,
        headers: trace_headers?.or(headers?).unwrap_or_default(),
        sign_for: region.filter(|_| kind == Kind::Xray),
        timeout: Duration::from_millis(timeout_ms.and(trace_timeout_ms)?),
        gzip: trace_gzip?.or(gzip?).unwrap_or(false),
        sampler,
        resource: resource?,
        other: Some((ROOT_SCOPE, root)),
    }))
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
