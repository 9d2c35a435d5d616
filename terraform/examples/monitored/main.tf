# A deployment that another account watches: what that account needs to know, as outputs.

provider "aws" {
  region = var.region
}

module "tracehook" {
  source = "../.."

  package_dir = var.package_dir

  subscriptions = {
    on-call = { severity = "page", protocol = "https", endpoint = "https://pager.example.com/sns", endpoint_auto_confirms = true }
    team    = { severity = "ticket", protocol = "email", endpoint = "integrations@example.com" }
  }

  accepted_warnings = ["custom_domain", "runbooks"]
}
