variable "name_prefix" {
  description = "What the names of topics and alarms begin with."
  type        = string
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

variable "metric_alarms" {
  description = "Alarms by name: on one metric, or on queries of which one returns data. The severity none makes an alarm that tells nobody itself."
  type = map(object({
    severity            = string
    description         = string
    comparison_operator = string
    threshold           = number
    evaluation_periods  = optional(number, 1)
    datapoints_to_alarm = optional(number)
    treat_missing_data  = optional(string, "notBreaching")
    namespace           = optional(string)
    metric_name         = optional(string)
    dimensions          = optional(map(string))
    period_seconds      = optional(number)
    statistic           = optional(string)
    extended_statistic  = optional(string)
    queries = optional(map(object({
      label       = optional(string)
      expression  = optional(string)
      return_data = optional(bool, false)
      metric = optional(object({
        namespace      = string
        metric_name    = string
        dimensions     = optional(map(string), {})
        period_seconds = number
        statistic      = string
      }))
    })), {})
  }))
  default = {}

  validation {
    condition     = alltrue([for a in values(var.metric_alarms) : contains(["page", "ticket", "none"], a.severity)])
    error_message = "An alarm's severity must be page, ticket or none."
  }

  validation {
    condition     = alltrue([for a in values(var.metric_alarms) : (a.metric_name != null) != (length(a.queries) > 0)])
    error_message = "An alarm has either a metric_name or queries."
  }

  validation {
    condition     = alltrue([for a in values(var.metric_alarms) : length(a.queries) == 0 || length([for q in values(a.queries) : q if q.return_data]) == 1])
    error_message = "Exactly one of an alarm's queries returns data."
  }
}

variable "composite_alarms" {
  description = "Alarms on the states of other alarms, by name."
  type = map(object({
    severity    = string
    description = string
    rule        = string
  }))
  default = {}

  validation {
    condition     = alltrue([for a in values(var.composite_alarms) : contains(["page", "ticket", "none"], a.severity)])
    error_message = "An alarm's severity must be page, ticket or none."
  }
}

variable "tags" {
  description = "Tags of topics and alarms."
  type        = map(string)
  default     = {}
}
