# A caller whose values are known after its apply.

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

variable "alarms" {
  type = any
}

resource "terraform_data" "made_beside_it" {
  input = { deployment = var.deployment, alarms = var.alarms }
}

module "dashboards" {
  source = "../.."
  region = "eu-west-1"

  definitions_dir = var.definitions_dir
  alarms          = { for name, alarm in var.alarms : name => merge(alarm, { title = terraform_data.made_beside_it.output.alarms[name].title }) }

  deployment = merge(var.deployment, {
    region  = terraform_data.made_beside_it.output.deployment.region
    account = terraform_data.made_beside_it.output.deployment.account
  })

  depends_on = [terraform_data.made_beside_it]
}

output "query_names" {
  value = module.dashboards.query_names
}
