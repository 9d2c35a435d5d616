variable "transaction_search" {
  description = "Whether X-Ray keeps the spans of all workloads in the account and region as logs (Transaction Search). X-Ray's OTLP endpoint takes no span without it."
  type        = bool
  default     = true
}

variable "indexed_percent" {
  description = "The share of spans that X-Ray indexes as trace summaries, 0 to 100 %. All spans can be searched; 1 % is free."
  type        = number
  default     = 1

  validation {
    condition     = var.indexed_percent >= 0 && var.indexed_percent <= 100
    error_message = "indexed_percent must be from 0 to 100."
  }
}

variable "api_gateway_logs" {
  description = "Whether the role with which API Gateway writes logs is made here; every deployment in the region then sets manage_account_logging_role = false."
  type        = bool
  default     = false
}

variable "permissions_boundary_arn" {
  description = "ARN of a permissions boundary for the role; null for none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything that takes tags."
  type        = map(string)
  default     = {}
}
