# Who may reach the API.

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
    error_message = "Every throttle needs a rate above 0 and a burst of at least 1; without them one caller could use up the account's quota."
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
  description = "Ids of API keys that may read statuses, when status_access is api_key. Create the keys outside Terraform, so that no state holds their values."
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

variable "cors_allow_origin" {
  description = "The origin whose pages may read the answers, such as https://status.example.com, or *; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.cors_allow_origin == null ? true : can(regex("^(\\*|https?://[0-9A-Za-z.-]+(:[0-9]+)?)$", var.cors_allow_origin))
    error_message = "cors_allow_origin must be an origin such as https://status.example.com without a path, or *."
  }
}

variable "tls_policy" {
  description = "The security policy of the API and of its custom domain; the oldest TLS version is 1.2."
  type        = string
  default     = "SecurityPolicy_TLS13_1_2_2021_06"

  validation {
    condition     = can(regex("^(TLS_1_2|SecurityPolicy_TLS13_[0-9A-Za-z_]+)$", var.tls_policy))
    error_message = "tls_policy must be TLS_1_2 or a SecurityPolicy_TLS13_… policy; older TLS is not offered."
  }
}

variable "custom_domain" {
  description = "A custom domain: its name, the ARN of its certificate in this region, and the Route 53 zone for its record. API Gateway's own domain is then switched off."
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

variable "waf" {
  description = "The web ACL: whether there is one, what each rule does (block, count or off), the rates of one address (webhooks that carry a signature's header, and all else), and blocked countries."
  type = object({
    enabled = optional(bool, true)
    rules = optional(object({
      rate_per_ip       = optional(string, "block")
      ip_reputation     = optional(string, "block")
      known_bad_inputs  = optional(string, "block")
      oversize_webhooks = optional(string, "off")
      bodies_elsewhere  = optional(string, "block")
    }), {})
    rate_limit = optional(object({
      requests        = optional(number, 1000)
      signed_requests = optional(number, 20000)
      window_seconds  = optional(number, 300)
    }), {})
    blocked_countries = optional(list(string), [])
    redacted_headers  = optional(set(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for action in values(var.waf.rules) : contains(["block", "count", "off"], action)])
    error_message = "Every rule in waf.rules must be block, count or off."
  }

  validation {
    condition     = var.waf.rate_limit.requests >= 10 && var.waf.rate_limit.signed_requests >= 10
    error_message = "waf.rate_limit.requests and waf.rate_limit.signed_requests must be at least 10."
  }

  validation {
    condition     = contains([60, 120, 300, 600], var.waf.rate_limit.window_seconds)
    error_message = "waf.rate_limit.window_seconds must be 60, 120, 300 or 600."
  }

  validation {
    condition     = alltrue([for code in var.waf.blocked_countries : can(regex("^[A-Z]{2}$", code))])
    error_message = "Every element of waf.blocked_countries must be two capital letters."
  }

  validation {
    condition     = alltrue([for name in var.waf.redacted_headers : can(regex("^[0-9a-z_-]{1,40}$", name))])
    error_message = "Every element of waf.redacted_headers must be 1 to 40 lower-case letters, digits, hyphens and underscores."
  }
}
