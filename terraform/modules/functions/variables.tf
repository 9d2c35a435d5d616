variable "name_prefix" {
  description = "What every function's name begins with; also what the names of durable executions begin with."
  type        = string
}

variable "region" {
  description = "The region, for the names of roles, which are global."
  type        = string
}

variable "functions" {
  description = "The functions to deploy and their sizes: validator, processor and status always, reconciler where it is built. reserved_concurrency -1 reserves nothing."
  type = map(object({
    memory_mb            = number
    timeout_seconds      = number
    reserved_concurrency = number
  }))
}

variable "package_dir" {
  description = "The directory with FUNCTION/bootstrap.zip for each function."
  type        = string
}

variable "package_bucket" {
  description = "A bucket that has the packages in place of package_dir: its name, what comes before ARCHITECTURE/FUNCTION/bootstrap.zip in the names of its objects, and the text of the release's SHA256SUMS."
  type        = object({ name = string, prefix = optional(string, ""), sha256sums = string })
  default     = null
}

variable "architecture" {
  description = "The processors that the packages are built for: arm64 or x86_64."
  type        = string
}

variable "durable" {
  description = "The durable execution of a webhook: how long one may take, 1 to 31622400 seconds, and how long an ended one is kept, 1 to 90 days."
  type = object({
    execution_timeout_seconds = optional(number, 93600)
    retention_days            = optional(number, 7)
  })
  default = {}
}

variable "kms_key_arn" {
  description = "ARN of the customer-managed key that encrypts variables and logs, and that table, bucket, secret and queue are encrypted with."
  type        = string
}

variable "retired_key_arns" {
  description = "ARNs of keys that were used before, by any name."
  type        = map(string)
  default     = {}
}

variable "processor" {
  description = "What the user's own handler needs: variables, secrets by the variable that gets their ARN, statements and policies of the role, layers, subnets and security groups, and the size of /tmp."
  type = object({
    environment = optional(map(string), {})
    secrets     = optional(map(object({ arn = string, kms_key_arn = optional(string) })), {})
    policy_statements = optional(map(object({
      actions   = list(string)
      resources = list(string)
      condition = optional(map(map(list(string))), {})
    })), {})
    policy_arns          = optional(map(string), {})
    layers               = optional(list(string), [])
    vpc                  = optional(object({ subnet_ids = list(string), security_group_ids = list(string) }))
    ephemeral_storage_mb = optional(number, 512)
  })
  default = {}
}

variable "table" {
  description = "The table of the records, and its index of open webhooks."
  type = object({
    name           = string
    arn            = string
    open_index_arn = string
  })
}

variable "payloads" {
  description = "The bucket of large payloads; null where the table keeps all of them."
  type = object({
    name = string
    arn  = string
  })
  default = null
}

variable "secret_arn" {
  description = "ARN of the secret with the token key and the sources' secrets."
  type        = string
}

variable "dead_letter_queue_arn" {
  description = "ARN of the queue that takes the inputs of executions that were dropped or ended badly, and events that the reconciler failed to handle."
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
}

variable "tags" {
  description = "Tags of everything that takes tags."
  type        = map(string)
  default     = {}
}
