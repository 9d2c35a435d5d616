# What the service does. The ranges are those that the functions accept.

variable "sources" {
  description = "Where webhooks come from, by name: the signature scheme (github, hmac-sha256, none), and the header with the delivery id where it is not the scheme's own. POST /webhook is the source `default`."
  type = map(object({
    scheme             = string
    delivery_id_header = optional(string)
  }))
  default  = { default = { scheme = "hmac-sha256" } }
  nullable = false

  validation {
    condition     = length(var.sources) > 0
    error_message = "sources must name at least one source."
  }

  validation {
    condition     = alltrue([for name in keys(var.sources) : can(regex("^[a-z0-9][a-z0-9_-]{0,39}$", name))])
    error_message = "The name of a source must be 1 to 40 lower-case letters, digits, hyphens and underscores, beginning with a letter or digit."
  }

  validation {
    condition     = alltrue([for source in values(var.sources) : contains(["github", "hmac-sha256", "none"], source.scheme)])
    error_message = "The scheme of a source must be github, hmac-sha256 or none."
  }

  validation {
    condition     = alltrue([for source in values(var.sources) : source.delivery_id_header == null ? true : can(regex("^[0-9A-Za-z!#$%&'*+.^_|~-]+$", source.delivery_id_header))])
    error_message = "delivery_id_header must be the name of an HTTP header."
  }

  validation {
    condition     = var.allow_unsigned || alltrue([for source in values(var.sources) : source.scheme != "none"])
    error_message = "A source with the scheme none accepts webhooks from anybody. Give it a scheme, or set allow_unsigned."
  }
}

variable "allow_unsigned" {
  description = "Whether sources with the scheme none are accepted. Whoever knows the URL of such a source can send it anything."
  type        = bool
  default     = false
  nullable    = false
}

variable "max_body_bytes" {
  description = "The largest body that is accepted, 1 to 358400 bytes."
  type        = number
  default     = 262144

  validation {
    condition     = var.max_body_bytes >= 1 && var.max_body_bytes <= 358400
    error_message = "max_body_bytes must be from 1 to 358400: an item of DynamoDB holds 400 KiB."
  }
}

variable "retention_days" {
  description = "How long a record and its payload are kept, 1 to 3650 days."
  type        = number
  default     = 7

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 3650
    error_message = "retention_days must be from 1 to 3650."
  }
}

