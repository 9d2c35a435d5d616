variable "name" {
  description = "Name of the web ACL."
  type        = string
}

variable "stage_arn" {
  description = "ARN of the API's stage that the web ACL protects."
  type        = string
}

variable "kms_key_arn" {
  description = "ARN of the customer-managed key that encrypts the log."
  type        = string
}

variable "log_retention_days" {
  description = "How long the log is kept, in days."
  type        = number
  default     = 30
}

variable "rules" {
  description = "What each rule does: block, count or off. known_bad_inputs and ip_reputation are groups of AWS; oversize_webhooks are bodies larger than the web ACL inspects; bodies_elsewhere are bodies on other paths."
  type = object({
    rate_per_ip       = optional(string, "block")
    ip_reputation     = optional(string, "block")
    known_bad_inputs  = optional(string, "block")
    oversize_webhooks = optional(string, "count")
    bodies_elsewhere  = optional(string, "block")
  })
  default = {}

  validation {
    condition     = alltrue([for action in values(var.rules) : contains(["block", "count", "off"], action)])
    error_message = "Every rule must be block, count or off."
  }
}

variable "rate_limit" {
  description = "How many requests one address may send within a window of 60, 120, 300 or 600 seconds."
  type = object({
    requests       = optional(number, 1000)
    window_seconds = optional(number, 300)
  })
  default = {}

  validation {
    condition     = var.rate_limit.requests >= 10
    error_message = "rate_limit.requests must be at least 10."
  }

  validation {
    condition     = contains([60, 120, 300, 600], var.rate_limit.window_seconds)
    error_message = "rate_limit.window_seconds must be 60, 120, 300 or 600."
  }
}

variable "counted_body_rules" {
  description = "The rules of AWSManagedRulesKnownBadInputsRuleSet that read bodies; on webhook paths they only count."
  type        = set(string)
  default     = ["JavaDeserializationRCE_BODY", "Log4JRCE_BODY", "ReactJSRCE_BODY"]
}

variable "allowed_cidrs" {
  description = "The only addresses that may call the API; empty for all."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.allowed_cidrs : can(cidrhost(cidr, 0))])
    error_message = "Every element of allowed_cidrs must be an address range such as 192.0.2.0/24."
  }
}

variable "blocked_countries" {
  description = "Countries whose addresses may not call the API, as ISO 3166 codes of two letters."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for code in var.blocked_countries : can(regex("^[A-Z]{2}$", code))])
    error_message = "Every element of blocked_countries must be two capital letters."
  }
}

variable "redacted_headers" {
  description = "Headers that are left out of the log besides the signatures of known producers and credentials, in lower case."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.redacted_headers : can(regex("^[0-9a-z_-]{1,40}$", name))])
    error_message = "Every element of redacted_headers must be 1 to 40 lower-case letters, digits, hyphens and underscores."
  }
}

variable "tags" {
  description = "Tags of everything that takes tags."
  type        = map(string)
  default     = {}
}
