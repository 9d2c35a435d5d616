//! The variables, read and refused.

use std::time::Duration;

use super::*;

fn read(variables: &[(&str, &str)]) -> Result<Config, String> {
    let mut env = Env::new(|name| {
        let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
        Some((*value).to_owned())
    });
    let config = Config::read(&mut env);
    env.finish(|| config).map_err(|error| error.to_string())
}

fn traces(variables: &[(&str, &str)]) -> Option<ExporterConfig> {
    read(variables).unwrap().traces
}

#[test]
fn no_variables_export_no_traces() {
    assert_eq!(read(&[]).unwrap(), Config::default());
}

#[test]
fn the_standard_variables_choose_the_backend() {
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
fn metrics_have_the_namespace_of_the_deployment_or_are_not_written() {
    let metrics = |variables: &[(&str, &str)]| read(variables).unwrap().metrics;
    let own = ("METRICS_NAMESPACE", "Tracehook/hooks");
    assert_eq!(metrics(&[]).as_deref(), Some("Tracehook"));
    assert_eq!(metrics(&[own]).as_deref(), Some("Tracehook/hooks"));
    assert_eq!(metrics(&[own, ("OTEL_METRICS_EXPORTER", "none")]), None);
}

#[test]
fn each_of_these_variables_turns_traces_off() {
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
        ("METRICS_NAMESPACE", "AWS/Lambda"),
        ("METRICS_NAMESPACE", ":hooks"),
        ("METRICS_NAMESPACE", "two words"),
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
        ("REJECTED_TRACES_RATIO", "1.5"),
        ("OTEL_RESOURCE_ATTRIBUTES", "nothing"),
    ] {
        let problem = read(&[(name, value)]).unwrap_err();
        assert!(problem.contains(name), "{name}={value}: {problem}");
    }
}

#[test]
fn the_roots_belong_to_the_validator_whichever_function_tells_them() {
    let service = |variables: &[(&str, &str)]| {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c");
        let (_, roots) = traces(&[&[endpoint], variables].concat()).unwrap().other.unwrap();
        assert!(
            !roots
                .iter()
                .any(|attribute| attribute.key.as_str().starts_with("faas.")),
            "{roots:?}"
        );
        last(&roots, "service.name").to_string()
    };
    for function in ["hooks-processor", "hooks-reconciler", "hooks-validator"] {
        assert_eq!(service(&[("AWS_LAMBDA_FUNCTION_NAME", function)]), "hooks-validator");
    }
    let named = [
        ("AWS_LAMBDA_FUNCTION_NAME", "hooks-processor"),
        ("OTEL_SERVICE_NAME", "hooks"),
    ];
    assert_eq!(service(&named), "hooks");
}

fn last(resource: &[opentelemetry::KeyValue], name: &str) -> opentelemetry::Value {
    let attribute = resource.iter().rfind(|attribute| attribute.key.as_str() == name);
    attribute.unwrap().value.clone()
}

#[test]
fn the_resource_describes_the_function_and_its_variables_win() {
    let resource = traces(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"),
        ("AWS_LAMBDA_FUNCTION_NAME", "hooks-validator"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/hooks-validator"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"),
    ])
    .unwrap()
    .resource;
    for (name, value) in [
        ("cloud.platform", "aws_lambda"),
        ("service.namespace", "tracehook"),
        ("service.name", "hooks-validator"),
        ("deployment.environment.name", "test"),
    ] {
        assert_eq!(last(&resource, name), value.into(), "{name}");
    }
    assert_eq!(last(&resource, "service.version"), env!("CARGO_PKG_VERSION").into());
    let groups = vec!["/aws/lambda/hooks-validator".into()];
    assert_eq!(
        last(&resource, "aws.log.group.names"),
        opentelemetry::Value::Array(opentelemetry::Array::String(groups)),
        "an array in the conventions"
    );
}
