mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  package_dir = "../../tests/packages"
}

run "deploys" {
  assert {
    condition     = output.webhook_endpoint == "https://api0000000.execute-api.eu-west-1.amazonaws.com/v1/webhook/github"
    error_message = "endpoint of the source"
  }
}
