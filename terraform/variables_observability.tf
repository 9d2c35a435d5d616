# Logs, traces, alarms and dashboards.

variable "logs" {
  description = "How much the functions log (error, warn, info, debug, trace), and for how many days every log is kept."
  type = object({
    level          = optional(string, "info")
    retention_days = optional(number, 30)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["error", "warn", "info", "debug", "trace"], var.logs.level)
    error_message = "logs.level must be error, warn, info, debug or trace."
  }

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.logs.retention_days)
    error_message = "logs.retention_days must be one that CloudWatch offers, such as 7, 30, 90, 365."
  }
}

variable "telemetry" {
  description = "How spans and metrics are exported: OpenTelemetry's environment variables by name. METRICS_NAMESPACE is Tracehook/PREFIX where it is not set. The default sends spans to X-Ray; { OTEL_EXPORTER_OTLP_ENDPOINT = \"https://…\" } to any OTLP backend. Headers are hidden in plans; a key in OTEL_EXPORTER_OTLP_HEADERS is kept in Terraform's state."
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

  validation {
    condition     = can(regex("^[A-Za-z0-9._/#-][A-Za-z0-9._/#:-]{0,254}$", try(coalesce(var.telemetry.METRICS_NAMESPACE), "Tracehook"))) && !startswith(try(coalesce(var.telemetry.METRICS_NAMESPACE), "Tracehook"), "AWS/")
    error_message = "METRICS_NAMESPACE must be 1 to 255 letters, digits and . - _ / # : and must not begin with AWS/ or a colon."
  }

  validation {
    condition     = length(setsubtract(keys(var.telemetry), local.telemetry_variables)) == 0
    error_message = "telemetry may hold these variables only: ${join(", ", local.telemetry_variables)}."
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
  description = "The link to a webhook's logs in its status: a URL with {trace_id}, {xray_trace_id}, {region}, {token}, {from} and {to}, or cloudwatch for Logs Insights, which names the log groups; null for Logs Insights where status_access is not public, and else for no link."
  type        = string
  default     = null

  validation {
    condition     = var.logs_url_template == null || var.logs_url_template == "cloudwatch" ? true : startswith(var.logs_url_template, "https://") && length(regexall("\\{", replace(var.logs_url_template, "/\\{(trace_id|xray_trace_id|region|token|from|to)\\}/", ""))) == 0
    error_message = "logs_url_template must be cloudwatch, or begin with https:// and may have {trace_id}, {xray_trace_id}, {region}, {token}, {from} and {to}."
  }
}

variable "alarms" {
  description = "Which alarms are made: detail is pages (what pages, and what its rules need), standard (tickets of the deployment and of a source that fails, too) or full (tickets of what each source is sent, too)."
  type        = object({ detail = optional(string, "full") })
  default     = {}
  nullable    = false

  validation {
    condition     = contains(["pages", "standard", "full"], var.alarms.detail)
    error_message = "alarms.detail must be pages, standard or full."
  }
}

variable "alarms_dir" {
  description = "The directory with definitions of alarms (*.yaml); null for the project's own."
  type        = string
  default     = null

  validation {
    condition     = var.alarms_dir == null ? true : length(fileset(var.alarms_dir, "*.yaml")) > 0
    error_message = "alarms_dir has no *.yaml: an apply would delete every one that there is."
  }
}

variable "dashboards_dir" {
  description = "The directory with definitions of dashboards (*.yaml) and saved queries (queries/*.yaml); null for the project's own."
  type        = string
  default     = null

  validation {
    condition     = var.dashboards_dir == null ? true : length(fileset(var.dashboards_dir, "*.yaml")) > 0
    error_message = "dashboards_dir has no *.yaml: an apply would delete every one that there is."
  }
}

variable "runbooks_url" {
  description = "The URL of alarms/runbooks, for links in alarms and dashboards; /NAME.md follows it."
  type        = string
  default     = "alarms/runbooks"
  nullable    = false
}

variable "concurrency_quota" {
  description = "Concurrent invocations that the account may have in the region; an alarm warns at 90 %. null reads the quota from Service Quotas, which may name the default of 1000 where a new account has less."
  type        = number
  default     = null

  validation {
    condition     = var.concurrency_quota == null ? true : var.concurrency_quota >= 1 && floor(var.concurrency_quota) == var.concurrency_quota
    error_message = "concurrency_quota must be a whole number from 1 on."
  }
}

variable "silence_seconds" {
  description = "The longest silence of sources that send all the time, in seconds by the source's name: from its first verified webhook on, an alarm notifies after it. A multiple of 60 up to 604800."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.silence_seconds), keys(merge(local.sources_of_file, var.sources)))) == 0
    error_message = "silence_seconds must name sources."
  }

  validation {
    condition     = alltrue([for seconds in values(var.silence_seconds) : seconds >= 60 && seconds <= 604800 && seconds % 60 == 0])
    error_message = "silence_seconds must be multiples of 60 from 60 to 604800 (7 days)."
  }
}

variable "topics" {
  description = "SNS topics of your own that notify in place of this deployment's, by severity (page or ticket). A topic's policy must let CloudWatch's alarms of the account publish, and so must the policy of its key."
  type        = map(object({ arn = string }))
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.topics), ["page", "ticket"])) == 0
    error_message = "topics has page and ticket, and no others."
  }

  validation {
    condition     = alltrue([for topic in values(var.topics) : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[0-9A-Za-z_-]{1,256}$", topic.arn))])
    error_message = "The arn of each of topics must be the ARN of a standard topic: CloudWatch notifies no FIFO topic."
  }

  validation {
    condition     = alltrue([for topic in values(var.topics) : try(split(":", topic.arn)[3], "") == data.aws_region.current.region])
    error_message = "The arn of each of topics must be of the region of the deployment."
  }
}

variable "subscriptions" {
  description = "Who is notified by alarms, by any name: the severity (page or ticket), and an SNS protocol with its endpoint. An endpoint that confirms by itself has confirmation_timeout_in_minutes for it."
  type = map(object({
    severity                        = string
    protocol                        = string
    endpoint                        = string
    endpoint_auto_confirms          = optional(bool, false)
    confirmation_timeout_in_minutes = optional(number, 5)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for s in values(var.subscriptions) : contains(["page", "ticket"], s.severity)])
    error_message = "A subscription's severity must be page or ticket."
  }

  validation {
    condition     = alltrue([for s in values(var.subscriptions) : contains(["email", "email-json", "https", "lambda", "sms", "sqs"], s.protocol)])
    error_message = "A subscription's protocol must be email, email-json, https, lambda, sms or sqs."
  }

  # SNS gives a password back as ****, so that every plan would replace the subscription; and the state would hold it.
  validation {
    condition     = !anytrue([for s in values(var.subscriptions) : s.protocol == "https" && can(regex("^https://[^/?#]*@", s.endpoint))])
    error_message = "An https endpoint must have no user and password; put a secret into its path or query, or choose another protocol."
  }

  validation {
    condition = alltrue([
      for s in values(var.subscriptions) :
      s.confirmation_timeout_in_minutes >= 1 && s.confirmation_timeout_in_minutes <= 60 && s.confirmation_timeout_in_minutes == floor(s.confirmation_timeout_in_minutes)
    ])
    error_message = "A subscription's confirmation_timeout_in_minutes must be a whole number from 1 to 60."
  }
}
