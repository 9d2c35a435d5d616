//! The attributes of this process in every exported request. Source of the names: OpenTelemetry semantic conventions, "AWS
//! Lambda" and "`FaaS` resource".

use durable_traces::Properties;
use opentelemetry::{Array, KeyValue, Value};
use percent_encoding::percent_decode_str;
use tracehook_core::env::Env;

use crate::instrumentation::INSTRUMENTATION;

const SERVICE_NAME: &str = "service.name";
const LOG_GROUPS: &str = "aws.log.group.names";

/// The variables of the resource, over what Lambda knows of the function.
pub(super) fn read<F: Fn(&str) -> Option<String>>(env: &mut Env<F>) -> Option<Vec<KeyValue>> {
    const FROM_LAMBDA: [(&str, &str); 4] = [
        ("AWS_LAMBDA_FUNCTION_NAME", "faas.name"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "faas.version"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "faas.instance"),
        ("AWS_REGION", "cloud.region"),
    ];
    let configured = env.optional_with("OTEL_RESOURCE_ATTRIBUTES", pairs);
    let mut text = |name: &str| env.optional_with(name, |text| Ok(text.to_owned())).flatten();
    let mut resource = vec![
        KeyValue::new("cloud.provider", "aws"),
        KeyValue::new("cloud.platform", "aws_lambda"),
        KeyValue::new("service.namespace", "tracehook"),
        KeyValue::new("service.version", INSTRUMENTATION.version),
    ];
    resource.extend(
        FROM_LAMBDA
            .iter()
            .filter_map(|(variable, name)| Some(KeyValue::new(*name, text(variable)?))),
    );
    if let Some(group) = text("AWS_LAMBDA_LOG_GROUP_NAME") {
        let groups = Array::String(vec![group.into()]);
        resource.push(KeyValue::new(LOG_GROUPS, Value::Array(groups)));
    }
    let service = text("OTEL_SERVICE_NAME").or_else(|| text("AWS_LAMBDA_FUNCTION_NAME"));
    let service = service.unwrap_or_else(|| "tracehook".to_owned());
    resource.push(KeyValue::new(SERVICE_NAME, service));
    // The last value of a name wins.
    let configured = configured?.unwrap_or_default();
    resource.extend(configured.into_iter().map(|(name, value)| KeyValue::new(name, value)));
    Some(resource)
}

/// The resource of the roots: the service that the webhooks came to, which is the validator, whoever tells them. So service
/// graphs lead from the validator to the functions after it.
pub(super) fn of_roots<F: Fn(&str) -> Option<String>>(env: &mut Env<F>, own: &[KeyValue]) -> Vec<KeyValue> {
    const FUNCTIONS: [&str; 3] = ["processor", "reconciler", "status"];
    let mut text = |name: &str| env.optional_with(name, |text| Ok(text.to_owned())).flatten();
    let function = text("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
    let validator = FUNCTIONS
        .iter()
        .find_map(|name| Some(format!("{}validator", function.strip_suffix(name)?)));
    let is_process =
        |attribute: &&KeyValue| !attribute.key.as_str().starts_with("faas.") && attribute.key.as_str() != LOG_GROUPS;
    let mut roots: Vec<_> = own.iter().filter(is_process).cloned().collect();
    if let Some(validator) = validator.filter(|_| text("OTEL_SERVICE_NAME").is_none()) {
        let named =
            |attribute: &&mut KeyValue| attribute.key.as_str() == SERVICE_NAME && attribute.value.as_str() == function;
        for attribute in roots.iter_mut().filter(named) {
            attribute.value = validator.clone().into();
        }
    }
    roots
}

/// Reads `name=value,…`, values percent-encoded.
pub(super) fn pairs(text: &str) -> Result<Properties, String> {
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