variable "step_retry" {
  description = "How a durable step is tried again: the number of tries (1 to 100), the first delay (1 to 3600 s) and the longest (1 to 86400 s)."
  type = object({
    max_attempts          = optional(number, 6)
    initial_delay_seconds = optional(number, 2)
    max_delay_seconds     = optional(number, 60)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.step_retry.max_attempts >= 1 && var.step_retry.max_attempts <= 100
    error_message = "step_retry.max_attempts must be from 1 to 100."
  }

  validation {
    condition     = var.step_retry.initial_delay_seconds >= 1 && var.step_retry.initial_delay_seconds <= 3600
    error_message = "step_retry.initial_delay_seconds must be from 1 to 3600."
  }

  validation {
    condition     = var.step_retry.max_delay_seconds >= 1 && var.step_retry.max_delay_seconds <= 86400
    error_message = "step_retry.max_delay_seconds must be from 1 to 86400."
  }
}

variable "trace_url_template" {
  description = "The link to a webhook's trace: a tool (xray, jaeger:BASE, tempo:BASE, tempo:DATASOURCE@BASE, honeycomb:TEAM/ENVIRONMENT, datadog:SITE), or a URL with {trace_id}, {xray_trace_id}, {region}, {token}, {from} and {to}; null for X-Ray."
  type        = string
  default     = null

  validation {
    condition     = var.trace_url_template == null ? true : can(regex("^(https?://|xray$|(jaeger|tempo|honeycomb|datadog):.)", var.trace_url_template)) && length(regexall("\\{", replace(var.trace_url_template, "/\\{(trace_id|xray_trace_id|region|token|from|to)\\}/", ""))) == 0
    error_message = "trace_url_template must be xray, jaeger:BASE, tempo:BASE, honeycomb:TEAM/ENVIRONMENT, datadog:SITE, or a URL that has no other placeholders than {trace_id}, {xray_trace_id}, {region}, {token}, {from} and {to}."
  }
}

variable "logs_url_template" {
  description = "The link to a webhook's logs, with {trace_id}, {xray_trace_id}, {region}, {token}, {from} and {to}; null for Logs Insights."
  type        = string
  default     = null

  validation {
    condition     = var.logs_url_template == null ? true : startswith(var.logs_url_template, "https://") && length(regexall("\\{", replace(var.logs_url_template, "/\\{(trace_id|xray_trace_id|region|token|from|to)\\}/", ""))) == 0
    error_message = "logs_url_template must begin with https:// and may have {trace_id}, {xray_trace_id}, {region}, {token}, {from} and {to}."
  }
}

variable "cors_allow_origin" {
  description = "The origin whose pages may read the answers, such as https://status.example.com, or *; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.cors_allow_origin == null ? true : can(regex("^(\\*|https?://[0-9A-Za-z.-]+(:[0-9]+)?)$", var.cors_allow_origin))
    error_message = "cors_allow_origin must be an origin such as https://status.example.com without a path, or *."
  }
}

variable "telemetry" {
  description = "How spans and metrics are exported: OpenTelemetry's environment variables by name. The default sends spans to X-Ray; { OTEL_EXPORTER_OTLP_ENDPOINT = \"https://…\" } to any OTLP backend. A key in OTEL_EXPORTER_OTLP_HEADERS is kept in Terraform's state."
  type        = map(string)
  default     = { OTEL_TRACES_EXPORTER = "xray" }
  nullable    = false

  validation {
    condition     = contains(["xray", "otlp", "none"], lookup(var.telemetry, "OTEL_TRACES_EXPORTER", "none"))
    error_message = "OTEL_TRACES_EXPORTER must be xray, otlp or none."
  }

  validation {
    condition     = contains(["emf", "none"], lookup(var.telemetry, "OTEL_METRICS_EXPORTER", "emf"))
    error_message = "OTEL_METRICS_EXPORTER must be emf or none."
  }
}

variable "reconciling" {
  description = "When the reconciler acts: the ages in seconds from which it starts a webhook that is received (1 to 3600) and asks the engine about one that is started (1 to 86400), the attempts up to which it starts one again by itself (1 to 100), the records of one sweep (1 to 100000), and its reads of executions per second (1 to 30)."
  type = object({
    received_age_seconds    = optional(number, 60)
    started_age_seconds     = optional(number, 300)
    max_attempts            = optional(number, 3)
    sweep_max_records       = optional(number, 5000)
    engine_calls_per_second = optional(number, 15)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.reconciling.received_age_seconds >= 1 && var.reconciling.received_age_seconds <= 3600
    error_message = "reconciling.received_age_seconds must be from 1 to 3600."
  }

  validation {
    condition     = var.reconciling.started_age_seconds >= var.reconciling.received_age_seconds && var.reconciling.started_age_seconds <= 86400
    error_message = "reconciling.started_age_seconds must be from received_age_seconds to 86400."
  }

  validation {
    condition = (
      var.reconciling.max_attempts >= 1 && var.reconciling.max_attempts <= 100 &&
      var.reconciling.sweep_max_records >= 1 && var.reconciling.sweep_max_records <= 100000 &&
      var.reconciling.engine_calls_per_second >= 1 && var.reconciling.engine_calls_per_second <= 30
    )
    error_message = "reconciling: max_attempts must be from 1 to 100, sweep_max_records from 1 to 100000, engine_calls_per_second from 1 to 30."
  }
}
