variable "region" {
  description = "The AWS region to deploy to."
  type        = string
  default     = "eu-west-1"
}

variable "package_dir" {
  description = "The directory with FUNCTION/bootstrap.zip for each function; null for what `make package` built."
  type        = string
  default     = null
}

variable "domain_name" {
  description = "The domain of the API."
  type        = string
}

variable "certificate_arn" {
  description = "ARN of the domain's certificate in this region."
  type        = string
}

variable "hosted_zone_id" {
  description = "Id of the Route 53 zone of the domain."
  type        = string
}

variable "status_api_key_ids" {
  description = "Ids of the API keys that may read statuses, by any name."
  type        = map(string)
  default     = {}
}

variable "allowed_cidrs" {
  description = "The producers' and readers' addresses."
  type        = list(string)
}

variable "kms_key" {
  description = "Your own key of this region, { arn = … }; null creates one."
  type        = object({ arn = string })
  default     = null
}
