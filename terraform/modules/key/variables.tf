variable "name_prefix" {
  description = "The deployment's name prefix; the key's alias, and part of the names of the log groups that may use it."
  type        = string
}

variable "deletion_window_days" {
  description = "How long a deleted key can be brought back, 7 to 30 days. What it encrypted is lost with it."
  type        = number
  default     = 30

  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30
    error_message = "deletion_window_days must be from 7 to 30."
  }
}

variable "tags" {
  description = "Tags of the key."
  type        = map(string)
  default     = {}
}
