# One GitHub source; everything else has a safe default.

provider "aws" {
  region = var.region
}

module "tracehook" {
  source = "../.."

  package_dir = var.package_dir
  sources     = { github = { preset = "github" } }
}
