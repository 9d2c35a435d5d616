# What protects stored data and limits roles.

variable "kms_key" {
  description = "Your own customer-managed key of this region, { arn = … }; null creates one that rotates every year. The key's policy must allow what modules/key/README.md lists."
  type        = object({ arn = string })
  default     = null

  validation {
    condition     = var.kms_key == null ? true : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key.arn))
    error_message = "kms_key.arn must be the ARN of a key, not an alias."
  }

  validation {
    condition     = var.kms_key == null ? true : try(split(":", var.kms_key.arn)[3], "") == data.aws_region.current.region
    error_message = "kms_key.arn must be of the region of the deployment; of a multi-Region key take the replica's ARN."
  }
}

variable "retired_key_arns" {
  description = "ARNs of keys that were used before kms_key, by any name: what they encrypted stays readable, executions that still run on an older version among it. Keep a retired key until the last log, backup and execution of its time is gone."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for arn in values(var.retired_key_arns) : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", arn))])
    error_message = "Each of retired_key_arns must be the ARN of a key, not an alias."
  }
}

variable "deletion_protection" {
  description = "Whether the table, and a bucket that is not empty, refuse to be deleted. Set it to false and apply before you destroy the deployment."
  type        = bool
  default     = true
  nullable    = false
}

variable "secret_recovery_window_days" {
  description = "How long a deleted secret can be restored: 7 to 30 days, or 0 to delete it at once. Its name stays in use for that time. A destroy takes the value of the last apply."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.secret_recovery_window_days == 0 || (var.secret_recovery_window_days >= 7 && var.secret_recovery_window_days <= 30 && floor(var.secret_recovery_window_days) == var.secret_recovery_window_days)
    error_message = "secret_recovery_window_days must be 0, or a whole number from 7 to 30."
  }
}

variable "bootstrap_secret" {
  description = "Whether the first apply writes the secret's first value: the token key, and a secret for each source of the preset hmac-sha256, at random. No state and no plan holds it, and a value that is put later is never replaced. The secrets of other sources are put by the operator."
  type        = bool
  default     = true
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "ARN of a permissions boundary for every role; null for none."
  type        = string
  default     = null
}

variable "manage_account_logging_role" {
  description = "Whether to set the role with which API Gateway writes logs. It is one setting per account and region: false for a second deployment, or where another stack has set it. To hand it over, see terraform/README.md: false alone takes it away from all APIs of the region."
  type        = bool
  default     = true
  nullable    = false
}
