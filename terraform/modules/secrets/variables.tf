variable "name" {
  description = "Name of the secret."
  type        = string
}

variable "kms_key_arn" {
  description = "ARN of the customer-managed key that encrypts the secret."
  type        = string
}

variable "recovery_window_days" {
  description = "How long a deleted secret can be brought back: 7 to 30 days, or 0 to delete it at once."
  type        = number
  default     = 30
}

variable "bootstrap" {
  description = "The sources whose secrets, with the token key, are the secret's first value, made at random; null for none."
  type        = object({ sources = set(string) })
  default     = null
}

variable "tags" {
  description = "Tags of the secret."
  type        = map(string)
  default     = {}
}
