# Who may reach the service, and what protects what it stores.

variable "stage_name" {
  description = "Name of the API's stage; the first part of every path on API Gateway's own domain."
  type        = string
  default     = "v1"

  validation {
    condition     = can(regex("^[0-9A-Za-z_-]{1,128}$", var.stage_name))
    error_message = "stage_name must be letters, digits, hyphens and underscores."
  }
}

variable "throttling" {
  description = "Requests per second and bursts: of webhooks, of producers' challenges, of statuses, and of everything else together. The durable service starts 300 executions per second and account."
  type = object({
    webhook   = optional(object({ rate = number, burst = number }), { rate = 200, burst = 400 })
    challenge = optional(object({ rate = number, burst = number }), { rate = 5, burst = 10 })
    status    = optional(object({ rate = number, burst = number }), { rate = 50, burst = 100 })
    other     = optional(object({ rate = number, burst = number }), { rate = 5, burst = 10 })
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for limits in values(var.throttling) : limits.rate > 0 && limits.burst >= 1])
    error_message = "Every throttle needs a rate above 0 and a burst of at least 1."
  }
}

variable "status_access" {
  description = "Who may read a status: public (whoever has the token), api_key, or iam."
  type        = string
  default     = "public"

  validation {
    condition     = contains(["public", "api_key", "iam"], var.status_access)
    error_message = "status_access must be public, api_key or iam."
  }
}

variable "status_api_key_ids" {
  description = "Ids of API keys that may read statuses, where status_access is api_key. The keys are made outside, so that their values are in no state."
  type        = set(string)
  default     = []
}

variable "allowed_cidrs" {
  description = "The only addresses that may call the API, by resource policy and web ACL; empty for all."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.allowed_cidrs : can(cidrhost(cidr, 0))])
    error_message = "Every element of allowed_cidrs must be an address range such as 192.0.2.0/24."
  }
}

variable "tls_policy" {
  description = "The security policy of the API and of its custom domain; the oldest TLS version is 1.2."
  type        = string
  default     = "SecurityPolicy_TLS13_1_2_2021_06"
}

variable "custom_domain" {
  description = "A domain of one's own: its name, the ARN of its certificate in this region, and the Route 53 zone where a record is to be made. API Gateway's own domain is switched off then."
  type = object({
    domain_name     = string
    certificate_arn = string
    hosted_zone_id  = optional(string)
  })
  default = null

  validation {
    condition     = var.custom_domain == null ? true : can(regex("^[0-9a-z.-]+\\.[a-z]{2,}$", var.custom_domain.domain_name))
    error_message = "custom_domain.domain_name must be a domain such as hooks.example.com."
  }

  validation {
    condition     = var.custom_domain == null ? true : can(regex("^arn:aws[a-z-]*:acm:", var.custom_domain.certificate_arn))
    error_message = "custom_domain.certificate_arn must be the ARN of an ACM certificate."
  }
}

variable "manage_account_logging_role" {
  description = "Whether to set the role with which API Gateway writes logs. It is one setting per account and region: false for a second deployment, or where another stack has set it."
  type        = bool
  default     = true
}

variable "waf" {
  description = "The web ACL: whether there is one, what each rule does (block, count or off), the rate of one address, and blocked countries."
  type = object({
    enabled = optional(bool, true)
    rules = optional(object({
      rate_per_ip       = optional(string, "block")
      ip_reputation     = optional(string, "block")
      known_bad_inputs  = optional(string, "block")
      oversize_webhooks = optional(string, "count")
      bodies_elsewhere  = optional(string, "block")
    }), {})
    rate_limit = optional(object({
      requests       = optional(number, 1000)
      window_seconds = optional(number, 300)
    }), {})
    blocked_countries = optional(list(string), [])
    redacted_headers  = optional(set(string), [])
  })
  default  = {}
  nullable = false
}

variable "kms_key_arn" {
  description = "ARN of a customer-managed key of one's own; null to make one that rotates every year. Its policy must allow what modules/key/README.md lists."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key, not an alias."
  }
}

variable "deletion_protection" {
  description = "Whether the table refuses to be deleted. Set it to false and apply before you destroy the deployment."
  type        = bool
  default     = true
}

variable "secret_recovery_window_days" {
  description = "How long the deleted secret can be brought back: 7 to 30 days, or 0 to delete it at once. Its name is taken for that time."
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
