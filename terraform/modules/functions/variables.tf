variable "name_prefix" {
  description = "What every function's name begins with; also what the names of durable executions begin with."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,20}$", var.name_prefix))
    error_message = "name_prefix must be 1 to 20 letters, digits, hyphens and underscores: execution names have 64 characters, of which the token and the attempt need 44."
  }
}

variable "functions" {
  description = "The functions to deploy and their sizes: validator, processor and status always, reconciler where it is built. reserved_concurrency -1 reserves nothing."
  type = map(object({
    memory_mb            = number
    timeout_seconds      = number
    reserved_concurrency = number
  }))

  validation {
    condition = (
      length(setsubtract(["validator", "processor", "status"], keys(var.functions))) == 0 &&
      length(setsubtract(keys(var.functions), ["validator", "processor", "status", "reconciler"])) == 0
    )
    error_message = "functions must have validator, processor and status, may have reconciler, and nothing else."
  }

  validation {
    condition     = alltrue([for f in values(var.functions) : f.memory_mb >= 128 && f.memory_mb <= 10240])
    error_message = "memory_mb must be from 128 to 10240."
  }

  validation {
    condition     = alltrue([for f in values(var.functions) : f.timeout_seconds >= 1 && f.timeout_seconds <= 900])
    error_message = "timeout_seconds must be from 1 to 900."
  }

  validation {
    condition     = alltrue([for f in values(var.functions) : f.reserved_concurrency >= -1])
    error_message = "reserved_concurrency must be -1 for none, or at least 0; 0 stops the function."
  }
}

variable "package_dir" {
  description = "The directory with FUNCTION/bootstrap.zip for each function."
  type        = string
}

variable "architecture" {
  description = "The processors that the packages are built for: arm64 or x86_64."
  type        = string

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be arm64 or x86_64."
  }
}

variable "durable" {
  description = "The durable execution of a webhook: how long one may take, 1 to 31622400 seconds, and how long an ended one is kept, 1 to 90 days."
  type = object({
    execution_timeout_seconds = optional(number, 3600)
    retention_days            = optional(number, 7)
  })
  default = {}

  validation {
    condition     = var.durable.execution_timeout_seconds >= 1 && var.durable.execution_timeout_seconds <= 31622400
    error_message = "durable.execution_timeout_seconds must be from 1 to 31622400 (366 days)."
  }

  validation {
    condition     = var.durable.retention_days >= 1 && var.durable.retention_days <= 90
    error_message = "durable.retention_days must be from 1 to 90."
  }
}

variable "kms_key_arn" {
  description = "ARN of the customer-managed key that encrypts variables and logs, and that table, secret and queue are encrypted with."
  type        = string
}

variable "table" {
  description = "The table of the records, and its index of open webhooks."
  type = object({
    name           = string
    arn            = string
    open_index_arn = string
  })
}

variable "secret_arn" {
  description = "ARN of the secret with the token key and the sources' secrets."
  type        = string
}

variable "dead_letter_queue_arn" {
  description = "ARN of the queue that takes what the processor could not be started with."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "ARN of a permissions boundary for the functions' roles; null for none."
  type        = string
  default     = null
}

variable "logs" {
  description = "How much the functions log, and for how many days it is kept."
  type = object({
    level          = optional(string, "info")
    retention_days = optional(number, 30)
  })
  default = {}

  validation {
    condition     = contains(["error", "warn", "info", "debug", "trace"], var.logs.level)
    error_message = "logs.level must be error, warn, info, debug or trace."
  }
}

variable "tags" {
  description = "Tags of everything that takes tags."
  type        = map(string)
  default     = {}
}
