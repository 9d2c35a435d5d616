variable "name_prefix" {
  description = "What every name begins with, durable executions' included. Two deployments in one account and region need two prefixes."
  type        = string
  default     = "tracehook"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,19}$", var.name_prefix))
    error_message = "name_prefix must be 2 to 20 lower-case letters, digits and hyphens, beginning with a letter: execution names have 64 characters, of which the token and the attempt need 44."
  }
}

variable "tags" {
  description = "Tags of everything that takes tags."
  type        = map(string)
  default     = {}
}

variable "architecture" {
  description = "The processors to run on: arm64 or x86_64. `make package` builds both."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be arm64 or x86_64."
  }
}

variable "package_dir" {
  description = "The directory with FUNCTION/bootstrap.zip for each function; null for what `make package` built for the architecture."
  type        = string
  default     = null
}

variable "functions" {
  description = "Sizes of functions that differ from the defaults, by validator, processor, status and reconciler. reserved_concurrency -1 reserves nothing."
  type = map(object({
    memory_mb            = optional(number)
    timeout_seconds      = optional(number)
    reserved_concurrency = optional(number)
  }))
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.functions), ["validator", "processor", "status", "reconciler"])) == 0
    error_message = "functions may have validator, processor, status and reconciler, and nothing else."
  }

  validation {
    condition     = alltrue([for f in values(var.functions) : f.memory_mb == null ? true : f.memory_mb >= 128 && f.memory_mb <= 10240])
    error_message = "functions: memory_mb must be from 128 to 10240."
  }

  validation {
    condition     = alltrue([for name, f in var.functions : f.timeout_seconds == null ? true : f.timeout_seconds >= 1 && f.timeout_seconds <= (contains(["validator", "status"], name) ? 28 : 900)])
    error_message = "functions: timeout_seconds must be from 1 to 900, and at most 28 for validator and status: API Gateway waits for 29."
  }

  validation {
    condition     = alltrue([for f in values(var.functions) : f.reserved_concurrency == null ? true : f.reserved_concurrency >= -1])
    error_message = "functions: reserved_concurrency must be -1 for none, or at least 0; 0 stops the function."
  }
}

variable "durable" {
  description = "The durable execution of a webhook: how long one may take, 1 to 31622400 seconds, and how long an ended one is kept, 1 to 90 days. A name is free again after that."
  type = object({
    execution_timeout_seconds = optional(number, 3600)
    retention_days            = optional(number, 7)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.durable.execution_timeout_seconds >= 1 && var.durable.execution_timeout_seconds <= 31622400
    error_message = "durable.execution_timeout_seconds must be from 1 to 31622400 (366 days)."
  }

  validation {
    condition     = var.durable.retention_days >= 1 && var.durable.retention_days <= 90
    error_message = "durable.retention_days must be from 1 to 90."
  }
}

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

variable "alarms_dir" {
  description = "The directory with definitions of alarms (*.yaml); null for the project's own."
  type        = string
  default     = null
}

variable "dashboards_dir" {
  description = "The directory with definitions of dashboards (*.yaml) and saved queries (queries/*.yaml); null for the project's own."
  type        = string
  default     = null
}

variable "runbooks_url" {
  description = "Where alarms/runbooks is to be read, for the links in alarms and dashboards; /NAME.md follows."
  type        = string
  default     = "alarms/runbooks"
}

variable "concurrency_quota" {
  description = "Concurrent invocations that the account may have in the region; an alarm warns at 90 %. A new account has fewer than the default."
  type        = number
  default     = 1000

  validation {
    condition     = var.concurrency_quota >= 1
    error_message = "concurrency_quota must be at least 1."
  }
}

variable "silence_seconds" {
  description = "Sources that are expected to send all the time, by name: how long one may be silent before somebody is told, a multiple of 60 up to 604800."
  type        = map(number)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.silence_seconds), keys(var.sources))) == 0
    error_message = "silence_seconds must name sources."
  }

  validation {
    condition     = alltrue([for seconds in values(var.silence_seconds) : seconds >= 60 && seconds <= 604800 && seconds % 60 == 0])
    error_message = "silence_seconds must be multiples of 60 from 60 to 604800 (7 days)."
  }
}

variable "subscriptions" {
  description = "Who is told of alarms, by a name of one's own: the severity (page or ticket), and an SNS protocol with its endpoint."
  type = map(object({
    severity               = string
    protocol               = string
    endpoint               = string
    endpoint_auto_confirms = optional(bool, false)
  }))
  default = {}

  validation {
    condition     = alltrue([for s in values(var.subscriptions) : contains(["page", "ticket"], s.severity)])
    error_message = "A subscription's severity must be page or ticket."
  }
}
