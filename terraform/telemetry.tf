locals {
  # The variables of telemetry, which every function reads. tests/infrastructure compares this list with the code.
  telemetry_variables = [
    "LOG_LEVEL",
    "METRICS_NAMESPACE",
    "OTEL_EXPORTER_OTLP_COMPRESSION",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    "OTEL_METRICS_EXPORTER",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_SDK_DISABLED",
    "OTEL_SERVICE_NAME",
    "OTEL_TRACES_EXPORTER",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
    "REJECTED_TRACES_RATIO",
  ]

  # Two deployments in one account and region share no metric.
  metrics_namespace = try(coalesce(var.telemetry.METRICS_NAMESPACE), "Tracehook/${var.name_prefix}")

  # Headers of an exporter carry its key: no plan, output or log shows their values. State and functions hold them.
  telemetry = merge(
    { METRICS_NAMESPACE = local.metrics_namespace },
    { for name, value in var.telemetry : name => value if value != null && !endswith(name, "_HEADERS") },
    { for name, value in var.telemetry : name => sensitive(value) if value != null && endswith(name, "_HEADERS") },
  )
}
