mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  package_dir = "../../tests/packages"
}

run "plans" {
  command = plan

  assert {
    condition     = output.secrets_to_put == toset(["billing", "github", "gitlab", "shopify", "slack", "stripe"])
    error_message = "every producer makes its secret: ${jsonencode(output.secrets_to_put)}"
  }
}
