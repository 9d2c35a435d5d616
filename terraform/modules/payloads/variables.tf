variable "name" {
  description = "Name of the bucket, 3 to 63 lower-case letters, digits and hyphens; no bucket of any account may have it."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 63 lower-case letters, digits and hyphens, without a hyphen at either end."
  }
}

variable "kms_key_arn" {
  description = "ARN of the customer-managed key that encrypts the objects."
  type        = string
}

variable "expire_after_days" {
  description = "The age in days from which objects are deleted."
  type        = number
}

variable "deletion_protection" {
  description = "Whether the bucket is deleted only when it is empty."
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags of the bucket."
  type        = map(string)
  default     = {}
}
