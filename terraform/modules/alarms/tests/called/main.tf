# A caller whose values are known after its apply: the module is called with depends_on, and what it names is made beside it.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.66, < 7.0"
    }
  }
}

variable "definitions_dir" {
  type = string
}

variable "deployment" {
  type = any
}

variable "kms_key_arn" {
  type = string
}

resource "terraform_data" "made_beside_it" {
  input = merge(var.deployment, { kms_key_arn = var.kms_key_arn })
}

module "alarms" {
  source = "../.."

  definitions_dir = var.definitions_dir
  kms_key_arn     = terraform_data.made_beside_it.output.kms_key_arn

  deployment = merge(var.deployment, {
    region       = terraform_data.made_beside_it.output.region
    account      = terraform_data.made_beside_it.output.account
    runbooks_url = terraform_data.made_beside_it.output.runbooks_url
    table        = terraform_data.made_beside_it.output.table
  })

  depends_on = [terraform_data.made_beside_it]
}

output "alarm_names" {
  value = module.alarms.alarm_names
}

output "alarms" {
  value = module.alarms.alarms
}
