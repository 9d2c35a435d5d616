mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  package_dir = "../../tests/packages"
}

run "plans" {
  command = plan

  # What AWS says after the apply.
  override_resource {
    target          = module.tracehook.module.alarms.aws_sns_topic_subscription.this
    override_during = plan
    values          = { pending_confirmation = false }
  }

  assert {
    condition     = keys(output.dashboard_urls) == ["alarms", "internals", "service", "sources"] && contains(output.alarm_names, "tracehook-service-unhealthy")
    error_message = "what another account needs to know"
  }
}
