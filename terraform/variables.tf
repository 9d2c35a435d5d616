# Identity and sizes of the deployment.

variable "name_prefix" {
  description = "The prefix of every name, including the names of durable executions. Two deployments in one account and region need two prefixes. It never changes: another prefix is another deployment, and to change it destroys this one with all records."
  type        = string
  default     = "tracehook"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,19}$", var.name_prefix))
    error_message = "name_prefix must be 2 to 20 lower-case letters, digits and hyphens, beginning with a letter: execution names have 64 characters, of which the token and the attempt need 44."
  }
}

variable "tags" {
  description = "Tags of everything that takes tags. `application` and `deployment` are added where neither these nor the provider's default_tags have them."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(distinct([for key in keys(var.tags) : lower(key)])) == length(var.tags)
    error_message = "Two keys of tags may not differ in case alone: IAM refuses them."
  }

  validation {
    condition     = !anytrue([for key in keys(var.tags) : startswith(lower(key), "aws:")])
    error_message = "A key of tags may not begin with aws:, which AWS keeps for itself."
  }

  validation {
    condition     = alltrue([for key in keys(var.tags) : !contains([for other in keys(data.aws_default_tags.current.tags) : lower(other) if other != key], lower(key))])
    error_message = "A key of tags may not differ in case alone from one of the provider's default_tags: IAM refuses both together."
  }
}

variable "architecture" {
  description = "The functions' processor architecture: arm64 or x86_64. `make package` builds both."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be arm64 or x86_64."
  }
}

variable "package_dir" {
  description = "The directory with FUNCTION/bootstrap.zip for each function; null for what `make package` built for the architecture. Another path of the same packages publishes every function anew: keep it relative."
  type        = string
  default     = null
}

variable "package_bucket" {
  description = "A bucket of the deployment's region that has the packages of `make release` in place of package_dir: its name, what comes before ARCHITECTURE/FUNCTION/bootstrap.zip in the names of its objects, and the text of the release's SHA256SUMS, by which a change is found and what Lambda got is checked."
  type        = object({ name = string, prefix = optional(string, ""), sha256sums = string })
  default     = null

  validation {
    condition     = var.package_bucket == null ? true : alltrue([for name in ["validator", "processor", "status", "reconciler"] : can(regex("(?m)^[0-9a-f]{64} [ *](\\./)?${var.architecture}/${name}/bootstrap\\.zip$", var.package_bucket.sha256sums))])
    error_message = "package_bucket.sha256sums must be the text of a release's SHA256SUMS, with a line for each function's package of the architecture, and lines that end as Unix ends them."
  }

  validation {
    condition     = var.package_bucket == null ? true : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.package_bucket.name))
    error_message = "package_bucket.name must be the name of a bucket, without s3:// and slashes."
  }

  validation {
    condition     = var.package_bucket == null ? true : can(regex("^([^/].*/)?$", var.package_bucket.prefix))
    error_message = "package_bucket.prefix must end with a slash and not begin with one, or be empty."
  }
}

variable "functions" {
  description = "Sizes of functions that differ from the defaults, by validator, processor, status and reconciler. reserved_concurrency -1 reserves nothing."
  type = map(object({
    memory_mb            = optional(number)
    timeout_seconds      = optional(number)
    reserved_concurrency = optional(number)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for f in values(var.functions) : f != null])
    error_message = "No entry of functions may be null; leave it out."
  }

  validation {
    condition     = length(setsubtract(keys(var.functions), ["validator", "processor", "status", "reconciler"])) == 0
    error_message = "functions may have validator, processor, status and reconciler, and nothing else."
  }

  validation {
    condition     = alltrue([for f in values(var.functions) : try(f.memory_mb, null) == null ? true : f.memory_mb >= 128 && f.memory_mb <= 10240 && floor(f.memory_mb) == f.memory_mb])
    error_message = "functions: memory_mb must be a whole number from 128 to 10240."
  }

  validation {
    condition     = alltrue([for name, f in var.functions : try(f.timeout_seconds, null) == null ? true : f.timeout_seconds >= 1 && f.timeout_seconds <= (contains(["validator", "status"], name) ? 28 : 900) && floor(f.timeout_seconds) == f.timeout_seconds])
    error_message = "functions: timeout_seconds must be a whole number from 1 to 900, and at most 28 for validator and status: API Gateway waits for 29."
  }

  validation {
    condition     = alltrue([for f in values(var.functions) : try(f.reserved_concurrency, null) == null ? true : f.reserved_concurrency >= -1 && floor(f.reserved_concurrency) == f.reserved_concurrency])
    error_message = "functions: reserved_concurrency must be -1 for none, or a whole number from 0 on; 0 stops the function."
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
    condition     = var.durable.execution_timeout_seconds == null ? true : var.durable.execution_timeout_seconds <= 31622400 && var.durable.execution_timeout_seconds >= var.step_retry.retry_seconds + 7200 && floor(var.durable.execution_timeout_seconds) == var.durable.execution_timeout_seconds
    error_message = "durable.execution_timeout_seconds must be a whole number, at least two hours longer than step_retry.retry_seconds, and at most 31622400 (366 days)."
  }

  validation {
    condition     = var.durable.retention_days >= 1 && var.durable.retention_days <= 90 && floor(var.durable.retention_days) == var.durable.retention_days
    error_message = "durable.retention_days must be a whole number from 1 to 90."
  }
}

variable "accepted_warnings" {
  description = "Warnings that you know and that a plan then leaves out: custom_domain (the URL is API Gateway's), runbooks (their links are relative), secrets (of some sources are put by hand), subscriptions (nobody is paged)."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.accepted_warnings, ["custom_domain", "runbooks", "secrets", "subscriptions"])) == 0
    error_message = "accepted_warnings may hold custom_domain, runbooks, secrets and subscriptions."
  }
}
