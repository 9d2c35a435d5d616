variable "name" {
  description = "Name of the web ACL."
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
    rate_per_source   = optional(string, "block")
    ip_reputation     = optional(string, "block")
    known_bad_inputs  = optional(string, "block")
    oversize_webhooks = optional(string, "off")
    bodies_elsewhere  = optional(string, "block")
  })
  default = {}
}

variable "rate_limit" {
  description = "How many requests one address may send within a window of 60, 120, 300 or 600 seconds: webhooks with one of signature_headers (signed_requests), and all others (requests); and how many webhooks one source may get in it (source_requests)."
  type = object({
    requests        = optional(number, 1000)
    signed_requests = optional(number, 20000)
    source_requests = optional(number, 48000)
    window_seconds  = optional(number, 300)
  })
  default = {}
}

variable "signature_headers" {
  description = "Headers that carry a signature or a credential, of all sources. The log leaves them out, credentials first, as far as it can: 98 headers."
  type        = set(string)
  default     = []
}

variable "credential_headers" {
  description = "Those of signature_headers whose value is the secret itself, in lower case."
  type        = set(string)
  default     = []
}

variable "proofs_elsewhere" {
  description = "The sources that take unsigned webhooks, or some whose signature is not in a header: all webhooks on their paths count as signed ones."
  type        = set(string)
  default     = []
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
}

variable "blocked_cidrs" {
  description = "Addresses that may not call the API."
  type        = list(string)
  default     = []
}

variable "blocked_countries" {
  description = "Countries whose addresses may not call the API, as ISO 3166 codes of two letters."
  type        = list(string)
  default     = []
}

variable "redacted_headers" {
  description = "Headers that are left out of the log besides the signatures and credentials of the sources, in lower case."
  type        = set(string)
  default     = []
}

variable "tags" {
  description = "Tags of everything that takes tags."
  type        = map(string)
  default     = {}
}
