variable "name_prefix" {
  description = "What the names of dashboards begin with."
  type        = string
}

variable "bodies" {
  description = "Bodies of dashboards, as JSON, by name."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for body in values(var.bodies) : can(jsondecode(body).widgets)])
    error_message = "Every body must be JSON with widgets."
  }
}
