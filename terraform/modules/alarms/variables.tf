variable "definitions_dir" {
  description = "The directory with definitions of alarms, *.yaml. modules/alarms/README.md has their form."
  type        = string
}

variable "deployment" {
  description = "What definitions name: the prefix, the names of what is watched, and the functions and sources that get an alarm each. silent_sources are those that are expected to send all the time."
  type = object({
    prefix            = string
    region            = string
    account           = string
    runbooks_url      = string
    api               = string
    stage             = string
    table             = string
    dead_letter_queue = string
    web_acl           = string
    concurrency_quota = number
    functions = map(object({
      name       = string
      timeout_ms = number
      memory_mb  = number
    }))
    sources        = map(object({}))
    silent_sources = map(object({ silence_seconds = number }))
  })

  validation {
    condition     = alltrue([for s in values(var.deployment.silent_sources) : s.silence_seconds >= 60 && s.silence_seconds <= 604800 && s.silence_seconds % 60 == 0])
    error_message = "silence_seconds must be a multiple of 60, at most 604800 (7 days)."
  }
}

variable "kms_key_arn" {
  description = "ARN of the customer-managed key that encrypts the topics; its policy must let CloudWatch use it."
  type        = string
}

variable "subscriptions" {
  description = "Who is told, by a name of one's own: the severity (page or ticket), and an SNS protocol with its endpoint."
  type = map(object({
    severity               = string
    protocol               = string
    endpoint               = string
    endpoint_auto_confirms = optional(bool, false)
  }))
  default = {}

  validation {
    condition     = alltrue([for s in values(var.subscriptions) : contains(["page", "ticket"], s.severity)])
    error_message = "A subscription's severity must be page or ticket."
  }

  validation {
    condition     = alltrue([for s in values(var.subscriptions) : contains(["email", "email-json", "https", "lambda", "sms", "sqs"], s.protocol)])
    error_message = "A subscription's protocol must be email, email-json, https, lambda, sms or sqs."
  }
}

variable "tags" {
  description = "Tags of topics and alarms."
  type        = map(string)
  default     = {}
}
