variable "definitions_dir" {
  description = "The directory with definitions of alarms, *.yaml. alarms/README.md has their form."
  type        = string
}

variable "deployment" {
  description = "What definitions name: the prefix, the names of what is watched, and the functions and sources that get an alarm each. silent_sources are those that are expected to send all the time."
  type = object({
    prefix            = string
    namespace         = string
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
}

variable "detail" {
  description = "Which alarms are made: pages (what pages, and what its rules need), standard (tickets of the deployment and of a source that fails, too), full (tickets of what each source is sent, too)."
  type        = string
  default     = "full"

  validation {
    condition     = contains(["pages", "standard", "full"], var.detail)
    error_message = "detail must be pages, standard or full."
  }
}

variable "kms_key_arn" {
  description = "ARN of the customer-managed key that encrypts the topics; its policy must let CloudWatch use it."
  type        = string
}

variable "topics" {
  description = "SNS topics of your own that notify in place of this module's, by severity (page or ticket). A topic's policy must let CloudWatch's alarms of the account publish, and so must the policy of its key."
  type        = map(object({ arn = string }))
  default     = {}
  nullable    = false
}

variable "subscriptions" {
  description = "Who is notified, by any name: the severity (page or ticket), and an SNS protocol with its endpoint. An endpoint that confirms by itself has confirmation_timeout_in_minutes for it."
  type = map(object({
    severity                        = string
    protocol                        = string
    endpoint                        = string
    endpoint_auto_confirms          = optional(bool, false)
    confirmation_timeout_in_minutes = optional(number, 5)
  }))
  default = {}
}

variable "tags" {
  description = "Tags of topics and alarms."
  type        = map(string)
  default     = {}
}
