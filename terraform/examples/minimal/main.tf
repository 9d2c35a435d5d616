# One GitHub source; everything else has a safe default.

provider "aws" {
  region = var.region
}

module "tracehook" {
  source = "../.."

  package_dir = var.package_dir
  sources     = { github = { preset = "github" } }

  # The secret of GitHub is put by hand, the URL is API Gateway's, links to runbooks are relative, and nobody is paged.
  accepted_warnings = ["custom_domain", "runbooks", "secrets", "subscriptions"]
}
