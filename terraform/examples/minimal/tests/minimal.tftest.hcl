mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  package_dir = "../../tests/packages"
}

run "plans" {
  command = plan

  assert {
    condition     = module.tracehook.table_name == "tracehook-webhooks"
    error_message = "names by default"
  }
}
