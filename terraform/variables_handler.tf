# What the user's own handler needs, which runs in the processor.

variable "processor" {
  description = "What the processor's handler needs: variables (environment, no secrets in it), secrets by the variable that gets their ARN, statements and policies of its role, layers, the subnets and security groups that it runs in (vpc), and the size of /tmp. Memory, timeout and reserved concurrency are in functions."
  type = object({
    environment = optional(map(string), {})
    secrets     = optional(map(object({ arn = string, kms_key_arn = optional(string) })), {})
    policy_statements = optional(map(object({
      actions   = list(string)
      resources = list(string)
      condition = optional(map(map(list(string))), {})
    })), {})
    policy_arns          = optional(map(string), {})
    layers               = optional(list(string), [])
    vpc                  = optional(object({ subnet_ids = list(string), security_group_ids = list(string) }))
    ephemeral_storage_mb = optional(number, 512)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in concat(keys(var.processor.environment), keys(var.processor.secrets)) : can(regex("^[A-Za-z][0-9A-Za-z_]+$", name)) && !startswith(name, "AWS_") && !startswith(name, "LAMBDA_")])
    error_message = "A variable of the processor has two characters or more, begins with a letter, has letters, digits and underscores, and does not begin with AWS_ or LAMBDA_, which Lambda keeps for itself."
  }

  validation {
    condition     = length(setintersection(keys(var.processor.environment), keys(var.processor.secrets))) == 0
    error_message = "processor.environment and processor.secrets name the same variable."
  }

  validation {
    condition     = alltrue([for sid in keys(var.processor.policy_statements) : can(regex("^[0-9A-Za-z]+$", sid))])
    error_message = "The name of a statement in processor.policy_statements has letters and digits only: it is the statement's Sid."
  }

  validation {
    condition     = alltrue([for statement in values(var.processor.policy_statements) : length(statement.actions) > 0 && length(statement.resources) > 0])
    error_message = "A statement in processor.policy_statements needs actions and resources."
  }

  validation {
    condition     = var.processor.vpc == null ? true : length(var.processor.vpc.subnet_ids) > 0 && length(var.processor.vpc.security_group_ids) > 0
    error_message = "processor.vpc needs a subnet and a security group: without them the processor would run in no VPC."
  }

  validation {
    condition     = length(var.processor.layers) <= 5
    error_message = "processor.layers may have five layers: Lambda takes no more."
  }

  validation {
    condition     = var.processor.ephemeral_storage_mb >= 512 && var.processor.ephemeral_storage_mb <= 10240 && floor(var.processor.ephemeral_storage_mb) == var.processor.ephemeral_storage_mb
    error_message = "processor.ephemeral_storage_mb must be a whole number from 512 to 10240."
  }
}
