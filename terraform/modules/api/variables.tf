variable "name" {
  description = "Name of the API."
  type        = string
}

variable "partition" {
  description = "The partition of AWS, for the ARN of a policy."
  type        = string
}

variable "region" {
  description = "The region, for the name of the logging role: roles are global."
  type        = string
}

variable "stage_name" {
  description = "Name of the stage; the first part of every path on API Gateway's own domain."
  type        = string
  default     = "v1"
}

variable "functions" {
  description = "The functions that answer: validator and status, each with name, alias, alias ARN, ARN to invoke and timeout."
  type = map(object({
    name            = string
    alias           = string
    alias_arn       = string
    invoke_arn      = string
    timeout_seconds = number
  }))

  validation {
    condition     = toset(keys(var.functions)) == toset(["status", "validator"])
    error_message = "functions must be validator and status."
  }
}

variable "kms_key_arn" {
  description = "ARN of the customer-managed key that encrypts the logs."
  type        = string
}

variable "throttling" {
  description = "Requests per second and bursts: of webhooks, of producers' challenges, of statuses, and of everything else together."
  type = object({
    webhook   = optional(object({ rate = number, burst = number }), { rate = 200, burst = 400 })
    challenge = optional(object({ rate = number, burst = number }), { rate = 5, burst = 10 })
    status    = optional(object({ rate = number, burst = number }), { rate = 50, burst = 100 })
    other     = optional(object({ rate = number, burst = number }), { rate = 5, burst = 10 })
  })
  default = {}
}

variable "status_access" {
  description = "Who may read a status: public (whoever has the token), api_key, or iam."
  type        = string
  default     = "public"
}

variable "status_api_key_ids" {
  description = "Ids of API keys that may read statuses, where status_access is api_key, by any name."
  type        = map(string)
  default     = {}
}

variable "status_daily_quota" {
  description = "How many statuses one API key may read in a day."
  type        = number
  default     = 100000

  validation {
    condition     = var.status_daily_quota >= 1
    error_message = "status_daily_quota must be at least 1."
  }
}

variable "allowed_cidrs" {
  description = "The only addresses that may call the API, by its resource policy; empty for all."
  type        = list(string)
  default     = []
}

variable "cors_allow_origin" {
  description = "The origin whose pages may read the answers; null for none."
  type        = string
  default     = null
}

variable "tls_policy" {
  description = "The security policy of the API and of its custom domain; the oldest TLS version is 1.2."
  type        = string
  default     = "SecurityPolicy_TLS13_1_2_2021_06"
}

variable "custom_domain" {
  description = "A custom domain: its name, the ARN of its certificate in this region, the Route 53 zone for its record, and the truststore in S3 of the authorities whose clients alone may connect (mutual TLS)."
  type = object({
    domain_name        = string
    certificate_arn    = string
    hosted_zone        = optional(object({ id = string }))
    truststore_uri     = optional(string)
    truststore_version = optional(string)
  })
  default = null
}

variable "default_endpoint" {
  description = "Whether the API is reached at API Gateway's own domain."
  type        = bool
  default     = true
}

variable "manage_account_logging_role" {
  description = "Whether to set the role with which API Gateway writes logs. It is one setting per account and region: false where another stack has set it."
  type        = bool
  default     = true
}

variable "permissions_boundary_arn" {
  description = "ARN of a permissions boundary for the logging role; null for none."
  type        = string
  default     = null
}

variable "xray_tracing" {
  description = "Whether API Gateway sends its own segments to X-Ray. They hold whole URLs, a status's token among them, and the caller decides which are kept."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "How long access and execution logs are kept, in days."
  type        = number
  default     = 30
}

variable "tags" {
  description = "Tags of everything that takes tags."
  type        = map(string)
  default     = {}
}
