mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  package_dir = "../../tests/packages"
}

run "plans" {
  command = plan

  assert {
    condition     = keys(output.dashboard_urls) == ["alarms", "internals", "service", "sources"] && contains(output.alarm_names, "tracehook-service-unhealthy")
    error_message = "what another account needs to know"
  }
}
