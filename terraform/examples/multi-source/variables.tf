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
