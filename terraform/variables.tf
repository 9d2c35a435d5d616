# Identity and sizes of the deployment.

variable "name_prefix" {
  description = "The prefix of every name, including the names of durable executions. Two deployments in one account and region need two prefixes."
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
  description = "The functions' processor architecture: arm64 or x86_64. `make package` builds both."
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
  description = "The durable execution of a webhook: how long one may take, up to 31622400 seconds (null: two hours longer than its steps are tried), and how long an ended one is kept, 1 to 90 days. A name is free again after that; no record uses one twice."
  type = object({
    execution_timeout_seconds = optional(number)
    retention_days            = optional(number, 7)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.durable.execution_timeout_seconds == null ? true : var.durable.execution_timeout_seconds <= 31622400 && var.durable.execution_timeout_seconds >= var.step_retry.retry_seconds + 7200
    error_message = "durable.execution_timeout_seconds must be at least two hours longer than step_retry.retry_seconds, and at most 31622400 (366 days)."
  }

  validation {
    condition     = var.durable.retention_days >= 1 && var.durable.retention_days <= 90
    error_message = "durable.retention_days must be from 1 to 90."
  }
}
