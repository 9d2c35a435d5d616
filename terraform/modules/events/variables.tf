variable "name_prefix" {
  description = "What the names of queue and rules begin with."
  type        = string
}

variable "kms_key_arn" {
  description = "ARN of the customer-managed key that encrypts the queue."
  type        = string
}

variable "reconciler" {
  description = "The reconciler's name, alias and alias ARN, and the ARN of the processor that it watches; null while none is deployed."
  type = object({
    name          = string
    alias         = string
    alias_arn     = string
    processor_arn = string
  })
  default = null
}

variable "visibility_timeout_seconds" {
  description = "How long a message that the reconciler has taken is hidden from its next try: at least as long as the function may run, and better six times of it."
  type        = number
  default     = 480
}

variable "sweep_schedule" {
  description = "How often the reconciler looks for webhooks that were not started: a rate or cron expression."
  type        = string
  default     = "rate(1 minute)"

  validation {
    condition     = can(regex("^(rate|cron)\\(.+\\)$", var.sweep_schedule))
    error_message = "sweep_schedule must be rate(…) or cron(…)."
  }
}

variable "tags" {
  description = "Tags of queue and rules."
  type        = map(string)
  default     = {}
}
