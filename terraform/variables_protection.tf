# What protects stored data and limits roles.

variable "kms_key_arn" {
  description = "ARN of your own customer-managed key; null creates one that rotates every year. The key's policy must allow what modules/key/README.md lists."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key, not an alias."
  }
}

variable "deletion_protection" {
  description = "Whether the table, and a bucket that is not empty, refuse to be deleted. Set it to false and apply before you destroy the deployment."
  type        = bool
  default     = true
}

variable "secret_recovery_window_days" {
  description = "How long a deleted secret can be restored: 7 to 30 days, or 0 to delete it at once. Its name stays in use for that time."
  type        = number
  default     = 30

  validation {
    condition     = var.secret_recovery_window_days == 0 || (var.secret_recovery_window_days >= 7 && var.secret_recovery_window_days <= 30)
    error_message = "secret_recovery_window_days must be 0, or from 7 to 30."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of a permissions boundary for every role; null for none."
  type        = string
  default     = null
}

variable "manage_account_logging_role" {
  description = "Whether to set the role with which API Gateway writes logs. It is one setting per account and region: false for a second deployment, or where another stack has set it."
  type        = bool
  default     = true
}
