# The settings of the functions. The root validates them.

variable "sources" {
  description = "Where webhooks come from, by name, in the form of functions/core/SOURCES.md."
  type        = any
}

variable "allow_unsigned" {
  description = "Whether sources without verification are accepted."
  type        = bool
  default     = false
}

variable "max_body_bytes" {
  description = "The largest body that is accepted, in bytes."
  type        = number
  default     = 4669440
}

variable "inline_payload_bytes" {
  description = "The largest payload that the table keeps where there is a bucket, in bytes."
  type        = number
  default     = 32768
}

variable "retention_days" {
  description = "How long a payload is kept, in days."
  type        = number
  default     = 7
}

variable "deduplication_days" {
  description = "How long a record is kept, in days."
  type        = number
  default     = 35
}

variable "answer_budget_ms" {
  description = "The longest time from a webhook's arrival to its answer, in milliseconds."
  type        = number
  default     = 2500
}

variable "max_redeliveries" {
  description = "How many times a producer that sends a failed webhook again has it processed again."
  type        = number
  default     = 3
}

variable "step_retry" {
  description = "How a durable step is tried again after a transient failure: for how long from the opening of its attempt on, the most tries, the first and the longest delay between two, the tries that may be interrupted, and how late validate or finalize has to begin to be marked."
  type = object({
    retry_seconds         = optional(number, 86400)
    max_tries             = optional(number, 1000)
    initial_delay_seconds = optional(number, 2)
    max_delay_seconds     = optional(number, 900)
    max_interrupted_tries = optional(number, 5)
    mark_after_seconds    = optional(number, 15)
  })
  default = {}
}

variable "links" {
  description = "Links in answers: the API's URL where it is not the gateway's own, and templates for the trace and the logs of a webhook, none for no link to the logs. Null leaves the default: the gateway's URL, X-Ray, Logs Insights."
  type = object({
    public_base_url    = optional(string)
    trace_url_template = optional(string)
    logs_url_template  = optional(string)
  })
  default = {}
}

variable "cors_allow_origin" {
  description = "The origin whose pages may read the answers; null for none."
  type        = string
  default     = null
}

variable "telemetry" {
  description = "How spans and metrics are exported: OpenTelemetry's environment variables that the functions read, by name."
  type        = map(string)
  default     = {}
}

variable "telemetry_variables" {
  description = "The names of all variables that telemetry has, which a handler's may not take."
  type        = list(string)
  default     = []
}

variable "reconciler" {
  description = "When the reconciler acts: the ages in seconds from which it starts a webhook that is received and asks the engine about one that is started, the attempts up to which it starts one again by itself, the records of one sweep, its starts of executions per second, and its reads of executions per second."
  type = object({
    received_age_seconds    = optional(number, 60)
    started_age_seconds     = optional(number, 300)
    max_attempts            = optional(number, 3)
    sweep_max_records       = optional(number, 20000)
    starts_per_second       = optional(number, 200)
    engine_calls_per_second = optional(number, 15)
  })
  default = {}
}
