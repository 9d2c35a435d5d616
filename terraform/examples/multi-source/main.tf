# Many producers: presets in a file that `make run` takes, too, and one source of its own.

provider "aws" {
  region = var.region
}

module "tracehook" {
  source = "../.."

  package_dir  = var.package_dir
  sources_file = "${path.module}/sources.yaml"

  sources = {
    billing = {
      verify = [{ kind = "hmac", key = "text", signature = { from = "header:x-billing-signature", encoding = "hex" } }]
      id     = ["json:/invoice/id"]
      event  = ["json:/event"]
      labels = { invoice = "json:/invoice/id" }
    }
  }

  # Each producer makes its secret, the URL is API Gateway's, and links to runbooks are relative.
  accepted_warnings = ["custom_domain", "runbooks", "secrets"]

  subscriptions = {
    pager = { severity = "page", protocol = "email", endpoint = "on-call@example.com" }
  }
}
